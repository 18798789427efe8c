# verdict: passed
# kind: stdio
# tests: denied
# controls: none
# does: raises its own limits again
import resource

reached = False
for name in ("AS", "CPU", "FSIZE", "NOFILE", "CORE", "STACK"):
    number = getattr(resource, f"RLIMIT_{name}")
    hard = resource.getrlimit(number)[1]
    try:
        resource.setrlimit(number, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        reached = True
    except (OSError, ValueError):
        pass
    try:
        resource.setrlimit(number, (hard + 1, hard + 1))
        reached = True
    except (OSError, ValueError):
        continue
print("reached" if reached else "denied")
