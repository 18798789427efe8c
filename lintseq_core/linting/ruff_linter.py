"""ruff as a linter: a separate process that reads the program from its standard input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import Any

from lintseq_core.errors import LinterFailure, LinterUnavailable
from lintseq_core.linting.blame import open_try, without_line_numbers
from lintseq_core.linting.finding import Finding
from lintseq_core.programs.blocks import is_code

TIMEOUT_S = 60
_NAME_CODES = frozenset({"F821", "F822", "F823"})  # undefined name, export, local
_QUOTED = re.compile(r"`([^`]+)`")


class RuffLinter:
    """Syntax errors and undefined names (E9, F63, F7, F82); `noqa` comments do not count.

    Of several syntax errors the first is the only finding: ruff parses on after it, and what it
    says from there on is about lines that are in order. One process, some 10 ms, a source.
    """

    name = "ruff"

    def __init__(self) -> None:
        try:
            from importlib.metadata import version

            from ruff.__main__ import find_ruff_bin

            self._program = os.fsdecode(find_ruff_bin())
            self.version: str = version("ruff")
        except (ImportError, FileNotFoundError) as error:
            raise LinterUnavailable(
                "linter 'ruff' is not installed: pip install 'lintseq-core[ruff]'"
            ) from error

    def lint(self, source: str) -> tuple[Finding, ...]:
        target = f"py{sys.version_info.major}{sys.version_info.minor}"
        # --no-cache: a cache would be written beside the user's files.
        command = [self._program, "check", "--isolated", "--ignore-noqa", "--no-cache", "--quiet",
                   "--select", "E9,F63,F7,F82", "--target-version", target,
                   "--output-format", "json", "--stdin-filename", "program.py", "-"]  # fmt: skip
        environment = {k: v for k, v in os.environ.items() if not k.startswith("RUFF_")}
        try:
            done = subprocess.run(
                command, input=source.encode(), capture_output=True, timeout=TIMEOUT_S,
                env=environment, check=False,
            )  # fmt: skip
            rows = json.loads(done.stdout) if done.returncode in (0, 1) else None
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise LinterFailure(f"ruff gave no answer: {type(error).__name__}: {error}") from error
        if rows is None:
            said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
            raise LinterFailure(f"ruff ended with exit code {done.returncode}: {said}")
        rows.sort(key=lambda row: (row["location"]["row"], row["location"]["column"]))
        broken = [row for row in rows if row["code"] in (None, "invalid-syntax")]
        lines = source.split("\n")
        return tuple(_finding(row, lines) for row in broken[:1] or rows)


def _finding(row: dict[str, Any], lines: list[str]) -> Finding:
    code, message = row["code"], row["message"]
    line_number, column = row["location"]["row"], row["location"]["column"] - 1
    if code in (None, "invalid-syntax"):
        line_number = _blame(message, line_number, column, lines)
        return Finding("SyntaxError", line_number, column, (without_line_numbers(message),))
    quoted = _QUOTED.search(message) if code in _NAME_CODES else None
    name = quoted[1] if quoted else None
    return Finding(code, line_number, column, (without_line_numbers(message),), name)


def _blame(message: str, line_number: int, column: int, lines: list[str]) -> int:
    """As for CPython's messages, which name the header of an empty block; ruff's do not."""
    if message.startswith("Expected an indented block after"):
        # ruff points behind the header, or at what stands in the place of its block.
        behind = line_number <= len(lines) and column >= len(lines[line_number - 1].rstrip())
        above = range(min(line_number, len(lines)) if behind else line_number - 1, 0, -1)
        return next((number for number in above if is_code(lines[number - 1])), line_number)
    if message.startswith("Expected `except` or `finally`"):
        return open_try(line_number, column, lines) or line_number
    return line_number
