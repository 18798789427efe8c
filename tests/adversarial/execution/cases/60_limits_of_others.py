# verdict: passed
# kind: stdio
# tests: denied
# controls: bare
# does: changes limits and priorities of a process outside
import json
import os
import resource

asked = json.loads(input())
reached = False
for change in (
    lambda: resource.prlimit(asked["pid"], resource.RLIMIT_CORE),
    lambda: os.setpriority(os.PRIO_PROCESS, asked["pid"], 19),
    lambda: os.sched_setaffinity(asked["pid"], {0}),
):
    try:
        change()
        reached = True
    except OSError:
        continue
print("reached" if reached else "denied")
