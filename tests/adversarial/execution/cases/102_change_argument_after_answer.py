# verdict: wrong_answer
# tests: in_place
# does: returns first and sorts the argument later, from a thread
import threading
import time


def solve(values):
    threading.Timer(0.05, values.sort).start()
