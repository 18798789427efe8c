"""Lint-guarded against plain sampling at equal tokens, from the traces of both.

A guarded sample costs more tokens, so equal numbers of samples would favour the guard. For each
prompt both sides get the same budget, that of the side that spent less, and keep the first samples
that fit into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from lintseq_core.errors import LintSeqError
from lintseq_core.generation.guard import samples_within
from lintseq_core.generation.steps import SampleEnd
from lintseq_core.generation.trace import GenerationTrace, TraceHeader
from lintseq_core.linting import Linter, get_linter
from lintseq_core.linting.written import lint_text


@dataclass(frozen=True, slots=True)
class Yield:
    """What one side brings for its tokens, summed over the prompts."""

    n_tokens: int
    """Spent by the samples counted here; at most the budget."""
    n_rejected_tokens: int
    n_samples: int
    n_sound: int
    """Closed without a fault, not empty, and free of findings."""
    n_distinct_sound: int
    """Different programs of one prompt count."""
    n_prompts_sound: int
    """Prompts with a sound sample."""
    n_passed: int | None
    """Samples that pass their tests; None where there were none."""
    n_prompts_passed: int | None


@dataclass(frozen=True, slots=True)
class GuardComparison:
    """Both sides at one budget."""

    n_prompts: int
    budget: int
    """Tokens each side could spend, summed over the prompts."""
    n_retries: int
    plain: Yield
    guarded: Yield


def compare_guard(traces: Iterable[GenerationTrace]) -> GuardComparison:
    """The comparison over the prompts that have a plain and a guarded trace.

    LintSeqError where a prompt has one of them only or several, or where a pair differs in more
    than the guard. Lints every program.
    """
    pairs = _pairs(traces)
    budget = 0
    sides: tuple[list[Yield], list[Yield]] = ([], [])
    for pair in pairs:
        ends = [[sample.end for sample in trace.samples if sample.end] for trace in pair]
        least = min(sum(end.n_tokens for end in side) for side in ends)
        budget += least
        linter = get_linter(pair[0].header.request.linter_name)
        for found, side in zip(sides, ends, strict=True):
            found.append(_yield(samples_within(side, n_tokens=least), linter))
    retries = {trace.header.request.n_retries for _, trace in pairs}
    if len(retries) > 1:
        raise LintSeqError(f"guards of {sorted(map(str, retries))} retries: compare one at a time")
    (n_retries,) = retries
    assert n_retries is not None
    return GuardComparison(len(pairs), budget, n_retries, _sum(sides[0]), _sum(sides[1]))


def _pairs(
    traces: Iterable[GenerationTrace],
) -> list[tuple[GenerationTrace, GenerationTrace]]:
    """For each prompt its plain and its guarded trace."""
    by_prompt: dict[tuple[str, str | None], list[GenerationTrace]] = {}
    for trace in traces:
        header = trace.header
        if header.request.mode != "stepwise":
            raise LintSeqError("a trace of whole programs: the guard checks edits (--stepwise)")
        by_prompt.setdefault((header.request.instruction, header.problem), []).append(trace)
    if not by_prompt:
        raise LintSeqError("no trace to compare")
    pairs = []
    for (instruction, problem), found in by_prompt.items():
        found.sort(key=lambda trace: trace.header.request.n_retries is not None)
        has_guard = [trace.header.request.n_retries is not None for trace in found]
        if has_guard != [False, True]:
            raise LintSeqError(
                f"{problem or instruction!r:.60}: {has_guard.count(False)} plain and "
                f"{has_guard.count(True)} guarded traces; give one of each"
            )
        plain, guarded = found
        if differences := _differences(plain.header, guarded.header):
            raise LintSeqError(
                f"{problem or instruction!r:.60}: the two traces differ in {differences}, "
                "not in the guard alone"
            )
        pairs.append((plain, guarded))
    return pairs


def _differences(plain: TraceHeader, guarded: TraceHeader) -> str:
    alike = replace(
        guarded.request, n_retries=None, n_samples=plain.request.n_samples,
        batch_size=plain.request.batch_size,
    )  # fmt: skip
    names = [
        field.name
        for field in fields(alike)
        if getattr(alike, field.name) != getattr(plain.request, field.name)
    ]
    names += [name for name in ("model", "dtype") if getattr(plain, name) != getattr(guarded, name)]
    return ", ".join(names)


def _yield(ends: Sequence[SampleEnd], linter: Linter) -> Yield:
    """Of one prompt."""
    sound = [end.program for end in ends if is_sound(end, linter)]
    judged = any(end.verdict is not None for end in ends)
    n_passed = sum(end.verdict == "passed" for end in ends) if judged else None
    return Yield(
        n_tokens=sum(end.n_tokens for end in ends),
        n_rejected_tokens=sum(end.n_rejected_tokens for end in ends),
        n_samples=len(ends),
        n_sound=len(sound),
        n_distinct_sound=len(set(sound)),
        n_prompts_sound=int(bool(sound)),
        n_passed=n_passed,
        n_prompts_passed=None if n_passed is None else int(n_passed > 0),
    )


def is_sound(end: SampleEnd, linter: Linter) -> bool:
    """True for a program that its model ended, with no fault in its text and no finding in it."""
    if end.stop_reason not in ("close", "eos") or end.faults or not end.program.strip():
        return False
    return lint_text(end.program, linter) == (True, ())


def _sum(yields: Sequence[Yield]) -> Yield:
    columns: dict[str, Any] = {}
    for field in fields(Yield):
        values = [getattr(one, field.name) for one in yields]
        known = [value for value in values if value is not None]
        columns[field.name] = sum(known) if known or field.name[-6:] != "passed" else None
    return Yield(**columns)
