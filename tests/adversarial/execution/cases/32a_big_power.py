# verdict: timeout_cpu
# limits: {cpu_s: 0.5}
# does: computes in C, without looking at signals


def solve(values):
    return pow(3, 10**8) % 7
