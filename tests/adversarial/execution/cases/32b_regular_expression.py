# verdict: timeout_cpu
# limits: {cpu_s: 0.5}
# does: matches a pattern that takes exponential time
import re


def solve(values):
    return re.match(r"(a*)*b", "a" * 60)
