# verdict: passed
# kind: stdio
# tests: denied
# controls: none
# does: looks for a place to write outside its folder: the root, the library, /dev, /proc
import os

found = []
for place in (
    "/",
    "/dev",
    "/proc",
    "/lintseq",
    os.path.dirname(os.__file__),
    "/lib",
    "/etc",
    "/var/tmp",
):
    try:
        with open(os.path.join(place, "written_here"), "wb") as file:
            file.write(b"x")
        found.append(place)
    except OSError:
        continue
with open("/proc/self/mountinfo") as file:
    for line in file:
        place, rights = line.split()[4:6]
        if not rights.startswith("ro") and place != "/proc" and place[:4] not in ("/box", "/dev"):
            found.append(place)
print("reached" if found else "denied")
