# verdict: passed
# kind: stdio
# tests: denied
# controls: none
# does: asks for an address outside
import socket

socket.setdefaulttimeout(1)
try:
    socket.getaddrinfo("example.org", 80)
    print("reached")
except OSError:
    print("denied")
