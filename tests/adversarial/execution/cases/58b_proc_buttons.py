# verdict: passed
# kind: stdio
# tests: denied
# controls: none
# does: opens the kernel's buttons for writing
import os

reached = False
for path in (
    "/proc/sysrq-trigger",
    "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/vm/drop_caches",
    "/proc/irq/default_smp_affinity",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/fs/binfmt_misc/register",
    "/sys/power/state",
):
    try:
        with open(path, "r+b"):
            reached = True
    except OSError:
        continue
for path in ("/dev/null", "/dev/zero", "/proc/sys/kernel/core_pattern"):
    try:
        os.chmod(path, os.stat(path).st_mode & 0o777)
        reached = True
    except OSError:
        continue
print("reached" if reached else "denied")
