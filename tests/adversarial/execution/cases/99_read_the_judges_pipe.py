# verdict: exited_early | protocol_violation | timeout_wall | wrong_answer
# limits: {cpu_s: 1.0, wall_s: 2.0}
# does: reads requests before its server can, to see what comes
import os

import threading


def spy():
    for descriptor in range(3, 256):
        try:
            data = os.read(descriptor, 1 << 16)
            os.write(descriptor, data)
        except OSError:
            continue


threading.Thread(target=spy, daemon=True).start()


def solve(values):
    return None
