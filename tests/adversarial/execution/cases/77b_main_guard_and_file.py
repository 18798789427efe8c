# verdict: passed
# does: has a main guard that would fail, and reads its own text
import inspect
from pathlib import Path


def solve(values):
    assert "def solve" in Path(__file__).read_text()
    assert inspect.getsource(solve).startswith("def solve")
    return sorted(values)


if __name__ == "__main__":
    raise SystemExit("not meant to be run")
