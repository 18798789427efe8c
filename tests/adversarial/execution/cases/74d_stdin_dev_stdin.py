# verdict: passed
# kind: stdio
# tests: lines
# does: reads /dev/stdin
with open("/dev/stdin") as file:
    print("\n".join(file.read().split()))
