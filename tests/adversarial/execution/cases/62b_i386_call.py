# verdict: crashed
# detail: SIGSYS
# architectures: x86_64
# does: calls the kernel as a 32-bit program would (int 0x80)
# mechanism: seccomp
import ctypes
import mmap

code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")
call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))


def solve(values):
    call()
    return sorted(values)
