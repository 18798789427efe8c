from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from lintseq_core import LintSeqError, get_linter
from lintseq_core.generation.comparison import GuardComparison, Yield, compare_guard
from lintseq_core.generation.guard import LintGuard
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.stepwise import generate_stepwise
from lintseq_core.generation.trace import GenerationTrace, TraceHeader, gather_trace
from lintseq_core.generation.types import GenerationRequest
from tests.unit.generation.scripted import scripted_model, spelled
from tests.unit.generation.test_guard import BAD, REJECTED
from tests.unit.generation.test_stepwise import GOOD, PROGRAM

GOOD_TOKENS = spelled(GOOD)


def trace(
    scripts: Sequence[Any], *, guard: LintGuard | None, judged: bool = False, **changes: Any
) -> GenerationTrace:
    request = GenerationRequest(
        "Do.", "stepwise", n_samples=len(scripts), n_retries=guard and guard.n_retries
    )
    header = TraceHeader(
        replace(request, **changes), "scripted", None, "float64", "cpu", "transformers", 4, "4.1"
    )
    events = generate_stepwise(
        scripted_model(*scripts),
        "Do.",
        settings=SamplingSettings(max_tokens=5_000),
        linter=get_linter("pyflakes"),
        n_samples=len(scripts),
        guard=guard,
        judge=(lambda state: "passed" if state == PROGRAM else "exception") if judged else None,
    )
    return gather_trace(header, events)


def test_both_sides_get_the_tokens_of_the_cheaper_one() -> None:
    """Plain: sound, unsound, sound. Guarded: the unsound one is drawn again, at a price."""
    plain = trace([GOOD_TOKENS, BAD, GOOD_TOKENS], guard=None, judged=True)
    guarded = trace([GOOD_TOKENS, [BAD, GOOD_TOKENS], GOOD_TOKENS], guard=LintGuard(3), judged=True)
    good = len(GOOD_TOKENS)
    unsound = len(BAD)
    budget = 2 * good + unsound
    assert budget < 3 * good + REJECTED, "the guard is dearer, so its last sample does not fit"
    assert compare_guard([guarded, plain]) == GuardComparison(
        n_prompts=1,
        budget=budget,
        n_retries=3,
        plain=Yield(budget, 0, 3, 2, 1, 1, 2, 1),
        guarded=Yield(2 * good + REJECTED, REJECTED, 2, 2, 1, 1, 2, 1),
    )


def test_prompts_are_paired_and_added_up() -> None:
    found = compare_guard(
        [
            trace([BAD], guard=None),
            trace([[BAD, GOOD_TOKENS]], guard=LintGuard(1)),
            trace([GOOD_TOKENS], guard=None, instruction="Do more."),
            trace([GOOD_TOKENS], guard=LintGuard(1), instruction="Do more."),
        ]
    )
    assert (found.n_prompts, found.budget) == (2, len(BAD) + len(GOOD_TOKENS))
    assert (found.plain.n_sound, found.plain.n_prompts_sound, found.plain.n_passed) == (1, 1, None)
    # The one retry made the first prompt's only guarded sample too dear for the budget.
    assert (found.guarded.n_samples, found.guarded.n_sound) == (1, 1)


REFUSED = [
    ([], "no trace to compare"),
    ([trace([GOOD_TOKENS], guard=None)], "'Do.': 1 plain and 0 guarded traces; give one of each"),
    (
        [trace([GOOD_TOKENS], guard=None), trace([GOOD_TOKENS], guard=LintGuard(1), seed=1)],
        "'Do.': the two traces differ in seed, not in the guard alone",
    ),
    (
        [
            trace([GOOD_TOKENS], guard=guard, instruction=text)
            for guard, text in ((None, "a"), (LintGuard(1), "a"), (None, "b"), (LintGuard(2), "b"))
        ],
        "guards of ['1', '2'] retries: compare one at a time",
    ),
]


@pytest.mark.parametrize(("traces", "message"), REFUSED)
def test_traces_that_cannot_be_compared_are_refused(
    traces: list[GenerationTrace], message: str
) -> None:
    with pytest.raises(LintSeqError) as caught:
        compare_guard(traces)
    assert str(caught.value) == message
