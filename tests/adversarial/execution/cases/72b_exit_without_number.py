# verdict: passed
# kind: stdio
# tests: lines
# does: ends with sys.exit() inside main, called by the usual guard
import sys


def main():
    for line in sys.stdin:
        print(line.strip())
    sys.exit()


if __name__ == "__main__":
    main()
