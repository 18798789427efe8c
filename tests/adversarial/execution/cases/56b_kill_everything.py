# verdict: passed | crashed | exited_early
# kind: stdio
# tests: denied
# controls: none
# does: kills all it may: every process, every group, by every number
import os
import signal

for target in (-1, 0):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        os.kill(target, signal.SIGTERM)
    except OSError:
        pass
for number in range(3, 5000):
    if number != os.getpid():
        try:
            os.kill(number, signal.SIGKILL)
        except OSError:
            continue
print("denied")
