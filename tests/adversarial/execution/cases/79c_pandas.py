# verdict: passed
# packages: [pandas]
# kind: in_process
# limits: {cpu_s: 10.0}
# does: sorts with pandas
import pandas as pd


def solve(values):
    return pd.Series(values, dtype=int).sort_values().tolist()
