# verdict: passed
# does: sorts with a pool of two processes
import multiprocessing


def double(value):
    return value * 2


def solve(values):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return sorted(value // 2 for value in pool.map(double, values))
