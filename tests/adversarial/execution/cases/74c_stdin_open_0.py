# verdict: passed
# kind: stdio
# tests: lines
# does: reads open(0)
print("\n".join(open(0).read().split()))
