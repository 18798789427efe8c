# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: makes namespaces and mounts with unshare, clone, setns, mount, pivot_root, chroot
# mechanism: seccomp
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def in_child(attempt):
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if attempt() == 0 else 1)
        except BaseException:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


reached = [
    in_child(lambda flag=flag: libc.unshare(flag))
    for flag in (
        0x10000000,
        0x00020000,
        0x40000000,
        0x20000000,
        0x08000000,
        0x04000000,
        0x02000000,
        0x10020000,
    )
]
if os.path.isdir("/lintseq"):  # never outside a box: root's control run would change the machine
    descriptor = os.open("/proc/self/ns/net", os.O_RDONLY)
    reached += [
        in_child(lambda: libc.mount(b"none", b"/box", b"tmpfs", 0, None)),
        in_child(lambda: libc.umount2(b"/proc", 2)),
        in_child(lambda: libc.syscall(155, b"/box", b"/box")),
        in_child(lambda: libc.chroot(b"/box")),
        in_child(lambda: libc.setns(descriptor, 0)),
    ]
print("reached" if any(reached) else "denied")
