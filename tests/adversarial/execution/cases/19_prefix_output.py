# verdict: wrong_answer
# kind: stdio
# tests: lines
# does: prints the first correct line and no more
print(int(input()) * 1)
