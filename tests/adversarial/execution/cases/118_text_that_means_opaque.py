# verdict: exception
# does: raises an error whose name is what the harness says of values that cannot cross
def solve(values):
    raise type("no data", (Exception,), {})("a result: list")
