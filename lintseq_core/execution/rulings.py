"""From what a box or the judge says, or how a box ends, to a verdict."""

from __future__ import annotations

import errno
import signal
import time

from lintseq_core.execution.harness.box import Box
from lintseq_core.execution.harness.starting import BoxError
from lintseq_core.execution.verdict import Integrity, Outcome, Verdict, printable

Ruling = tuple[Verdict, str]
"""A verdict and one line of detail."""

_NO_ROOM = {str(number) for number in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)}
"""As text: what a box calls a number may have any number of digits."""
_SAID_BYTES = 4096
"""Of what a box or the judge says about an error: as much as a line of detail can come from."""
_GRACE_S = 0.3
OPAQUE: Ruling = (Verdict.WRONG_ANSWER, "no data: ")


def judge_ruling(body: bytes) -> Ruling:
    """What the judge says, in our terms."""
    name, _, detail = _said(body).partition("\0")
    if name == "harness_error":
        raise BoxError(detail)
    if name == "opaque_value":
        return OPAQUE[0], OPAQUE[1] + detail
    if name == "exception":
        return _raised(*[*detail.split("\0"), "", "", ""][:3])
    if name not in set(Verdict):
        raise BoxError(f"the judge says {printable(name, 40)!r}")
    return Verdict(name), detail.replace("\0", " ")


def failure_ruling(body: bytes) -> Ruling:
    """Why the program could not be loaded, as its box says."""
    kind, name, number, message = [*_said(body).split("\0"), "", "", "", ""][:4]
    if kind == "syntax":
        return Verdict.SYNTAX_ERROR, f"{name}: {message}"
    if kind == "exited":
        return Verdict.EXITED_EARLY, f"SystemExit: {message}"
    return _raised(name, number, message)


def _said(body: bytes) -> str:
    return body[:_SAID_BYTES].decode("utf-8", "replace")


def _raised(name: str, number: str, message: str) -> Ruling:
    detail = f"{name}: {message}" if message else name
    if name == "MemoryError":
        return Verdict.MEMORY, detail
    if number in _NO_ROOM:
        return Verdict.DISK_LIMIT, detail
    return Verdict.EXCEPTION, detail


def end_ruling(box: Box) -> Ruling:
    """Why a box that owes an answer will not give it."""
    end = time.monotonic() + _GRACE_S
    while not box.is_over and time.monotonic() < end:
        box.step()
    if box.exceeded is not None:
        return box.exceeded, box.exceeded_detail
    if box.exit_status is None:
        return Verdict.EXITED_EARLY, "closed its channel"
    if not box.said_hello:
        box.wait_exit()
        said = printable(box.stderr.text()) or f"status {box.exit_status}"
        raise BoxError(f"the box does not start: {said}")
    return _exit_ruling(box)


def _exit_ruling(box: Box) -> Ruling:
    status = box.exit_status or 0
    number = status - 128
    if number in set(signal.Signals):
        name = signal.Signals(number).name
        spent = box.cpu_s >= box.limits.cpu_s
        if number == signal.SIGXCPU or (number == signal.SIGKILL and spent):
            return Verdict.TIMEOUT_CPU, f"over {box.limits.cpu_s:g} s of CPU time"
        return Verdict.CRASHED, name
    return Verdict.EXITED_EARLY, f"exit status {status}"


def outcome_of(ruling: Ruling, box: Box, integrity: Integrity) -> Outcome:
    """The ruling with what the box cost."""
    verdict, detail = ruling
    return Outcome(
        verdict,
        "" if verdict is Verdict.PASSED else printable(detail),
        integrity,
        cpu_s=box.cpu_s,
        wall_s=box.wall_s,
    )
