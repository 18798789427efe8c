# verdict: exception | passed | memory | timeout_wall | timeout_cpu
# does: keeps memory in socket buffers, which no limit of a process counts
import socket


def solve(values):
    kept = []
    for _ in range(110):
        one, other = socket.socketpair()
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
        try:
            while True:
                one.send(bytes(1 << 16))
        except BlockingIOError:
            kept.append((one, other))
    return sorted(values)
