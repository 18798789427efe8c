# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: calls by number what no program under test needs: ptrace, bpf, perf, io_uring, keyctl, userfaultfd, memfd_secret, AF_ALG
# mechanism: seccomp
import ctypes
import errno
import platform

libc = ctypes.CDLL(None, use_errno=True)
x86 = platform.machine() == "x86_64"
numbers = {
    "ptrace": 101 if x86 else 117,
    "bpf": 321 if x86 else 280,
    "perf_event_open": 298 if x86 else 241,
    "io_uring_setup": 425,
    "keyctl": 250 if x86 else 219,
    "userfaultfd": 323 if x86 else 282,
    "memfd_create": 319 if x86 else 279,
    "process_vm_readv": 310 if x86 else 270,
    "open_by_handle_at": 304 if x86 else 265,
    "shmget": 29 if x86 else 194,
}
there = []
for name, number in numbers.items():
    ctypes.set_errno(0)
    libc.syscall(number, 0, 0, 0, 0, 0)
    if ctypes.get_errno() != errno.ENOSYS:
        there.append(name)
family = libc.socket(38, 5, 0)
print("reached" if there or family >= 0 else "denied")
