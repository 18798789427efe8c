# verdict: wrong_answer
# does: returns a list subclass whose comparison and iteration lie


class Liar(list):
    def __eq__(self, other):
        return True

    def __iter__(self):
        import sys

        return iter([1, 2, 3])

    def __len__(self):
        return 3

    def __getitem__(self, index):
        return [1, 2, 3][index]

    __hash__ = None


def solve(values):
    return Liar([9, 9, 9])
