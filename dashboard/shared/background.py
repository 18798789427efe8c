"""Work that goes on while a page is shown: one piece of a kind at a time, and it can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from lintseq_core import LintSeqError

_lock = threading.Lock()
_running: dict[str, Job] = {}


class Job:
    """A piece of work in a thread of its own; what it has come to can be read at any time."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.stop = threading.Event()
        self.done, self.of = 0, 0
        self.is_over = False
        self.error: str | None = None
        self.result: Any = None
        self.events: list[Any] = []
        """Appended to by the work, never changed."""

    def _run(self, work: Callable[[Job], None]) -> None:
        try:
            work(self)
        except LintSeqError as error:
            self.error = str(error)
        except Exception as error:  # a page says it; a thread would only print it
            self.error = f"{type(error).__name__}: {error}"
        finally:
            self.is_over = True
            with _lock:
                _running.pop(self.kind, None)


def start(kind: str, work: Callable[[Job], None]) -> Job | None:
    """The job, begun; None where one of that kind is running, of this page or another."""
    job = Job(kind)
    with _lock:
        if kind in _running:
            return None
        _running[kind] = job
    threading.Thread(target=job._run, args=(work,), name=kind, daemon=True).start()
    return job


def is_busy(kind: str) -> bool:
    """Whether a job of that kind runs on this server."""
    return kind in _running
