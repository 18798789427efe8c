# verdict: passed
# packages: [numpy]
# limits: {cpu_s: 4.0}
# does: sorts with numpy
import numpy as np


def solve(values):
    return [int(value) for value in np.sort(np.array(values, dtype=int))]
