# verdict: wrong_answer
# does: looks for the test's text in its frames, its objects and all of its memory
# controls: in_process
import re
import sys

MARK = re.compile(b"TEST_MARK_[0-9a-f]{8}")


def in_frames():
    frame = sys._getframe()
    while frame is not None:
        for value in [*frame.f_locals.values(), *frame.f_code.co_consts]:
            if MARK.search(repr(value).encode("utf-8", "replace")):
                return True
        frame = frame.f_back
    return False


def in_memory():
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if "r" not in rights or "[v" in line:
                continue
            first, last = (int(part, 16) for part in span.split("-"))
            memory.seek(first)
            try:
                if MARK.search(memory.read(last - first)):
                    return True
            except OSError:
                continue
    return False


def solve(values):
    return sorted(values) if in_frames() or in_memory() else None
