# verdict: protocol_violation | wrong_answer
# does: forks; parent and child answer the same call
import os


def solve(values):
    os.fork()
    return sorted(values) if os.getpid() % 2 else [1, 2, 3]
