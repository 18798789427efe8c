"""ruff as a process of its own: syntax errors, undefined names, statements that cannot run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

from lintseq_core.errors import LinterFailure, LinterUnavailable
from lintseq_core.linting.blame import without_line_numbers
from lintseq_core.linting.finding import Finding
from lintseq_core.linting.syntax_linter import syntax_finding

_SELECT = "E9,F63,F7,F82"
_TIMEOUT_S = 60.0

_RULE = re.compile(r"[A-Z]+\d+")
_NAME_CODES = ("F821", "F822", "F823")  # undefined name, export, local
_BACKQUOTED = re.compile(r"`([^`]*)`")

# Here ruff points at what follows; CPython's message for the same fault leads to the line at fault.
_BLAMED_ABOVE = {
    "Expected an indented block after": "expected an indented block after",
    "Expected `except` or `finally`": "expected 'except' or 'finally'",
}


class RuffLinter:
    """Rules E9, F63, F7 and F82 for the running Python; `noqa` comments are not obeyed.

    A source with syntax errors has one finding, the first: ruff reads on after it, and what it
    then reports is mostly about lines that are in order. One process, some 10 ms, for each source.
    """

    name = "ruff"

    def __init__(self) -> None:
        try:
            from ruff.__main__ import find_ruff_bin

            program = os.fspath(find_ruff_bin())
        except (ImportError, FileNotFoundError) as error:
            raise LinterUnavailable(
                "linter 'ruff' is not installed: pip install 'lintseq-core[ruff]'"
            ) from error
        python = f"py{sys.version_info.major}{sys.version_info.minor}"
        self._command = (
            *(program, "check", "--isolated", "--ignore-noqa", "--no-cache"),
            *("--select", _SELECT, "--target-version", python),
            *("--output-format", "json", "--stdin-filename", "program.py", "-"),
        )
        self.version = _run((program, "--version"), "").split()[1]

    def lint(self, source: str) -> tuple[Finding, ...]:
        output = _run(self._command, source)
        try:
            rows = sorted((_Row.from_json(row) for row in json.loads(output)), key=_Row.place)
        except (ValueError, KeyError, TypeError) as error:
            raise LinterFailure(
                f"ruff's answer cannot be read ({type(error).__name__}: {error}): {output[:60]!r}; "
                "this needs ruff 0.9 or later"
            ) from error
        for row in rows:
            if row.is_syntax_error:
                return (row.syntax_finding(source),)
        return tuple(row.finding() for row in rows)


@dataclass(frozen=True, slots=True)
class _Row:
    """One diagnostic of ruff's JSON output."""

    code: str | None
    line_number: int
    column: int
    message: str

    @classmethod
    def from_json(cls, row: dict[str, object]) -> _Row:
        code, location, message = row["code"], row["location"], row["message"]
        if not (isinstance(location, dict) and isinstance(message, str)):
            raise TypeError(f"no place or no message in {row}")
        # A syntax error has no code before ruff 0.12. Anything else, "panic" say, is no finding.
        if code not in (None, "invalid-syntax") and not _RULE.fullmatch(str(code)):
            raise ValueError(f"code {code!r}: {message}")
        return cls(
            code=str(code) if code else None,
            line_number=int(location["row"]),
            column=int(location["column"]) - 1,
            message=message.removeprefix("SyntaxError: "),
        )

    def place(self) -> tuple[int, int]:
        return self.line_number, self.column

    @property
    def is_syntax_error(self) -> bool:
        return self.code in (None, "invalid-syntax")

    def finding(self) -> Finding:
        quoted = _BACKQUOTED.search(self.message) if self.code in _NAME_CODES else None
        return Finding(
            code=str(self.code),
            line_number=self.line_number,
            column=self.column,
            arguments=(without_line_numbers(self.message),),
            name=quoted[1] if quoted else None,
        )

    def syntax_finding(self, source: str) -> Finding:
        return Finding(
            code="SyntaxError",
            line_number=self._blamed_line_number(source),
            column=self.column,
            arguments=(without_line_numbers(self.message),),
        )

    def _blamed_line_number(self, source: str) -> int:
        for ruffs, cpythons in _BLAMED_ABOVE.items():
            if not self.message.startswith(ruffs):
                continue
            # Up to here, then without the line that follows: CPython would rather report a string
            # or a bracket that is left open there or further down.
            for end in (self.line_number, self.line_number - 1):
                broken = syntax_finding("\n".join(source.split("\n")[:end]) + "\n")
                if broken is not None and broken.arguments[0].startswith(cpythons):
                    return broken.line_number
        return self.line_number


def _run(command: tuple[str, ...], source: str) -> str:
    """What `command` prints for `source`; exit codes are 0 (clean) and 1 (findings)."""
    # RUFF_SELECT, RUFF_OUTPUT_FORMAT, RUFF_NO_FIX ...: read even with --isolated.
    environment = {key: value for key, value in os.environ.items() if key[:5].upper() != "RUFF_"}
    try:
        done = subprocess.run(
            command,
            input=source.encode(),
            capture_output=True,
            env=environment,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if done.returncode in (0, 1):
            return done.stdout.decode()
    except (OSError, subprocess.TimeoutExpired, UnicodeError) as error:
        raise LinterFailure(f"ruff failed ({type(error).__name__}): {error}") from error
    said = done.stderr.decode(errors="replace").strip().split("\n")[0]
    raise LinterFailure(f"ruff failed with exit code {done.returncode}: {said or 'no message'}")
