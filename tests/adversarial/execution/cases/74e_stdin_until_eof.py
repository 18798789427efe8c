# verdict: passed
# kind: stdio
# tests: lines
# does: calls input() until there is no more
while True:
    try:
        print(input().strip())
    except EOFError:
        break
