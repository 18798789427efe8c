"""What a row of a store is, whatever file it comes from: a program, its edits, a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from lintseq_core.benchmarks.problem import PromptStyle
from lintseq_core.data.rows import DataRow
from lintseq_core.edits.formats import DIFF_MARKER, UNIFIED, parse_edits
from lintseq_core.json_text import json_text
from lintseq_core.results.programs import format_of, is_edit_text, program_text
from lintseq_core.results.sample import Sample, suite_of, temperature_of
from lintseq_core.results.scores.tally import passed_by

MAX_WORD = 60
MAX_VERDICT = 400
MAX_RECORD_BYTES = 1_000_000
MAX_SAMPLE_ID = (1 << 63) - 1


class Row(NamedTuple):
    """One row; `births` is None for a program that is not written as edits.

    The program is `program`, else `solution`, else `completion`: what is one text is kept once.
    """

    number: int
    """Where it stands in the file, from 1."""
    place: str | None
    """What messages call that, where it is not "row" and the number."""
    task: str
    sample: int | None
    """0-based; None for a row of a data set, which is numbered by its place among its task's."""
    completion: str | None
    """What the model wrote, edits included."""
    solution: str | None
    program: str | None
    """Made of what the model wrote: of its edits, faulty hunks left out, or out of its answer."""
    births: tuple[int, ...] | None
    """For each line of the program, the 0-based edit that inserts it."""
    edit_format: str | None
    """In which `completion` is written, where its row says so."""
    prompt: str | None
    record: str | None
    """The row itself, where it holds an edit sequence with its reasons."""
    verdict: str | None
    """One of few words."""
    told: str | None
    """The whole verdict, where it is more than that word."""
    passed: bool | None
    base_passed: bool | None
    """By the base tests of EvalPlus, where the row says by which tests it is decided."""
    suite: str | None
    """The tests of EvalPlus that decide the row, where it names them: an `EvalPlusSuite`."""
    outcomes: str | None
    """A digit a test, from `lintseq evaluate --each-test`."""
    model: str | None
    temperature: float | None
    flags: str | None
    method: str | None
    """Of a data set: what drew the edits."""
    n_faults: int
    """Places where the edit text breaks the grammar."""
    n_characters: int
    n_lines: int
    n_edits: int
    largest_edit: int
    """Lines of the largest edit; 0, as `n_edits`, for a program in one piece."""

    @property
    def text(self) -> str:
        """The program."""
        return text_of(self.program, self.solution, self.completion)


def text_of(program: str | None, solution: str | None, completion: str | None) -> str:
    """The program of a row, out of the three texts that it may have."""
    if program is not None:
        return program
    return (completion or "") if solution is None else solution


def row_of_sample(sample: Sample, number: int, name: str, style: PromptStyle | None = None) -> Row:
    """The row that a sample of any tool becomes; `style` and `name` are of its file."""
    completion, solution, program = sample.completion, sample.solution, None
    births, n_faults = None, 0
    extra, text = sample.extra, sample.text
    if style in ("instruction", "markdown"):
        program = text = program_text(sample, style) or ""
    path = extra.get("edit_path")
    if isinstance(path, list):
        text = "".join(f"\n{DIFF_MARKER}{edit}" for edit in path if isinstance(edit, str) and edit)
        completion = text
    if isinstance(path, list) or (solution is None and is_edit_text(text)):
        program, births, n_faults = read_edit_text(text, format_of(sample))
        text = program
    place = None
    if sample.place != f"{name}, row {number}":
        place = sample.place.removeprefix(name).removeprefix(", ")
    outcomes = extra.get("tests")
    suite = suite_of(sample)
    verdict = sample.verdict
    word = short_word(verdict)
    sizes = edit_sizes(births)
    return Row(  # by place: a tenth of the time that an import takes
        number,
        place,
        sample.task_id,
        min(sample.sample_id, MAX_SAMPLE_ID),
        completion,
        solution,
        program,
        births,
        _word(extra.get("edit_format")),
        sample.prompt,
        None,
        word,
        None if verdict == word else (verdict or "")[:MAX_VERDICT],
        sample.passed,
        passed_by(sample, "base") if suite else None,
        suite or None,
        outcomes if isinstance(outcomes, str) and not set(outcomes) - _DIGITS else None,
        _word(extra.get("model")),
        temperature_of(sample),
        ", ".join(sorted(sample.flags)) if sample.flags else None,
        None,
        n_faults,
        len(text),
        _line_count(text),
        len(sizes),
        max(sizes, default=0),
    )


_DIGITS = {"0", "1"}


def row_of_data(row: DataRow, number: int, raw: bytes | dict[str, Any]) -> Row:
    """The row that one of a data set becomes; `raw` as it stands in the file."""
    sequence = row.sequence
    record = None
    if row.layout == "lintseq":
        record = raw.decode("utf-8-sig") if isinstance(raw, bytes) else json_text(raw)
    place = "" if row.index is None else f"#{row.index}"
    births = sequence.birth_steps if sequence else None
    sizes = edit_sizes(births)
    return Row(
        number=number,
        place=None,
        task=f"{row.source_file or 'row'}{place or f' {row.number}'}",
        sample=None,
        completion=None,
        solution=row.program.text,
        program=None,
        births=births,
        edit_format=None,
        prompt=row.instruction or None,
        record=record if record and len(record) <= MAX_RECORD_BYTES else None,
        verdict=None,
        told=None,
        passed=None,
        base_passed=None,
        suite=None,
        outcomes=None,
        model=None,
        temperature=None,
        flags=None,
        method=_method(row),
        n_faults=0,
        n_characters=len(row.program.text),
        n_lines=_line_count(row.program.text),
        n_edits=len(sizes),
        largest_edit=max(sizes, default=0),
    )


def _line_count(text: str) -> int:
    return text.count("\n") + (text[-1:] not in ("", "\n"))


def edit_sizes(births: Sequence[int] | None) -> tuple[int, ...]:
    """How many lines each edit inserts; () for a program in one piece."""
    if not births:
        return ()
    lines = Counter(births)
    return tuple(lines[edit] for edit in range(max(lines) + 1))


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


@lru_cache(maxsize=1_000)
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
