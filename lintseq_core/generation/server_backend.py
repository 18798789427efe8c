"""A model behind an OpenAI-compatible server: samples of many tasks, a few requests at a time.

Edits are asked for as the continuation of the instruction and `<|diff|>`, whole programs as a chat
or likewise. A server draws in its own way, so the same seeds give other samples than here, and a
sample depends on how many were asked for at once. An answer that is cut off goes on from where it
was; what a server leaves out or ignores is told once, by `ServerModel.on_note`.
"""

from __future__ import annotations

import math
import queue
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Literal

from lintseq_core.edits.formats import DIFF_MARKER
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.language_model import ModelText
from lintseq_core.generation.sampling import sample_rngs
from lintseq_core.generation.server_client import (
    Busy,
    LiveAnswers,
    Piece,
    Refused,
    ServerClient,
    key_from_environment,
)
from lintseq_core.generation.steps import NO_ID, EditStep, SampledToken, SampleEnd, StopReason
from lintseq_core.generation.stepwise import Checks, SampleReader
from lintseq_core.generation.types import GenerationRequest, Task
from lintseq_core.generation.whole import WholeReader
from lintseq_core.linting import get_linter

Endpoint = Literal["chat", "completions"]
Event = EditStep | SampleEnd
N_TRIES, FIRST_WAIT_S, LONGEST_WAIT_S = 6, 1.0, 60.0
"""How often a request is made again while nothing comes of it, and how long is waited: at first,
twice as long each time, and at most."""
MOST_CHOICES = 16  # of one request, where the user names no batch size
_LOOK_S = 0.5  # how often `on_draw` is told that nothing came
_END_ID = -2
_UNKNOWN_LENGTH = 2**31
_PROBE, _PROBE_TOKENS, _PROBE_TEMPERATURE = "Write a function that counts vowels.", 12, 1.5
_OFF = {"top_k": 0, "min_p": 0.0}
"""Sent, as servers have defaults of their own: llama-server's are 40 and 0.05."""
_MAY_GO = ("logprobs", "stream_options", "seed", "top_k", "min_p")
"""Fields that a request can be made without, where they ask for nothing."""


@dataclass(frozen=True, slots=True)
class ServerModel:
    """A model that a server has."""

    client: ServerClient
    name: str
    endpoint: Endpoint = "chat"
    """How whole programs are asked for; edits are always completions."""
    context_length: int = _UNKNOWN_LENGTH
    """As the server lists it; else none is known, and the server itself ends a sample there."""
    n_parallel: int = 4
    """The most requests at a time."""
    on_note: Callable[[str], None] = lambda text: None
    """Told each thing once that the server leaves out or ignores."""
    first_wait_s: float = FIRST_WAIT_S
    left_out: set[str] = field(default_factory=set)
    """Fields that the server does not take, or that it answered as if they were not there."""

    def note(self, name: str, text: str) -> None:
        """Tell `text` about the field or trait `name`, unless something was told about it."""
        if name not in self.left_out:
            self.left_out.add(name)
            self.on_note(text)

    def how(self, request: GenerationRequest) -> Endpoint:
        """Where `request` goes."""
        return self.endpoint if request.mode == "whole" else "completions"

    @property
    def text(self) -> ModelText:
        """What readers of its samples need: tokens come as text."""
        return ModelText(
            name=self.name,
            prompt_ids=lambda instruction, edits: [],
            decode=lambda ids: "",
            eos_ids=frozenset([_END_ID]),
            context_length=self.context_length,
        )


def load_server(
    name: str,
    base_url: str,
    *,
    endpoint: Endpoint = "chat",
    n_parallel: int = 4,
    on_note: Callable[[str], None] | None = None,
) -> ServerModel:
    """The model that the server at `base_url` calls `name`; its key is in LINTSEQ_SERVER_KEY.

    LintSeqError if nothing answers there, or something else than a model server.
    """
    client = ServerClient(base_url.rstrip("/"), key_from_environment())
    listed = client.models() or []
    named = [one for one in listed if one.name == name] or (listed if len(listed) == 1 else [])
    length = named[0].context_length if named else None
    names = [one.name for one in listed]
    if on_note and names and not any(one in (name, f"{name}:latest") for one in names):
        on_note(f"the server does not list {name}, but {', '.join(names[:8])}: check --model")
    model = ServerModel(client, name, endpoint, length or _UNKNOWN_LENGTH, n_parallel)
    return replace(model, on_note=on_note) if on_note else model


