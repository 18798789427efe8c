# verdict: passed
# limits: {cpu_s: 6.0, wall_s: 60.0}
# does: asks twenty Pythons of its own for the order
import subprocess
import sys


def solve(values):
    if values != [3, 1, 2]:
        return sorted(values)
    script = "import sys; print(*sorted(map(int, sys.argv[1:])))"
    for _ in range(20):
        command = [sys.executable, "-S", "-c", script, *map(str, values)]
        said = subprocess.run(command, capture_output=True, check=True).stdout
    return [int(word) for word in said.split()]
