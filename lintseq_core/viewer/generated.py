"""The payload of a sample that a model wrote: its edits as steps, and what came of each.

Edits only insert, also as lenient reading applies malformed ones, so a sample is drawn like any
edit sequence. What is more stands in the payload's "generation":

    {
      "instruction": "Write ...", "end": "closed by two empty edits" or null (unfinished),
      "steps": [{
        "text": "@@ -0,0 +1 @@\\n+x = 1",   as the model wrote it
        "compiles": true, "faults": [sentence, ...], "findings": [sentence, ...],
        "marks": [[1, "bad header"], ...],    lines of the text that break the format, from 1
        "n_tokens": 17, "log_prob": -3.2, "entropy": 0.4, "seconds": 0.1,   numbers may be null
        "rejected": [{"text", "objection"}, ...],     tries of the lint guard before it
        "tokens": [["@@", -0.01, 0.2], ...]           text, log-probability, entropy
      }, ...],
      "bad": {"step": 3, "why": ["does not parse", ...]} or null    the first bad edit
    }

An edit is bad if it breaks the grammar, if the program parsed before it and does not after it, if
it adds a finding, or if fewer tests pass after it than before, where both states were run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from lintseq_core.edits.formats import UNIFIED
from lintseq_core.edits.hunks import Edit
from lintseq_core.generation.steps import EditStep, SampledToken, StopReason
from lintseq_core.generation.stepwise import read_edit
from lintseq_core.generation.trace import TracedSample, TraceHeader
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.linting import Finding
from lintseq_core.viewer.outcomes import Outcomes, Results, TestedTask, n_passed
from lintseq_core.viewer.payload import assemble, tests_of_states
from lintseq_core.viewer.xray import UNTOLD

MAX_TOKENS_SENT = 20_000  # of one sample: each costs some 30 bytes
RECORDED = "run when the trace was made, in boxes"
"""How verdicts came about that stand in a trace."""
ALL_TESTS = ("all tests",)
ENDS: dict[StopReason, str] = {
    "close": "closed by two empty edits",
    "eos": "ended by its end marker",
    "stop": "ended by a stop string",
    "max_tokens": "cut off: its tokens were spent",
    "context": "cut off: the model's context was full",
}


def states_of_sample(sample: TracedSample, mode: str) -> tuple[str, ...]:
    """The program before the first edit and after each; a whole program is one edit."""
    if mode == "stepwise":
        return tuple(sample.states())
    return ("", sample.end.program) if sample.end else ("",)


def last_state(sample: TracedSample, mode: str) -> str:
    """The program that the sample has come to."""
    return states_of_sample(sample, mode)[-1]


def build_generation_payload(
    header: TraceHeader,
    sample: TracedSample,
    *,
    title: str,
    task: TestedTask | None = None,
    results: Results | None = None,
) -> dict[str, Any]:
    """The payload of `sample`: JSON-safe, described at the top of this module and of payload.py."""
    mode = header.request.mode
    states = states_of_sample(sample, mode)
    lines, births = _lines_and_births(sample, header.request)
    outcomes = outcomes_of_sample(sample, mode, task, results)
    steps = list(_steps(sample, mode))
    tests = None
    if _is_run(states, outcomes):
        is_run = _is_run(states, outcomes_of_states(states, task, results))
        made = results.made_of(task) if task and results and is_run else RECORDED
        names = task.names if task and (is_run or len(task.names) == 1) else ALL_TESTS
        tests = tests_of_states(names, outcomes, made)
    return assemble(
        {
            "title": title,
            "n_edits": len(states) - 1,
            "lines": lines,
            "births": births,
            "phrases": ["written by the model"],
            "reasons": [0] * len(lines),
            "edits": [[] for _ in steps],
            "edit_rounds": [[] for _ in steps],
            "xray": {
                "kinds": [UNTOLD] * len(lines), "rounds": [0] * len(lines),
                "causes": [-1] * len(lines), "cause_sets": [],
            },
            "checks": None,
            "whatif": None,
            "tests": tests,
            "generation": {
                "instruction": header.request.instruction,
                "end": ENDS[sample.end.stop_reason] if sample.end else None,
                "steps": steps,
                "bad": first_bad(sample, mode, outcomes),
            },
            "meta": {
                "method": "generated",
                "model": header.model,
                "mode": mode,
                "edit_format": header.request.edit_format,
                "temperature": _finite(header.request.settings.temperature),
                "guard": header.request.n_retries is not None,
                "linter": header.request.linter_name,
                "linter_version": header.linter_version,
                "compat": None,
                "seed": header.request.seed,
                "path_index": None,
                "sample_index": sample.sample_index,
                "n_samples": header.request.n_samples,
            },
        }
    )  # fmt: skip


def outcomes_of_states(
    states: Sequence[str], task: TestedTask | None, results: Results | None
) -> list[Outcomes | None]:
    """The outcomes of the tests by step; the empty program passes none."""
    if task is None or results is None:
        return [None] * len(states)
    nothing: Outcomes = ("not written",) * len(task.tests)
    return [results.of(task, state) if state.strip() else nothing for state in states]


def outcomes_of_sample(
    sample: TracedSample, mode: str, task: TestedTask | None, results: Results | None
) -> list[Outcomes | None]:
    """The outcomes of the tests by step: those in `results`, else the verdicts in the trace.

    A trace holds one verdict a state, of all tests together: it stands where no results of single
    tests are known, also where it is not known here which tests they were.
    """
    states = states_of_sample(sample, mode)
    outcomes = outcomes_of_states(states, task, results)
    verdicts = [step.verdict for step in sample.kept_steps]
    if mode == "whole":
        verdicts = [sample.end.verdict] if sample.end else []
    recorded: list[Outcomes | None] = [(verdict,) if verdict else None for verdict in verdicts]
    if any(recorded) and not _is_run(states, outcomes):
        return [("not written",), *recorded]  # all that is known, whatever the task is
    if task is None:
        return outcomes
    outcomes[0] = ("not written",) * len(task.tests)
    if len(task.tests) > 1:
        return outcomes
    return [told or known for told, known in zip(outcomes, [None, *recorded], strict=True)]


def _is_run(states: Sequence[str], outcomes: Sequence[Outcomes | None]) -> bool:
    """Whether tests were run on any state that has code."""
    return any(told for told, state in zip(outcomes, states, strict=True) if state.strip())


def first_bad_edit(
    sample: TracedSample, mode: str, task: TestedTask | None, results: Results | None
) -> dict[str, Any] | None:
    """The first bad edit as the payload has it, with the results of tests that are known."""
    return first_bad(sample, mode, outcomes_of_sample(sample, mode, task, results))


def first_bad(
    sample: TracedSample, mode: str, outcomes: Sequence[Outcomes | None]
) -> dict[str, Any] | None:
    """The first bad edit, 1-based, and what is bad about it."""
    if mode == "whole":
        wrong = sample.end is not None and not sample.end.compiles
        return {"step": 1, "why": ["does not parse"]} if wrong else None
    parsed = True
    for number, step in enumerate(sample.kept_steps, start=1):
        why: list[str] = []
        if step.faults:
            why.append("breaks the grammar of edits")
        if parsed and not step.compiles:
            why.append("the program no longer parses")
        parsed = step.compiles
        if step.new_findings and step.compiles:
            why.append("adds a finding")
        before, after = outcomes[number - 1], outcomes[number]
        if before and after and n_passed(after) < n_passed(before):
            why.append(
                f"{n_passed(after)} of {len(after)} tests pass, {n_passed(before)} before it"
            )
        if why:
            return {"step": number, "why": why}
    return None


def describe_finding(finding: Finding) -> str:
    """ "line 4: UndefinedName (total)"."""
    about = ", ".join(finding.arguments)
    return f"line {finding.line_number}: {finding.code}" + (f" ({about})" if about else "")


def _lines_and_births(
    sample: TracedSample, request: GenerationRequest
) -> tuple[list[str], list[int]]:
    pairs: list[tuple[str, int]] = []
    if request.mode == "whole":
        program = sample.end.program if sample.end else ""
        pairs = [(line, 0) for line in program.removesuffix("\n").split("\n")] if program else []
    else:
        state, line_number = "", 1
        for birth, step in enumerate(sample.kept_steps):
            for edit in _edits_of(step, state, line_number, request.edit_format or UNIFIED):
                for hunk in edit:
                    new = [(line, birth) for line in hunk.lines]
                    pairs[hunk.start - 1 : hunk.start - 1] = new
            state = step.state
            line_number += step.text.count("\n") + 1
    return [line for line, _ in pairs], [birth for _, birth in pairs]


def _edits_of(step: EditStep, state: str, line_number: int, edit_format: str) -> tuple[Edit, ...]:
    """The edits in a step's text, read as when it was generated."""
    is_whole = all(fault.kind != "truncated" for fault in step.faults)
    parsed = read_edit(
        step.text, step_index=step.step_index, state=state, line_number=line_number,
        is_whole=is_whole, edit_format=edit_format,
    )  # fmt: skip
    return parsed.edits


