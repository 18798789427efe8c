# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: connects to an abstract socket, one in a folder, X11, D-Bus and Docker
import json
import socket

asked = json.loads(input())
reached = False
for place in (
    "\0" + asked["abstract"],
    asked["socket"],
    "/tmp/.X11-unix/X0",
    "\0/tmp/.X11-unix/X0",
    "/run/dbus/system_bus_socket",
    "/var/run/docker.sock",
    "/run/systemd/private",
):
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            client.connect(place)
            reached = True
    except OSError:
        continue
print("reached" if reached else "denied")
