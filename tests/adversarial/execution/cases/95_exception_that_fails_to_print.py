# verdict: exception
# does: raises an exception whose text raises


class Broken(BaseException):
    def __str__(self):
        raise SystemExit(0)


def solve(values):
    raise Broken
