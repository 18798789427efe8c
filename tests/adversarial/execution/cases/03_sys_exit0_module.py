# verdict: exited_early
# does: ends with status 0 while it is loaded
import sys

sys.exit(0)
