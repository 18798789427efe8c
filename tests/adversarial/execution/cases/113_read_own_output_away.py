# verdict: exception | timeout_wall
# limits: {wall_s: 4.0}
# max_s: 15.0
# does: reads its own output away, between the look at it and the read; an ordinary user's harness would wait for ever
import fcntl
import os
import struct
import termios
import time


def left(descriptor):
    return struct.unpack("i", fcntl.ioctl(descriptor, termios.FIONREAD, b"\0\0\0\0"))[0]


def solve(values):
    out = os.open("/proc/self/fd/1", os.O_RDWR | os.O_NONBLOCK)
    err = os.open("/proc/self/fd/2", os.O_RDWR | os.O_NONBLOCK)
    for turn in range(100_000):
        os.write(out, b"x")
        end = time.perf_counter() + (turn % 60) * 2e-6
        while time.perf_counter() < end:
            pass
        try:
            os.read(out, 1)
        except BlockingIOError:
            pass
        time.sleep(0.001)
        os.write(err, b"y")  # a harness that waits for our output does not read this
        time.sleep(0.01)
        if left(err):
            time.sleep(0.3)
            if left(err):
                time.sleep(100_000)
