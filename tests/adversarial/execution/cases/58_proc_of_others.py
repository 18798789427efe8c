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
    reached = reached or not os.path.samefile("/proc/1/root/", "/")
except OSError:
    pass
try:
    with open("/proc/1/status") as file:  # the first process, if it is not filtered
        reached = reached or "Seccomp:\t2" not in file.read()
except OSError:
    pass
print("reached" if reached else "denied")
