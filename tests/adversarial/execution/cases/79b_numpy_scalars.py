# verdict: passed
# packages: [numpy]
# limits: {cpu_s: 4.0}
# does: returns numpy's integers in a list
import numpy as np


def solve(values):
    return list(np.sort(np.array(values, dtype=np.int64)))
