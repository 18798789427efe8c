# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: compares its namespaces, session, host name and limits with those outside
# mechanism: user pid net ipc uts cgroup session
import json
import os
import resource

asked = json.loads(input())
same = [
    name
    for name, link in asked["namespaces"].items()
    if os.readlink(f"/proc/self/ns/{name}") == link
]
if os.getuid() in (0, asked["uid"]):
    same.append("user")
if os.getsid(0) in (0, asked["session"]):
    same.append("session")
for name, value in asked["limits"].items():
    number = getattr(resource, f"RLIMIT_{name}")
    soft, hard = resource.getrlimit(number)
    if not 0 <= soft <= value or not 0 <= hard <= value + 1:
        same.append(name)
print("reached" if same else "denied")
