# verdict: exception
# does: raises an error that raises another when it is asked for its number
class Silent(Exception):
    @property
    def errno(self):
        raise SystemExit


def solve(values):
    raise Silent
