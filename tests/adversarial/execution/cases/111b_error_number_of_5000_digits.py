# verdict: exception
# does: raises an error whose number Python itself refuses to write
def solve(values):
    error = OSError(1, "many digits")
    error.errno = 10**5000
    raise error
