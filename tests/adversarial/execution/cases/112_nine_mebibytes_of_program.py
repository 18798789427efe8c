# verdict: memory
# detail: the program is too large to be run
# generate: "'x = 1\\n' * 1600000 + 'def solve(values):\\n    return sorted(values)\\n'"
# does: is a right program of more than 9 MiB
