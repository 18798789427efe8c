# verdict: timeout_cpu
# limits: {cpu_s: 0.5}
# max_s: 2.5
# does: computes for ever


def solve(values):
    while True:
        pass
