"""What a row of a table is, whatever file it comes from: a program, its edits, a verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lintseq_core.benchmarks.problem import PromptStyle
from lintseq_core.data.rows import DataRow
from lintseq_core.edits.formats import DIFF_MARKER, UNIFIED, parse_edits
from lintseq_core.json_text import json_text
from lintseq_core.results.programs import format_of, is_edit_text, program_text
from lintseq_core.results.sample import Sample, suite_of, temperature_of
from lintseq_core.results.scores.tally import SUITE_NAMES

UNNUMBERED = 1 << 60
"""A sample_id that the file leaves open: it is the row's place among those of its problem."""
MAX_WORD = 60
MAX_RECORD_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row; `births` is None for a program that is not written as edits."""

    task: str
    text: str
    """The program; of edit text, the one that its edits write, faulty hunks left out."""
    births: tuple[int, ...] | None = None
    """For each line of the program, the 0-based edit that inserts it."""
    sample: int = UNNUMBERED
    written: str | None = None
    """What the model wrote, where that is edit text."""
    n_faults: int = 0
    """Places where the edit text breaks the grammar."""
    prompt: str | None = None
    record: str | None = None
    """The row itself, where it holds an edit sequence with its reasons."""
    verdict: str | None = None
    passed: bool | None = None
    tests: str | None = None
    """What decides `passed`, where the file tells several suites apart: a name of SUITE_NAMES."""
    model: str | None = None
    temperature: float | None = None
    flags: str | None = None
    method: str | None = None
    """Of a data set: what drew the edits."""


def row_of_sample(sample: Sample, style: PromptStyle | None = None) -> TableRow:
    """The row that a sample of any tool becomes; by the `style` of its file."""
    text, births, written, n_faults = sample.text, None, None, 0
    if style in ("instruction", "markdown"):
        text = program_text(sample, style) or ""
    path = sample.extra.get("edit_path")
    if isinstance(path, list):
        text = "".join(f"\n{DIFF_MARKER}{edit}" for edit in path if isinstance(edit, str) and edit)
    if (sample.solution is None and is_edit_text(text)) or isinstance(path, list):
        written = text
        text, births, n_faults = read_edit_text(text, format_of(sample))
    return TableRow(
        task=sample.task_id,
        text=text,
        births=births,
        sample=sample.sample_id,
        written=written,
        n_faults=n_faults,
        prompt=sample.prompt,
        verdict=short_word(sample.verdict),
        passed=sample.passed,
        tests=None if sample.passed is None else SUITE_NAMES.get(suite_of(sample)),
        model=_word(sample.extra.get("model")),
        temperature=temperature_of(sample),
        flags=", ".join(sorted(sample.flags)) or None,
    )


def row_of_data(row: DataRow, raw: bytes | dict[str, Any]) -> TableRow:
    """The row that one of a data set becomes; `raw` as it stands in the file."""
    sequence = row.sequence
    record = None
    if row.layout == "lintseq":
        record = raw.decode("utf-8-sig") if isinstance(raw, bytes) else json_text(raw)
    place = "" if row.index is None else f"#{row.index}"
    return TableRow(
        task=f"{row.source_file or 'row'}{place or f' {row.number}'}",
        text=row.program.text,
        births=sequence.birth_steps if sequence else None,
        prompt=row.instruction or None,
        record=record if record and len(record) <= MAX_RECORD_BYTES else None,
        method=_method(row),
    )


def _method(row: DataRow) -> str:
    if row.sequence is None:
        return "whole program"
    if row.layout != "lintseq":
        return "edits"
    is_lintseq = row.sequence.method == "lintseq"
    return f"lintseq, {row.sequence.linter_name}" if is_lintseq else "randseq"


def read_edit_text(text: str, edit_format: str = UNIFIED) -> tuple[str, tuple[int, ...], int]:
    """The program that edit text writes, the edit of each line, and how many faults it has."""
    parsed = parse_edits(text, strict=False, edit_format=edit_format)
    lines: list[tuple[str, int]] = []
    for step, edit in enumerate(parsed.edits):
        for hunk in edit:
            lines[hunk.start - 1 : hunk.start - 1] = [(line, step) for line in hunk.lines]
    program = "".join(f"{line}\n" for line, _ in lines)
    return program, tuple(birth for _, birth in lines), len(parsed.faults)


def short_word(verdict: str | None) -> str | None:
    """A verdict as one of few words: what follows a colon is a message.

    >>> short_word("failed: name 'x' is not defined")
    'failed'
    """
    if verdict is None:
        return None
    return verdict.partition(":")[0].strip()[:MAX_WORD] or "(empty)"


def _word(value: Any) -> str | None:
    return value[:MAX_WORD] if isinstance(value, str) and value else None
