# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: sends a datagram to a socket on this machine
import json
import socket

asked = json.loads(input())
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"x", ("127.0.0.1", asked["udp_port"]))
    print("reached")
except OSError:
    print("denied")