def _steps(sample: TracedSample, mode: str) -> Iterator[dict[str, Any]]:
    left = MAX_TOKENS_SENT
    if mode == "whole":
        if sample.end is not None:
            end = sample.end
            yield {
                "text": end.text, "compiles": end.compiles, "faults": [], "findings": [],
                "n_tokens": end.n_tokens, "log_prob": _finite(end.log_prob),
                "entropy": _mean_entropy(end.tokens), "seconds": _finite(end.seconds),
                "marks": [], "rejected": [], "tokens": _tokens(end.tokens, left),
            }  # fmt: skip
        return
    rejected: list[dict[str, Any]] = []
    n_above = 0  # lines of the edits before: the lines of faults are counted from the first edit's
    for step in sample.steps:
        if step.outcome == "rejected":
            rejected.append({"text": step.text, "objection": step.objection or ""})
            continue
        yield {
            "text": step.text,
            "compiles": step.compiles,
            "faults": [
                f"line {fault.line_number - n_above}: {fault.kind}: {fault.detail} ({fault.remedy})"
                for fault in step.faults
            ],
            "marks": [[fault.line_number - n_above, fault.kind] for fault in step.faults],
            "findings": [describe_finding(finding) for finding in step.new_findings],
            "n_tokens": len(step.tokens),
            "log_prob": _finite(step.log_prob),
            "entropy": _finite(step.entropy),
            "seconds": _finite(step.seconds),
            "rejected": rejected,
            "tokens": _tokens(step.tokens, left),
        }
        n_above += step.text.count("\n") + 1
        left -= len(step.tokens)
        rejected = []


def _tokens(tokens: Sequence[SampledToken], room: int) -> list[list[Any]]:
    if len(tokens) > room:
        return []
    return [[token.text, _finite(token.log_prob), _finite(token.entropy)] for token in tokens]


def _mean_entropy(tokens: Sequence[SampledToken]) -> float | None:
    known = [token.entropy for token in tokens if token.entropy is not None]
    return _finite(sum(known) / len(known)) if known else None


def _finite(value: float | None) -> float | None:
    """What JSON can say; traces of others may hold NaN and infinities."""
    return value if value is not None and math.isfinite(value) else None
