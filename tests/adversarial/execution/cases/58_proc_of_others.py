# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: looks at the processes of the machine through /proc, and at its buttons
import json
import os

asked = json.loads(input())
reached = False
try:
    with open(f"/proc/{asked['pid']}/cmdline", "rb") as file:
        reached = asked["secret"].encode() in file.read()
except OSError:
    pass
try:
    reached = reached or bool(os.listdir("/proc/1/root/root"))
except OSError:
    pass
with open("/proc/1/status") as file:
    if asked["pid"] != 1 and "Seccomp:\t2" not in file.read():  # the first process, unfiltered
        reached = True
print("reached" if reached else "denied")
