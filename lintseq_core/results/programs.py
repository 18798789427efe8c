"""The programs that samples stand for, by problem, and the edits that wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lintseq_core.edits.hunks import Edit
from lintseq_core.edits.wire import DIFF_MARKER, apply_edits, parse_edits
from lintseq_core.results.reading import FormatError
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
    samples: Iterable[Sample], program_of: Callable[[Sample], str] | None = None
) -> SampledPrograms:
    """The programs of `samples`, all held in memory.

    Edit sequences count as the program they write, faulty hunks left out. `program_of` makes a
    program of a sample that has none; without it a completion stands for itself.
    """
    by_problem: dict[str, list[str]] = {}
    sample_ids: dict[str, list[int]] = {}
    edits: list[tuple[Edit, ...]] = []
    for sample in samples:
        written = edits_of(sample)
        if written is not None:
            edits.append(written)
        if sample.solution is not None:
            program = sample.solution
        elif sample.completion is None:
            raise FormatError(
                f"{sample.place}: no program; the file has verdicts only: name the samples"
            )
        elif program_of is not None:
            program = program_of(sample)
        else:
            program = sample.completion if written is None else apply_edits(written)
        by_problem.setdefault(sample.task_id, []).append(program)
        sample_ids.setdefault(sample.task_id, []).append(sample.sample_id)
    return SampledPrograms(by_problem, tuple(edits), sample_ids)


def edits_of(sample: Sample) -> tuple[Edit, ...] | None:
    """The edits that a sample is written as; None for a sample in one piece."""
    path = sample.extra.get("edit_path")
    if isinstance(path, list):
        text = "".join(f"\n{DIFF_MARKER}{edit}" for edit in path if isinstance(edit, str) and edit)
    elif sample.completion is not None and is_edit_text(sample.completion):
        text = sample.completion
    else:
        return None
    return parse_edits(text, strict=False).edits


def is_edit_text(text: str) -> bool:
    """Whether `text` is written as edits; a prompt ends in the marker, so the first may lack it."""
    return text.lstrip("\n").startswith((DIFF_MARKER, "@@ -")) or f"\n{DIFF_MARKER}" in text
