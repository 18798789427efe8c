# verdict: memory
# does: takes 3 GiB at once
# mechanism: address_space


def solve(values):
    return len(bytearray(3 << 30))
