# verdict: passed
# kind: stdio
# tests: lines
# does: runs in a thread with a stack of 256 MiB and recurses 100,000 deep, as contest programs do
import sys
import threading

sys.setrecursionlimit(1 << 20)
threading.stack_size(256 << 20)


def depth(number):
    return 0 if number == 0 else 1 + depth(number - 1)


def main():
    assert depth(100_000) == 100_000
    for _ in range(3):
        print(int(input()) * 1)


thread = threading.Thread(target=main)
thread.start()
thread.join()
