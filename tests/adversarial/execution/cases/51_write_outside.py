# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: writes to a folder outside, by three roads
import _io
import json
import os
import posix

asked = json.loads(input())
target = asked["folder"]
reached = False
for number, opener in enumerate(
    (
        open,
        _io.open,
        lambda path, mode: (
            posix.fdopen(posix.open(path, posix.O_CREAT | posix.O_WRONLY), mode)
            if hasattr(posix, "fdopen")
            else os.fdopen(posix.open(path, posix.O_CREAT | posix.O_WRONLY), mode)
        ),
    )
):
    try:
        with opener(os.path.join(target, f"written{number}"), "w") as file:
            file.write("x")
        reached = True
    except OSError:
        continue
print("reached" if reached else "denied")
