# verdict: wrong_answer | exited_early | exception
# does: has a class that says it is int
class Meta(type):
    def __hash__(cls):
        return hash(int)

    def __eq__(cls, other):
        return True

    __flags__ = 0


class Liar(metaclass=Meta):
    def __eq__(self, other):
        return type(other) is int

    __hash__ = object.__hash__


def solve(values):
    return [Liar() for _ in values]
