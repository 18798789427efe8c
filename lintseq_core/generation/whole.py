"""Whole programs: all samples of a prompt, or of several, in one batch.

The baseline of `stepwise`: no edits, so no states on the way and no guard.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from lintseq_core.generation.detokenising import TextReader
from lintseq_core.generation.language_model import LanguageModel, ModelText
from lintseq_core.generation.sampling import (
    SamplingSettings,
    TokenSampler,
    batch_rngs,
    batches,
)
from lintseq_core.generation.steps import SampledToken, SampleEnd, StopReason
from lintseq_core.generation.stepwise import sampled
from lintseq_core.generation.types import Judge, Task
from lintseq_core.linting.syntax_linter import NoLinter
from lintseq_core.linting.written import lint_text
from lintseq_core.programs.markdown import read_answer


def generate_whole(
    model: LanguageModel,
    instruction: str,
    *,
    settings: SamplingSettings,
    n_samples: int = 1,
    batch_size: int | None = None,
    seed: int = 0,
    stop: Sequence[str] = (),
    judge: Judge | None = None,
    clock: Callable[[], float] = time.perf_counter,
    on_draw: Callable[[int], None] | None = None,
) -> Iterator[SampleEnd]:
    """Each sample when it is finished; the sample of a seed is the same whatever `n_samples`.

    `batch_size`: how many are drawn at once (None: all), which changes no sample either.
    `stop`: strings before which a text is cut, as base models need them ("\\ndef", "\\nclass").
    `on_draw` is told before each round of tokens how many samples are live.
    """
    events = generate_whole_tasks(
        model, [Task(instruction, judge=judge)], [range(n_samples)], settings=settings,
        batch_size=batch_size, seed=seed, stop=stop, clock=clock, on_draw=on_draw,
    )  # fmt: skip
    return (event for _, event in events)


def generate_whole_tasks(
    model: LanguageModel,
    tasks: Sequence[Task],
    samples: Sequence[Sequence[int]],
    *,
    settings: SamplingSettings,
    batch_size: int | None = None,
    seed: int = 0,
    stop: Sequence[str] = (),
    clock: Callable[[], float] = time.perf_counter,
    on_draw: Callable[[int], None] | None = None,
) -> Iterator[tuple[int, SampleEnd]]:
    """As `generate_whole` for several tasks, whose samples are drawn together.

    `samples`: for each task the indices of those to draw. An end comes with the 0-based place of
    its task. A sample is the same as if its task were alone.
    """
    prompts = [model.whole_prompt(task.instruction) for task in tasks]
    for batch in batches(samples, batch_size, mixes=model.decoder.mixes_prompts):
        started = clock()
        rngs = batch_rngs([task.instruction for task in tasks], batch, seed)
        readers: list[WholeReader] = []
        owners: list[int] = []
        for place, indices in batch:
            room = model.context_length - len(prompts[place])
            for index in indices:
                readers.append(WholeReader(index, model, settings.max_tokens, room, stop))
                owners.append(place)
        sampler = TokenSampler(
            model.decoder, [prompts[place] for place, _ in batch],
            [len(indices) for _, indices in batch], rngs, settings,
        )  # fmt: skip
        while sampler.live:
            if on_draw:
                on_draw(len(sampler.live))
            stopped = []
            for drawn in sampler.step():
                reader, place = readers[drawn.sample], owners[drawn.sample]
                reason = reader.push(sampled(drawn))
                if reason is not None:
                    stopped.append(drawn.sample)
                    yield place, reader.end(reason, clock() - started, tasks[place].judge)
            sampler.stop(stopped)


class WholeReader:
    """Reads the tokens of one sample until it is over."""

    def __init__(
        self,
        sample_index: int,
        model: ModelText,
        max_tokens: int,
        room: int,
        stop: Sequence[str],
    ) -> None:
        self._sample_index, self._eos_ids = sample_index, model.eos_ids
        self._max_tokens, self._room, self._stop = max_tokens, room, stop
        self._reader = TextReader(model.decode)
        self._tokens: list[SampledToken] = []
        self._n_tokens, self._log_prob, self._cut = 0, 0.0, -1

    def push(self, token: SampledToken) -> StopReason | None:
        """Read one more token; why the sample is over, or None."""
        self._n_tokens += 1
        self._log_prob += token.log_prob
        if token.token_id in self._eos_ids:
            return "eos"
        before = len(self._reader.text)
        piece = self._reader.read(token)
        self._tokens.append(replace(token, text=piece))
        found = [
            place
            for end in self._stop
            if (place := self._reader.text.find(end, max(0, before - len(end) + 1))) >= 0
        ]
        if found:
            self._cut = min(found)
            return "stop"
        if self._n_tokens >= self._max_tokens:
            return "max_tokens"
        return "context" if self._n_tokens >= self._room else None

    def end(self, reason: StopReason, seconds: float | None, judge: Judge | None) -> SampleEnd:
        """The sample, its program taken out of Markdown where there is any."""
        rest = self._reader.flush()
        if rest and self._tokens:
            last = self._tokens[-1]
            self._tokens[-1] = replace(last, text=last.text + rest)
        text = self._reader.text if self._cut < 0 else self._reader.text[: self._cut]
        found = read_answer(text, continues=True).program
        program = text if found is None else found
        return SampleEnd(
            sample_index=self._sample_index,
            stop_reason=reason,
            text=text,
            program=program,
            faults=(),
            compiles=lint_text(program, NoLinter())[0],
            n_tokens=self._n_tokens,
            n_rejected_tokens=0,
            log_prob=self._log_prob,
            seconds=seconds,
            tokens=tuple(self._tokens),
            verdict=judge(program) if judge else None,
        )
