# verdict: timeout_cpu
# limits: {cpu_s: 0.5}
# does: switches off every timer it may have
import signal

for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
    signal.setitimer(timer, 0)
signal.alarm(0)


def solve(values):
    while True:
        pass
