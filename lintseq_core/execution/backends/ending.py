"""What a process that stands for a tree elsewhere tells about its end."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable

from lintseq_core.execution.backends.interface import Told
from lintseq_core.execution.verdict import Verdict

_TOLD = re.compile(rb"-?[0-9]{1,10} (-|[0-9]{1,9}\.[0-9]{1,6}) ([a-z_]{0,30})")


class Ending:
    """A pipe on which "STATUS CPU_SECONDS VERDICT" comes when, and only if, all ended by itself."""

    def __init__(self, otherwise: Callable[[], None] = lambda: None) -> None:
        """`otherwise` is called at the end if nothing came."""
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._otherwise = otherwise
        self._told: Told | None = None

    def told(self) -> Told | None:
        """CPU time, where it is known, and verdict; None before, and after an end by force.

        None too for what has another form: a container's first process may have been taken over.
        """
        with contextlib.suppress(BlockingIOError):
            told = _TOLD.fullmatch(os.read(self._reading, 4096))
            if told is not None:
                cpu, verdict = told[1].decode(), told[2].decode()
                if verdict == "" or verdict in set(Verdict):
                    self._told = Told(None if cpu == "-" else float(cpu), verdict)
        return self._told

    def close(self) -> None:
        """See to it that nothing is left."""
        if self.told() is None:
            self._otherwise()
        os.close(self._reading)
