# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: signals a process outside, by number and by descriptor
import json
import os
import signal

asked = json.loads(input())
reached = False
try:
    os.kill(asked["pid"], signal.SIGUSR1)
    with open(f"/proc/{asked['pid']}/stat", "rb") as file:
        reached = file.read().rpartition(b")")[2].split()[19].decode() == asked["start"]
except OSError:
    pass
print("reached" if reached else "denied")
