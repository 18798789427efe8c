# verdict: passed
# does: sets an alarm, logs, warns, uses temporary files
import logging
import signal
import tempfile
import warnings

logging.basicConfig(level=logging.DEBUG)


def solve(values):
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.pause()
    warnings.warn("careful", stacklevel=1)
    logging.info("sorting")
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.NamedTemporaryFile("w+", dir=folder) as file,
    ):
        file.write(" ".join(map(str, values)))
        file.seek(0)
        return sorted(map(int, file.read().split()))
