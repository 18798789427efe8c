"""What commands read and write: programs, text, UTF-8 output, notes on stderr."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from lintseq_core.errors import LintSeqError
from lintseq_core.programs import Program, extract_definition


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


def write_utf8() -> None:
    """Write data as UTF-8 with "\\n" whatever the locale says: other programs read it."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")


def note(text: str) -> None:
    """A remark to the user that is no part of the output."""
    print(f"lintseq: note: {text}", file=sys.stderr)
