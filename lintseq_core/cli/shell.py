"""Where a command meets the shell.

Files and standard input, UTF-8 output, notes and progress on stderr, exit codes.
"""

from __future__ import annotations

import inspect
import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from lintseq_core.errors import LintSeqError
from lintseq_core.programs import Program, extract_definition

# exit codes
CHECK_FAILED = 1
BAD_USAGE = 2
BAD_INPUT = 3
LINTER_FAILED = 4
INTERRUPTED = 130

ALLOW_VARIABLE = "LINTSEQ_ALLOW_EXECUTION"
"""Set to 1, it allows what --allow-execution does."""

T = TypeVar("T")


def read_program(file: str, definition: str | None = None) -> Program:
    """The program in `file` ("-": standard input), or one definition of it."""
    data = read_bytes(file)
    program = Program.from_bytes(data, shown_name(file))
    if definition is not None:
        return extract_definition(program, definition)
    if dropped := data[: len(data) - len(data.lstrip())].count(b"\n"):
        note(f"{dropped} blank line(s) at the start left out: line 1 is the first with text")
    return program


def shown_name(file: str) -> str:
    """What messages call `file`."""
    return "<stdin>" if file == "-" else file


def read_bytes(file: str) -> bytes:
    """The bytes of `file`, or of standard input for "-"."""
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()


def read_text(file: str) -> str:
    """The UTF-8 text of `file` with "\\n" line ends."""
    data = read_bytes(file)
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        name = shown_name(file)
        raise LintSeqError(f"{name}, line {line}: not UTF-8; convert the file to UTF-8") from None


def is_allowed(allow_execution: bool) -> bool:
    """Whether programs may be run: by the option, or by the variable."""
    return allow_execution or os.environ.get(ALLOW_VARIABLE) == "1"


def write_utf8() -> None:
    """Write data as UTF-8 with "\\n" whatever the locale says: other programs read it."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")


def note(text: str) -> None:
    """A remark to the user that is no part of the output."""
    print(f"lintseq: note: {text}", file=sys.stderr)


def help_of(command: Callable[..., None]) -> str:
    """The docstring of `command`, a paragraph a line: typer keeps the breaks of its source."""
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    return "\n\n".join(
        one if one.startswith("\b") else " ".join(one.split("\n")) for one in paragraphs
    )


class Progress:
    """Says on stderr how far a command is, once it has run for a second; leaves nothing behind.

    One line rewritten in a terminal, plain lines now and then elsewhere.
    """

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
