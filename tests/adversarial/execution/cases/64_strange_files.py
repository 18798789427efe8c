# verdict: passed
# kind: stdio
# tests: denied
# controls: none
# does: leaves links out of the box, pipes and loops named like results
import os

for name, target in (
    ("solution.py", "/etc/passwd"),
    ("result.json", "/root"),
    ("loop", "loop"),
    ("output", "/proc/1/root"),
):
    try:
        if os.path.lexists(name):
            os.remove(name)
        os.symlink(target, name)
    except OSError:
        continue
for name in ("stdout", "report", "verdict"):
    try:
        os.mkfifo(name)
    except OSError:
        continue
print("denied")
