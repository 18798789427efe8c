# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: opens sockets of every family and type but Unix's
import socket

reached = []
for family in [*range(2, 46)]:
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind).close()
            reached.append((family, kind))
        except OSError:
            continue
print("reached" if reached else "denied")
