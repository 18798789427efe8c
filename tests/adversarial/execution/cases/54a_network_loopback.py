# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: connects to a server on this machine, by name and by number
import json
import socket

asked = json.loads(input())
reached = False
for host in ("127.0.0.1", "localhost", "0.0.0.0"):
    try:
        with socket.create_connection((host, asked["port"]), timeout=1):
            reached = True
    except OSError:
        continue
print("reached" if reached else "denied")
