# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: looks for a secret in its environment and that of every process it sees
import glob
import json
import os

asked = json.loads(input())
seen = repr(os.environ)
for path in glob.glob("/proc/*/environ"):
    try:
        with open(path, "rb") as file:
            seen += repr(file.read())
    except OSError:
        continue
print("reached" if asked["secret"] in seen else "denied")