def check_fields(model: ServerModel, request: GenerationRequest) -> None:
    """Ask for a few tokens, and note which fields are ignored: seed, temperature, cuts, max_tokens.

    With one field at its extreme only the likeliest token is left, so two seeds must agree; a seed
    must repeat itself. Seven requests of 12 tokens at most; nothing can be told at temperature 0.
    """
    settings = request.settings
    if settings.temperature == 0:
        return

    def ask(seed: int, **fields: Any) -> str:
        instruction = request.instruction or _PROBE
        body = _body(model, request, instruction, 1, _PROBE_TOKENS, seed, "")
        for name in ("stop", "logprobs"):
            body.pop(name, None)
        wide = {"temperature": _PROBE_TEMPERATURE, "top_p": 1.0, "min_p": 0.0}
        return _ask(model, request, _taken(model, body | wide | fields))

    first = ask(1)
    if first != ask(1):
        model.note("seed", "the server ignores seed: the same command gives other samples")
    elif first and first == ask(2):
        model.note(
            "temperature",
            f"the server ignores temperature or seed: two seeds give one text at temperature "
            f"{_PROBE_TEMPERATURE:g}, so samples may all be alike",
        )
        return
    for name, value, extreme in (
        ("top_p", settings.top_p < 1, 1e-6),
        ("min_p", settings.min_p > 0, 1.0),
    ):
        if value and ask(1, **{name: extreme}) != ask(2, **{name: extreme}):
            model.note(name, f"the server ignores {name}: samples are drawn without it")


def generate_on_server(
    model: ServerModel,
    request: GenerationRequest,
    tasks: Sequence[Task],
    samples: Sequence[Sequence[int]],
    on_draw: Callable[[int], None] | None = None,
) -> Iterator[tuple[int, Event]]:
    """The events of `samples`, by index, of each task, as they come: (place of the task, event).

    `on_draw` is told after each round of pieces of text how many samples are live.
    """
    answers = _Answers(model, request, tasks, samples)
    try:
        yield from answers.events(on_draw)
    finally:
        answers.close()


class _Job:
    """Samples of one task that are asked for in one request, again until all have ended."""

    def __init__(self, task_index: int, samples: Sequence[int]) -> None:
        self.task_index, self.samples = task_index, tuple(samples)
        self.texts = dict.fromkeys(samples, "")
        """What has come of each."""
        self.n_pieces = dict.fromkeys(samples, 0)
        self.ended: set[int] = set()
        """Those that the server ended, or whose readers want nothing more."""

    def open(self) -> list[int]:
        return [sample for sample in self.samples if sample not in self.ended]


_Item = tuple[_Job, int, Piece | None]
"""A piece of a sample; None: the sample begins again."""


