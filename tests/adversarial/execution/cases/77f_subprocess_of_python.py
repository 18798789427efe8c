# verdict: passed
# does: starts Python once more
import subprocess
import sys


def solve(values):
    text = f"print(*sorted({values!r}))"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return [int(part) for part in done.stdout.split()]
