# verdict: timeout_cpu
# limits: {cpu_s: 0.5}
# does: catches whatever would end it


def solve(values):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue
