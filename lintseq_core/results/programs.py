"""The programs that samples stand for, by problem, and the edits that wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lintseq_core.benchmarks.problem import PromptStyle
from lintseq_core.edits.formats import (
    DIFF_MARKER,
    EditFormatName,
    apply_edits,
    checked_format,
    parse_edits,
)
from lintseq_core.edits.hunks import Edit
from lintseq_core.programs.markdown import read_answer
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.sample import Sample


@dataclass(frozen=True, slots=True)
class SampledPrograms:
    """Programs by problem in the order of the file."""

    by_problem: dict[str, list[str]]
    edits: tuple[tuple[Edit, ...], ...]
    """Of the samples that are written as edits."""
    sample_ids: dict[str, list[int]]
    """Of the programs, in the same order."""

    @property
    def n_programs(self) -> int:
        """Programs of all problems."""
        return sum(len(programs) for programs in self.by_problem.values())


def gather_programs(
    samples: Iterable[Sample],
    program_of: Callable[[Sample], str] | None = None,
    style: PromptStyle | None = None,
) -> SampledPrograms:
    """The programs of `samples`, all held in memory.

    Edit sequences count as the program they write, faulty hunks left out. `program_of` makes a
    program of a sample that has none; without it a completion stands for what `style` makes of it,
    and without that for itself or for its edits.
    """
    by_problem: dict[str, list[str]] = {}
    sample_ids: dict[str, list[int]] = {}
    edits: list[tuple[Edit, ...]] = []
    for sample in samples:
        written = edits_of(sample)
        if written is not None:
            edits.append(written)
        if sample.solution is None and sample.completion is not None and program_of is not None:
            program = program_of(sample)
        elif (text := program_text(sample, style)) is not None:
            program = text
        else:
            remedy = "the file has verdicts only: name the samples"
            raise FormatError(Fault(sample.place, "no program", remedy))
        by_problem.setdefault(sample.task_id, []).append(program)
        sample_ids.setdefault(sample.task_id, []).append(sample.sample_id)
    return SampledPrograms(by_problem, tuple(edits), sample_ids)


def program_text(sample: Sample, style: PromptStyle | None = None) -> str | None:
    """The program that a sample is, as far as its own text says; None for a verdict alone.

    `style` of its file: code is taken out of answers, and edits are applied. None: edits are
    applied where there are any.
    """
    if sample.solution is not None:
        return solution_text(sample.solution, style)
    if sample.completion is None:
        return None
    if style in ("instruction", "markdown"):
        is_open = style == "markdown"
        answer = read_answer(sample.completion, continues=True, in_fence=is_open)
        return answer.program or ""
    edits = edits_of(sample)
    if style == "completion" or (style is None and edits is None):
        return sample.completion
    if edits is None:
        edits = parse_edits(sample.completion, strict=False, edit_format=format_of(sample)).edits
    return apply_edits(edits)


def solution_text(solution: str, style: PromptStyle | None) -> str:
    """The program in a field `solution`: taken out of its answer in a file of answers."""
    if style in ("instruction", "markdown"):
        return read_answer(solution).program or ""
    return solution


def edits_of(sample: Sample) -> tuple[Edit, ...] | None:
    """The edits that a sample is written as; None for a sample in one piece."""
    path = sample.extra.get("edit_path")
    if isinstance(path, list):
        text = "".join(f"\n{DIFF_MARKER}{edit}" for edit in path if isinstance(edit, str) and edit)
    elif sample.completion is not None and is_edit_text(sample.completion):
        text = sample.completion
    else:
        return None
    return parse_edits(text, strict=False, edit_format=format_of(sample)).edits


def format_of(sample: Sample) -> EditFormatName:
    """What the edits of a sample are written in, as its row says; the paper's where it does not.

    LintSeqError for a format that this release does not know.
    """
    return checked_format(sample.extra.get("edit_format"), sample.place)


def is_edit_text(text: str) -> bool:
    """Whether `text` is written as edits; a prompt ends in the marker, so the first may lack it."""
    return text.lstrip("\n").startswith((DIFF_MARKER, "@@ -")) or f"\n{DIFF_MARKER}" in text
