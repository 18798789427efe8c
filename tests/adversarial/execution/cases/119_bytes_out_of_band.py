# verdict: exited_early | timeout_wall | timeout_cpu | protocol_violation | wrong_answer
# limits: {wall_s: 4.0}
# max_s: 15.0
# does: sends bytes out of band, which wake a reader that then finds nothing
import os
import socket
import time


def solve(values):
    for descriptor in range(3, 256):
        try:
            end = socket.socket(fileno=os.dup(descriptor))
            end.send(b"x", socket.MSG_OOB)
        except OSError:
            continue
    time.sleep(100)
