"""What a process that stands for a tree elsewhere tells about its end."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from lintseq_core.execution.backends.interface import Told


class Ending:
    """A pipe on which "STATUS CPU_SECONDS VERDICT" comes when, and only if, all ended by itself."""

    def __init__(self, otherwise: Callable[[], None] = lambda: None) -> None:
        """`otherwise` is called at the end if nothing came."""
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        self._otherwise = otherwise
        self._told: Told | None = None

    def told(self) -> Told | None:
        """CPU time, where it is known, and verdict; None before, and after an end by force."""
        with contextlib.suppress(BlockingIOError):
            words = os.read(self._reading, 4096).decode("ascii", "replace").split(" ")
            if len(words) == 3:
                self._told = Told(None if words[1] == "-" else float(words[1]), words[2])
        return self._told

    def close(self) -> None:
        """See to it that nothing is left."""
        if self.told() is None:
            self._otherwise()
        os.close(self._reading)
