# verdict: passed
# kind: stdio
# tests: environment
# does: lists its environment: nothing but what execution.backends.ENVIRONMENT names
import os

print(" ".join(sorted(os.environ)))
