# verdict: timeout_cpu
# limits: {cpu_s: 0.5}
# does: writes a number of a million digits in decimal
import sys

sys.set_int_max_str_digits(0)


def solve(values):
    return len(str(7**2_500_000))
