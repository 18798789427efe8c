# verdict: passed
# kind: stdio
# tests: denied
# controls: none
# does: changes the standard library, the interpreter and its own harness
import os
import sys

reached = False
for path in (
    os.__file__,
    sys.executable,
    os.path.join(os.path.dirname(os.__file__), "__pycache__", "os.cpython-311.pyc"),
    "/lintseq/child.pyc",
    "/lintseq/judge.pyc",
):
    try:
        with open(path, "ab"):
            reached = True
    except OSError:
        continue
    try:
        os.remove(path)
        reached = True
    except OSError:
        continue
print("reached" if reached else "denied")