class _Answers:
    """Threads that ask, and the readers of what they get."""

    def __init__(
        self,
        model: ServerModel,
        request: GenerationRequest,
        tasks: Sequence[Task],
        samples: Sequence[Sequence[int]],
    ) -> None:
        self._model, self._request, self._tasks = model, request, tasks
        self.live = LiveAnswers()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._items: queue.SimpleQueue[_Item | Exception | None] = queue.SimpleQueue()
        self._is_closing = False
        self._n_left = self._n_samples = sum(map(len, samples))
        most = request.batch_size or MOST_CHOICES
        for task_index, indices in enumerate(samples):
            for start in range(0, len(indices), most):
                self._jobs.put(_Job(task_index, indices[start : start + most]))
        self._readers: dict[tuple[int, int], _Edits | _Whole] = {}

    def events(self, on_draw: Callable[[int], None] | None) -> Iterator[tuple[int, Event]]:
        n_working = min(self._model.n_parallel, self._n_left)
        for _ in range(n_working):
            threading.Thread(target=self._work, name="server request", daemon=True).start()
        n_told, failure = 0, None
        while self._n_left and n_working:
            try:
                item = self._items.get(timeout=_LOOK_S)
            except queue.Empty:
                if on_draw:
                    on_draw(0)  # whoever is told may have had enough
                continue
            if item is None:
                n_working -= 1
            elif isinstance(item, Exception):
                # What others are in the middle of is read to its end: it is paid for.
                failure = failure or item
                self._begin_closing()
            else:
                n_told += 1
                n_live = len(self._readers) - self._n_samples + self._n_left
                if on_draw and n_told >= n_live:
                    n_told = 0
                    on_draw(max(1, n_live))
                for event in self._take(*item):
                    yield item[0].task_index, event
        if failure is not None:
            raise failure

    def close(self) -> None:
        """End what is under way."""
        self._begin_closing()
        self.live.end()

    def _begin_closing(self) -> None:
        self._is_closing = True
        for _ in range(self._model.n_parallel):
            self._jobs.put(None)

    def _take(self, job: _Job, sample: int, piece: Piece | None) -> Iterator[Event]:
        key = (job.task_index, sample)
        reader = self._readers.get(key)
        if piece is None:
            if reader is not None and not reader.is_over:
                del self._readers[key]
            return
        if reader is None:
            reader = self._readers[key] = self._reader(job.task_index, sample)
        if reader.is_over:
            self._tell_surplus(reader, piece)
            return
        for event in self._read(reader, piece):
            if isinstance(event, SampleEnd):
                job.ended.add(sample)
                self._n_left -= 1
            yield event

    def _reader(self, task_index: int, sample: int) -> _Edits | _Whole:
        kind = _Edits if self._request.mode == "stepwise" else _Whole
        return kind(self._model.text, self._request, self._tasks[task_index], sample)

    def _read(self, reader: _Edits | _Whole, piece: Piece) -> Iterator[Event]:
        if piece.text and not piece.tokens and "logprobs refused" not in self._model.left_out:
            self._model.note("logprobs", "the server gives no log-probabilities: traces have none")
        for token in _sampled(piece):
            yield from reader.push(token)
            if reader.is_over:
                if reader.ended_by == "stop":
                    self._model.note("stop", "the server ignores stop: texts are cut here")
                return
        if piece.end is not None:
            reason = self._reason(piece, reader.n_pieces)
            figure = piece.tokens[-1][1] if piece.tokens else math.nan
            for event in reader.end(reason, figure):
                if isinstance(event, SampleEnd) and piece.n_tokens is not None:
                    event = replace(event, n_tokens=max(event.n_tokens, piece.n_tokens))
                yield event

    def _reason(self, piece: Piece, n_pieces: int) -> StopReason:
        if piece.end == "length":
            most = self._request.settings.max_tokens
            return "context" if max(piece.n_tokens or most, n_pieces) < most else "max_tokens"
        if piece.end not in ("stop", "eos", "eos_token", "end_turn"):
            self._model.note(
                f"finish_reason {piece.end}",
                f"the server ended a sample for a reason of its own, {piece.end!r:.40}",
            )
            return "eos"
        # Most servers do not say whether a stop string or the end marker ended a text.
        is_stop = bool(self._request.stop) and (
            piece.stop == "" or piece.stop in self._request.stop
        )
        return "stop" if is_stop else "eos"

    def _tell_surplus(self, reader: _Edits | _Whole, piece: Piece) -> None:
        if piece.text and reader.ended_by == "max_tokens":
            self._model.note(
                "max_tokens", "the server ignores max_tokens: texts are cut here, and cost more"
            )

    # In threads of their own.

    def _work(self) -> None:
        try:
            while not self._is_closing and (job := self._jobs.get()) is not None:
                try:
                    self._answer(job)
                except LintSeqError as error:
                    problem = self._tasks[job.task_index].problem
                    raise LintSeqError(f"{problem}: {error}" if problem else str(error)) from None
        except Exception as error:  # the reader of the items raises it
            self._items.put(error)
        finally:
            self._items.put(None)

    def _answer(self, job: _Job) -> None:
        """Ask until all samples of `job` have ended; LintSeqError where that cannot be."""
        n_tries = 0
        while (wanted := job.open()) and not self.live.is_over:
            if len(wanted) > 1 and ("n" in self._model.left_out or any(job.texts.values())):
                for sample in wanted:  # each goes on from where it is
                    self._jobs.put(self._alone(job, sample))
                return
            before = sum(job.n_pieces.values())
            try:
                self._ask(job, wanted)
            except Refused as refused:
                body = self._body(job, wanted)
                if not _do_without(self._model, refused, body, n=len(wanted)):
                    raise
            except Busy as busy:
                n_tries = 1 if sum(job.n_pieces.values()) > before else n_tries + 1
                if n_tries >= N_TRIES or self._is_closing:
                    raise _given_up(busy, n_tries) from None
                self._begin_again(job)
                self.live.wait(_wait_s(self._model, n_tries, busy))

    def _alone(self, job: _Job, sample: int) -> _Job:
        alone = _Job(job.task_index, [sample])
        alone.texts[sample], alone.n_pieces[sample] = job.texts[sample], job.n_pieces[sample]
        return alone

    def _begin_again(self, job: _Job) -> None:
        """A completion goes on from the text that has come; a chat cannot."""
        if self._model.how(self._request) == "completions":
            return
        for sample in job.open():
            job.texts[sample], job.n_pieces[sample] = "", 0
            self._items.put((job, sample, None))

    def _body(self, job: _Job, wanted: list[int]) -> dict[str, Any]:
        """The request for what is left of `wanted`, with a seed by the first of them."""
        request, instruction = self._request, self._tasks[job.task_index].instruction
        first = wanted[0]
        (rng,) = sample_rngs(instruction, seed=request.seed, indices=[first]).values()
        seed = int(rng.random() * 2**31)
        n_more = max(1, request.settings.max_tokens - job.n_pieces[first])
        return _body(self._model, request, instruction, len(wanted), n_more, seed, job.texts[first])

    def _ask(self, job: _Job, wanted: list[int]) -> None:
        """Make one request and hand on what comes of it. Busy if not all comes that has begun."""
        body, before = self._body(job, wanted), dict(job.n_pieces)
        begun: dict[int, int] = {}  # by the server's number of a choice, the sample
        ended: set[int] = set()
        path = _PATHS[self._model.how(self._request)]
        with closing(self._model.client.stream(path, body, self.live)) as pieces:
            for piece in pieces:
                sample = begun.get(piece.choice)
                if sample is None or (sample in ended and piece.text):
                    free = [one for one in wanted if one not in begun.values() and one not in ended]
                    if not free:
                        continue  # more than was asked for
                    if sample is not None:
                        self._model.note(
                            "index",
                            f"the server gives several choices the index {piece.choice}: they are "
                            "told apart by where they end",
                        )
                    own = wanted[piece.choice] if 0 <= piece.choice < len(wanted) else free[0]
                    sample = begun[piece.choice] = own if own in free else free[0]
                if piece.end in ("abort", "error"):
                    raise Busy(f"{self._model.client.base_url} gave up a sample ({piece.end})")
                job.texts[sample] += piece.text
                job.n_pieces[sample] += max(1, len(piece.tokens)) if piece.text else 0
                if piece.end is not None:
                    ended.add(sample)
                    job.ended.add(sample)
                    if piece.n_tokens is not None:
                        piece = replace(piece, n_tokens=before[sample] + piece.n_tokens)
                self._items.put((job, sample, piece))
                if not set(wanted) - job.ended:
                    return  # their readers have all they want
        if not begun:
            raise Busy(f"{self._model.client.base_url} answered without a choice")
        if any(sample not in job.ended for sample in begun.values()):
            raise Busy(f"{self._model.client.base_url} ended its answer before a sample was over")
        if job.open():
            self._model.note(
                "n",
                f"the server ignores n, {len(ended)} of {len(wanted)} choices came: samples are "
                "asked for one by one",
            )


