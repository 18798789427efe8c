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
print("reached" if found else "denied")
