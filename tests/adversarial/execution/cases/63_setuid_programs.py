# verdict: passed
# kind: stdio
# tests: denied
# controls: none
# does: looks for programs that run as somebody else, and for capabilities of its own
import os
import subprocess

reached = False
for path in (
    "/bin/su",
    "/usr/bin/su",
    "/usr/bin/mount",
    "/usr/bin/sudo",
    "/bin/ping",
    "/usr/bin/passwd",
    "/bin/sh",
    "/usr/bin/env",
):
    try:
        subprocess.run([path, "--version"], capture_output=True, timeout=2, check=False)
        reached = True
    except (OSError, subprocess.TimeoutExpired):
        continue
with open("/proc/self/status") as file:
    status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
for name in ("CapPrm", "CapEff", "CapAmb"):  # no_new_privs makes the others idle
    reached = reached or int(status[name], 16) != 0
reached = reached or status["NoNewPrivs"].strip() != "1" or os.getuid() == 0
for change in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setgroups([0])):
    try:
        change()
        reached = True
    except OSError:
        continue
print("reached" if reached else "denied")