class _Edits:
    """Reads one sample edit by edit."""

    def __init__(
        self, text: ModelText, request: GenerationRequest, task: Task, sample: int
    ) -> None:
        assert request.edit_format is not None
        checks = Checks(
            get_linter(request.linter_name), None, task.judge, time.perf_counter,
            request.edit_format,
        )  # fmt: skip
        most = request.settings.max_tokens
        self._reader = SampleReader(sample, text, checks, most, text.context_length)
        self.is_over, self.n_pieces = False, 0
        self.ended_by: StopReason | None = None

    def push(self, token: SampledToken) -> Iterator[Event]:
        self.n_pieces += 1
        yield from self._told(self._reader.push(token))

    def end(self, reason: StopReason, figure: float) -> Iterator[Event]:
        if reason == "eos":
            yield from self._told(self._reader.push(SampledToken(_END_ID, "", figure, None)))
        else:
            yield from self._told(self._reader.finish(reason))

    def _told(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, SampleEnd):
                self.is_over, self.ended_by = True, event.stop_reason
            yield event


class _Whole:
    """Reads one sample as a whole program."""

    def __init__(
        self, text: ModelText, request: GenerationRequest, task: Task, sample: int
    ) -> None:
        most = request.settings.max_tokens
        self._reader = WholeReader(sample, text, most, text.context_length, request.stop)
        self._judge, self._started = task.judge, time.perf_counter()
        self.is_over, self.n_pieces = False, 0
        self.ended_by: StopReason | None = None

    def push(self, token: SampledToken) -> Iterator[Event]:
        self.n_pieces += 1
        if reason := self._reader.push(token):
            yield self._end(reason)

    def end(self, reason: StopReason, figure: float) -> Iterator[Event]:
        if reason == "eos":
            self._reader.push(SampledToken(_END_ID, "", figure, None))
        yield self._end(reason)

    def _end(self, reason: StopReason) -> SampleEnd:
        self.is_over, self.ended_by = True, reason
        return self._reader.end(reason, time.perf_counter() - self._started, self._judge)


