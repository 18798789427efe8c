# verdict: crashed | exited_early
# does: exits with the status that a shell gives to a killed program
import os


def solve(values):
    os._exit(137)
