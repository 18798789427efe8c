"""Programs generated edit by edit: a typed step as soon as a model has finished an edit.

Tokens are drawn in `sampling`, edits read as `edits.formats` says, each state linted. Tests run
only if a judge is given, edits are drawn again only with a guard.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lintseq_core.edits.formats import (
    BORDER,
    CLOSE,
    DIFF_MARKER,
    UNIFIED,
    ParsedEdits,
    apply_edits,
    get_format,
    parse_edits,
)
from lintseq_core.edits.formats.mask import EditMask
from lintseq_core.generation.detokenising import Place, TextReader
from lintseq_core.generation.findings import added_findings
from lintseq_core.generation.guard import LintGuard
from lintseq_core.generation.language_model import LanguageModel, ModelText
from lintseq_core.generation.sampling import (
    DrawnToken,
    SamplingSettings,
    TokenSampler,
    batch_rngs,
    batches,
)
from lintseq_core.generation.steps import (
    EditStep,
    MaskCost,
    SampledToken,
    SampleEnd,
    StepOutcome,
    StopReason,
)
from lintseq_core.generation.types import Judge, Task
from lintseq_core.linting import Finding, Linter
from lintseq_core.linting.written import lint_text


def generate_stepwise(
    model: LanguageModel,
    instruction: str,
    *,
    settings: SamplingSettings,
    linter: Linter,
    n_samples: int = 1,
    batch_size: int | None = None,
    seed: int = 0,
    guard: LintGuard | None = None,
    judge: Judge | None = None,
    clock: Callable[[], float] = time.perf_counter,
    on_draw: Callable[[int], None] | None = None,
    edit_format: str = UNIFIED,
    masked: bool = False,
) -> Iterator[EditStep | SampleEnd]:
    """Each edit of each sample when it is finished, and each sample's end; samples interleave.

    A sample stops at the two empty edits that close it, at the end marker, or when tokens or
    context run out; then what there is of the last edit is a step too, with its faults. Lints every
    state. The sample of a seed is the same whatever `n_samples` and `batch_size`, which says how
    many are drawn at once (None: all). `on_draw` is told before each
    round of tokens how many samples are live. `masked`: only tokens are drawn that keep the edits
    well formed and close them in time; the guard has nothing to do beside it.
    """
    events = generate_stepwise_tasks(
        model, [Task(instruction, judge=judge)], [range(n_samples)], settings=settings,
        linter=linter, batch_size=batch_size, seed=seed, guard=guard, clock=clock,
        on_draw=on_draw, edit_format=edit_format, masked=masked,
    )  # fmt: skip
    return (event for _, event in events)


def generate_stepwise_tasks(
    model: LanguageModel,
    tasks: Sequence[Task],
    samples: Sequence[Sequence[int]],
    *,
    settings: SamplingSettings,
    linter: Linter,
    batch_size: int | None = None,
    seed: int = 0,
    guard: LintGuard | None = None,
    clock: Callable[[], float] = time.perf_counter,
    on_draw: Callable[[int], None] | None = None,
    edit_format: str = UNIFIED,
    masked: bool = False,
) -> Iterator[tuple[int, EditStep | SampleEnd]]:
    """As `generate_stepwise` for several tasks, whose samples are drawn together.

    `samples`: for each task the indices of those to draw. An event comes with the 0-based place of
    its task. A sample is the same as if its task were alone.
    """
    prompts = [model.stepwise_prompt(task.instruction) for task in tasks]
    for batch in batches(samples, batch_size, mixes=model.decoder.mixes_prompts):
        rngs = batch_rngs([task.instruction for task in tasks], batch, seed)
        readers: list[SampleReader] = []
        owners: list[int] = []
        masks: dict[int, EditMask] = {}
        for place, indices in batch:
            room = model.context_length - len(prompts[place])
            checks = Checks(linter, guard, tasks[place].judge, clock, edit_format)
            for index in indices:
                if masked:
                    n_tokens = min(settings.max_tokens, room)
                    mask = EditMask(get_format(edit_format), model.vocabulary(), n_tokens)
                    masks[len(readers)] = mask
                readers.append(SampleReader(index, model, checks, settings.max_tokens, room))
                owners.append(place)
        sampler = TokenSampler(
            model.decoder, [prompts[place] for place, _ in batch],
            [len(indices) for _, indices in batch], rngs, settings, masks if masked else None,
        )  # fmt: skip
        for sample, event in _read_batch(sampler, readers, on_draw):
            yield owners[sample], event


def _read_batch(
    sampler: TokenSampler,
    readers: Sequence[SampleReader],
    on_draw: Callable[[int], None] | None,
) -> Iterator[tuple[int, EditStep | SampleEnd]]:
    while sampler.live:
        if on_draw:
            on_draw(len(sampler.live))
        stopped = []
        for drawn in sampler.step():
            sample = drawn.sample
            reader = readers[sample]
            while True:
                for event in reader.push(sampled(drawn)):
                    yield sample, _with_cost(event, sampler, sample)
                if not reader.wants_rewind:
                    break
                drawn = sampler.rewind(sample)
            if reader.is_finished:
                stopped.append(sample)
            elif reader.is_at_mark:
                sampler.mark(sample)
        sampler.stop(stopped)


def _with_cost(
    event: EditStep | SampleEnd, sampler: TokenSampler, sample: int
) -> EditStep | SampleEnd:
    if not (sampler.is_masked and isinstance(event, SampleEnd)):
        return event
    return replace(event, mask=MaskCost(sampler.masked_nats[sample], sampler.mask_seconds[sample]))


def sampled(drawn: DrawnToken) -> SampledToken:
    """`drawn`, its text not yet known."""
    return SampledToken(drawn.token_id, "", drawn.log_prob, drawn.entropy)


@dataclass(frozen=True, slots=True)
class Checks:
    """What each edit is held against, and the clock."""

    linter: Linter
    guard: LintGuard | None
    judge: Judge | None
    clock: Callable[[], float] | None
    """None: the tokens were drawn at another time."""
    edit_format: str = UNIFIED

    def now(self) -> float | None:
        return self.clock() if self.clock else None


class SampleReader:
    """Reads the tokens of one sample: yields its steps, knows when it is over.

    After `push`, `wants_rewind` says that the tokens since the mark were rejected and forgotten
    here, `is_at_mark` that an edit has just begun, `is_finished` that nothing more is read.
    """

    def __init__(
        self,
        sample_index: int,
        model: ModelText,
        checks: Checks,
        max_tokens: int,
        room: int,
    ) -> None:
        self._sample_index, self._checks = sample_index, checks
        self._eos_ids, self._max_tokens, self._room = model.eos_ids, max_tokens, room
        self._reader = TextReader(model.decode)
        self._started = self._step_started = checks.now()
        self._tokens: list[SampledToken] = []  # since the mark
        self._edit_start = 0  # in the text, after the marker
        self._mark: Place = self._reader.place()
        self._state, self._compiles = "", True
        self._findings: tuple[Finding, ...] = ()
        self._step_index = self._attempt = 0
        self._n_tokens = self._n_rejected = self._n_kept = 0
        self._log_prob = 0.0
        self._verdict: str | None = None
        self.wants_rewind = self.is_at_mark = self.is_finished = False

    def push(self, token: SampledToken) -> Iterator[EditStep | SampleEnd]:
        """Read one more token."""
        self.wants_rewind = self.is_at_mark = False
        self._n_tokens += 1
        if token.token_id in self._eos_ids:
            yield from self.finish("eos", token)
            return
        self._tokens.append(replace(token, text=self._reader.read(token)))
        while (border := self._reader.text.find(BORDER, self._edit_start)) >= 0:
            edit = self._reader.text[self._edit_start : border]
            if not edit.strip("\n"):
                yield from self.finish("close")
                return
            yield self._end_edit(edit, is_whole=True)
            if self.wants_rewind:
                return
            self._edit_start = border + len(BORDER)
            self.is_at_mark = True
        if self.is_at_mark:
            self._mark = self._reader.place()
        if self._n_tokens >= self._max_tokens:
            yield from self.finish("max_tokens")
        elif self._n_kept + len(self._tokens) >= self._room:
            yield from self.finish("context")

    def finish(
        self, reason: StopReason, end: SampledToken | None = None
    ) -> Iterator[EditStep | SampleEnd]:
        """The sample is over, by its end marker `end` or for another reason."""
        rest = self._reader.flush()
        if rest and self._tokens:
            last = self._tokens[-1]
            self._tokens[-1] = replace(last, text=last.text + rest)
        text = self._reader.text
        unfinished = text[self._edit_start :]
        if reason != "close" and unfinished.strip("\n"):
            yield self._end_edit(unfinished, is_whole=False, may_retry=reason == "eos", end=end)
            if self.wants_rewind:
                return
        if self._step_index == 0 and self._checks.judge:
            self._verdict = self._checks.judge(self._state)
        kept = [*self._tokens, *([end] if end else [])]
        self._log_prob += sum(token.log_prob for token in kept)
        self.is_finished = True
        yield SampleEnd(
            sample_index=self._sample_index,
            stop_reason=reason,
            text=text,
            program=self._state,
            faults=parse_edits(
                DIFF_MARKER + text, strict=False, edit_format=self._checks.edit_format
            ).faults,
            compiles=self._compiles,
            n_tokens=self._n_tokens,
            n_rejected_tokens=self._n_rejected,
            log_prob=self._log_prob,
            seconds=_between(self._started, self._checks.now()),
            tokens=tuple(self._tokens),
            verdict=self._verdict,
        )

    def _end_edit(
        self,
        text: str,
        *,
        is_whole: bool,
        may_retry: bool = True,
        end: SampledToken | None = None,
    ) -> EditStep:
        """The step of an edit that has ended, after the guard has had its say."""
        checks = self._checks
        parsed = read_edit(
            text,
            step_index=self._step_index,
            state=self._state,
            line_number=1 + self._reader.text.count("\n", 0, self._edit_start),
            is_whole=is_whole,
            edit_format=checks.edit_format,
        )
        state = apply_edits(parsed.edits, base=self._state)
        compiles, findings = lint_text(state, checks.linter)
        new = added_findings(self._findings, findings, parsed.edits, self._state.count("\n"))
        objection = checks.guard.objection(parsed.faults, new) if checks.guard else None
        outcome: StepOutcome = "accepted"
        if checks.guard and objection:
            has_tries = self._attempt < checks.guard.n_retries and may_retry
            outcome = "rejected" if has_tries and self._n_tokens < self._max_tokens else "kept"
        now = checks.now()
        step = EditStep(
            sample_index=self._sample_index,
            step_index=self._step_index,
            attempt=self._attempt,
            text=text,
            tokens=tuple(self._tokens),
            seconds=_between(self._step_started, now),
            faults=parsed.faults,
            state=state,
            compiles=compiles,
            new_findings=new,
            outcome=outcome,
            objection=objection,
            verdict=checks.judge(state) if checks.judge and outcome != "rejected" else None,
        )
        self._step_started = now
        if outcome == "rejected":
            self._n_rejected += len(self._tokens) + (end is not None)
            self._attempt += 1
            self._reader.back_to(self._mark)
            self.wants_rewind = True
        else:
            self._n_kept += len(self._tokens)
            self._log_prob += step.log_prob
            self._state, self._compiles, self._findings = state, compiles, findings
            self._verdict = step.verdict
            self._step_index += 1
            self._attempt = 0
        self._tokens = []
        return step


def read_edit(
    text: str,
    *,
    step_index: int,
    state: str,
    line_number: int,
    is_whole: bool,
    edit_format: str = UNIFIED,
) -> ParsedEdits:
    """The edit after a marker on line `line_number`, read leniently, as part of the whole text."""
    close = CLOSE if is_whole else ""
    parsed = parse_edits(
        "\n" * (line_number - 1) + DIFF_MARKER + text + close,
        strict=False,
        base=state,
        edit_format=edit_format,
    )
    faults = (replace(fault, edit_index=step_index) for fault in parsed.faults)
    return ParsedEdits(parsed.edits, tuple(faults))


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else end - start