_PATHS: dict[Endpoint, str] = {"chat": "/chat/completions", "completions": "/completions"}


def _body(
    model: ServerModel,
    request: GenerationRequest,
    instruction: str,
    n_choices: int,
    max_tokens: int,
    seed: int,
    written: str,
) -> dict[str, Any]:
    """A request for `n_choices` that go on after `written`."""
    settings = request.settings
    body: dict[str, Any] = {
        "model": model.name,
        "max_tokens": max_tokens,
        "temperature": settings.temperature,
        "seed": seed,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if model.how(request) == "chat":
        body |= {"messages": [{"role": "user", "content": instruction}], "logprobs": True}
    else:
        marker = DIFF_MARKER if request.mode == "stepwise" else ""
        body |= {"prompt": f"{instruction}\n{marker}{written}", "logprobs": 1}
    if settings.temperature > 0:
        body |= {"top_p": settings.top_p, **_OFF}
    if settings.temperature > 0 and settings.min_p > 0:
        body["min_p"] = settings.min_p
    if request.stop:
        body["stop"] = list(request.stop)
    if n_choices > 1:
        body["n"] = n_choices
    return _taken(model, body)


def _taken(model: ServerModel, body: dict[str, Any]) -> dict[str, Any]:
    """`body` without what the server has refused, unless it asks for something."""
    return {
        name: value
        for name, value in body.items()
        if f"{name} refused" not in model.left_out or value != _OFF.get(name, value)
    }


def _do_without(model: ServerModel, refused: Refused, body: dict[str, Any], *, n: int) -> bool:
    """Whether a request that was refused can be made without a field of it, which is noted."""
    if refused.status not in (400, 422):
        return False
    if "messages" in body and "template" in refused.words:
        raise LintSeqError(f"{refused}: --endpoint completions asks without a chat template")
    for name in _MAY_GO:
        if name in _OFF and body.get(name) != _OFF[name]:
            continue  # it asks for something
        is_named = re.search(rf"\b{name}\b", refused.words)
        if is_named and f"{name} refused" not in model.left_out:
            model.note(f"{name} refused", f"the server takes no {name}: it is left out")
            return True
    if n > 1:
        model.note("n", "the server takes no n: samples are asked for one by one")
    return n > 1


def _ask(model: ServerModel, request: GenerationRequest, body: dict[str, Any]) -> str:
    """The text of one short answer."""
    live, most = LiveAnswers(), int(body["max_tokens"])
    n_tries = 0
    while True:
        try:
            with closing(model.client.stream(_PATHS[model.how(request)], body, live)) as pieces:
                texts = list(islice((piece.text for piece in pieces if piece.text), most + 1))
            if len(texts) > most:
                model.note("max_tokens", "the server ignores max_tokens: texts are cut here")
            return "".join(texts[:most])
        except Refused as refused:
            if not _do_without(model, refused, body, n=1):
                raise
            body = _taken(model, body)
        except Busy as busy:
            n_tries += 1
            if n_tries >= N_TRIES:
                raise _given_up(busy, n_tries) from None
            live.wait(_wait_s(model, n_tries, busy))


def _wait_s(model: ServerModel, n_tries: int, busy: Busy) -> float:
    """Twice as long each time, spread by chance so that requests do not come all at once."""
    own: float = model.first_wait_s * 2 ** (n_tries - 1) * random.uniform(0.75, 1.25)
    return min(max(own, busy.after_s or 0.0), LONGEST_WAIT_S)


def _given_up(busy: Busy, n_tries: int) -> LintSeqError:
    times = "once" if n_tries == 1 else f"{n_tries} times"
    return LintSeqError(
        f"{busy}; asked {times}: what is finished is kept in the trace, and the same "
        "command goes on from there"
    )


def _sampled(piece: Piece) -> Iterator[SampledToken]:
    """The tokens of a piece; where their texts do not add up, the last one has all of the text."""
    if not piece.text:
        return
    if not piece.tokens:
        yield SampledToken(NO_ID, piece.text, math.nan, None)
        return
    add_up = "".join(text for text, _ in piece.tokens) == piece.text
    for place, (text, figure) in enumerate(piece.tokens, start=1):
        whole = piece.text if place == len(piece.tokens) else ""
        yield SampledToken(NO_ID, text if add_up else whole, figure, None)
