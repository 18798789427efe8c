# verdict: passed
# kind: stdio
# tests: denied
# controls: none
# does: types into a terminal, reads the kernel's log, opens devices, makes one
import fcntl
import os
import stat

reached = False
for path in (
    "/dev/tty",
    "/dev/console",
    "/dev/kmsg",
    "/dev/kvm",
    "/dev/mem",
    "/dev/vda",
    "/dev/sda",
    "/dev/ptmx",
    "/dev/fuse",
):
    try:
        os.close(os.open(path, os.O_RDWR))
        reached = True
    except OSError:
        continue
for descriptor in range(3):
    try:
        fcntl.ioctl(descriptor, 0x5412, b"x")
        reached = True
    except OSError:
        continue
try:
    os.mknod("device", 0o600 | stat.S_IFBLK, os.makedev(254, 0))
    reached = True
except OSError:
    pass
print("reached" if reached else "denied")
