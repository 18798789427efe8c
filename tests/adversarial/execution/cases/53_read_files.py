# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: reads the password file, the checkout, the data set, home folders
import json
import os

asked = json.loads(input())
reached = []
for path in (
    "/etc/passwd",
    "/etc/shadow",
    "/etc/hostname",
    asked["checkout"],
    asked["data"],
    asked["canary"],
    "/root/.ssh",
    "/root/.cache",
    "/home",
    "/var/log",
    "/usr/bin",
    "/sys/kernel",
):
    try:
        if os.path.isdir(path):
            reached += os.listdir(path)
        else:
            with open(path, "rb") as file:
                reached.append(file.read(1))
    except OSError:
        continue
print("reached" if reached else "denied")
