# verdict: timeout_cpu
# limits: {cpu_s: 0.5}
# max_s: 4.0
# does: computes for ever


def solve(values):
    while True:
        pass
