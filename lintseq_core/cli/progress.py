"""Progress on stderr: one line rewritten in a terminal, plain lines now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from types import TracebackType
from typing import TypeVar

T = TypeVar("T")


class Progress:
    """Says how far a command is, once it has run for a second; leaves nothing behind."""

    def __init__(self) -> None:
        self._rewrites = sys.stderr.isatty()
        self._next = time.monotonic() + 1.0
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._width:
            sys.stderr.write(f"\r{' ' * self._width}\r")

    def show(self, text: str) -> None:
        """Show `text`, if it is time to."""
        now = time.monotonic()
        if now < self._next:
            return
        if self._rewrites:
            sys.stderr.write(f"\r{text.ljust(self._width)}")
            self._width = len(text)
            self._next = now + 0.1
        else:
            sys.stderr.write(f"{text}\n")
            self._next = now + 10.0
        sys.stderr.flush()

    def through(self, items: Iterator[T], words: str) -> Iterator[T]:
        """`items` as they are, shown as "3 `words`" on their way."""
        for number, item in enumerate(items, start=1):
            self.show(f"{number:,} {words}")
            yield item
