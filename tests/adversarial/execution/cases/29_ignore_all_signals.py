# verdict: timeout_cpu
# limits: {cpu_s: 0.5}
# does: ignores every signal that can be ignored, raises its limits, then computes
import resource
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        continue
try:
    resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
except (OSError, ValueError):
    pass


def solve(values):
    while True:
        pass
