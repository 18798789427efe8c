"""python inspect_short.py LOG SHORT: the log without its events, and without paths in its errors."""

import re
import sys

from inspect_ai.log import read_eval_log, write_eval_log

log = read_eval_log(sys.argv[1])
for sample in log.samples or ():
    sample.events, sample.attachments, sample.events_data = [], {}, None
    if sample.error is not None:
        sample.error.traceback = re.sub(r'File "[^"]*/', 'File "', sample.error.traceback)
        sample.error.traceback_ansi = ""
write_eval_log(log, sys.argv[2])
