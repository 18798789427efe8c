"""The promise of a batch, on a real model in float64: nobody can tell that there is one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
import torch

from lintseq_core import get_linter
from lintseq_core.errors import LintSeqError
from lintseq_core.generation.guard import LintGuard
from lintseq_core.generation.language_model import LanguageModel, language_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import EditStep, SampleEnd
from lintseq_core.generation.stepwise import generate_stepwise
from lintseq_core.generation.whole import generate_whole
from lintseq_core.models.load import load_model
from lintseq_core.models.loaded import LoadedModel

PROMPT = list(b"Write a program.")


@cache
def tiny() -> LoadedModel:
    return load_model("tiny", dtype="float64")


def model() -> LanguageModel:
    return language_model(tiny())


def wild() -> LanguageModel:
    """Ends and edit borders are as likely as any byte, so samples differ in length and shape."""
    marker, newline = tiny().encoder.diff_id, ord("\n")
    known = model()

    def decode(ids: object) -> str:
        # Every eighth byte reads as the border of edits: a random model writes one now and then.
        words = {**{token: "\n<|diff|>" for token in range(0, 256, 8)}, marker: "<|diff|>"}
        return "".join(words.get(token, chr(97 + token % 26)) for token in ids)  # type: ignore[attr-defined]

    return replace(known, decode=decode, eos_ids=frozenset(range(1, 256, 64)) - {newline})


def told(event: EditStep | SampleEnd) -> tuple[object, ...]:
    """What must not depend on the batch; times do, and probabilities in their last bits."""
    ids = tuple(token.token_id for token in event.tokens)
    if isinstance(event, SampleEnd):
        return (event.text, event.program, event.stop_reason, event.n_tokens, ids)
    return (event.step_index, event.attempt, event.text, event.outcome, ids)


@pytest.mark.parametrize("guard", [None, LintGuard(2)], ids=["plain", "guarded"])
@pytest.mark.parametrize(
    "settings",
    [SamplingSettings(1.0, 0.95, 0.0, 120), SamplingSettings(1.3, 1.0, 0.02, 60)],
    ids=["top-p", "min-p"],
)
def test_edits_of_a_batch_are_those_drawn_one_by_one(
    settings: SamplingSettings, guard: LintGuard | None
) -> None:
    def run(
        n_samples: int, seed: int = 5, batch_size: int | None = None
    ) -> list[EditStep | SampleEnd]:
        return list(
            generate_stepwise(
                wild(), "Write it.", settings=settings, linter=get_linter("pyflakes"),
                n_samples=n_samples, batch_size=batch_size, seed=seed, guard=guard,
            )
        )  # fmt: skip

    batch = run(6)
    for n_samples in (1, 4):
        part = run(n_samples)
        for index in range(n_samples):
            alone = [event for event in part if event.sample_index == index]
            beside = [event for event in batch if event.sample_index == index]
            assert [told(event) for event in alone] == [told(event) for event in beside]
            assert alone[-1].log_prob == pytest.approx(beside[-1].log_prob, abs=1e-9)
    in_turn = sorted(map(told, run(6, batch_size=4)), key=repr)
    assert in_turn == sorted(map(told, batch), key=repr)
    ends = [event for event in batch if isinstance(event, SampleEnd)]
    assert len({end.n_tokens for end in ends}) > 2, "samples should end at different times"
    if guard:
        assert sum(end.n_rejected_tokens for end in ends) > 0
    assert [told(event) for event in run(6)] == [told(event) for event in batch]
    assert [told(event) for event in run(6, seed=6)] != [told(event) for event in batch]


def test_whole_programs_of_a_batch_are_those_drawn_one_by_one() -> None:
    settings = SamplingSettings(max_tokens=150)
    batch = list(generate_whole(model(), "Write it.", settings=settings, n_samples=8))
    for n_samples, batch_size in ((1, None), (3, None), (8, 3)):
        for end in generate_whole(
            model(), "Write it.", settings=settings, n_samples=n_samples, batch_size=batch_size
        ):
            beside = next(other for other in batch if other.sample_index == end.sample_index)
            assert told(end) == told(beside)
    assert {end.stop_reason for end in batch} == {"eos", "max_tokens"}


def test_logits_are_those_of_a_model_that_reads_everything_anew() -> None:
    known, decoder = tiny(), model().decoder
    logits, rows = decoder.start([PROMPT], [3])
    texts = [list(PROMPT) for _ in range(3)]

    def anew(ids: list[int]) -> torch.Tensor:
        with torch.inference_mode():
            return known.model(torch.tensor([ids])).logits[0, -1]

    def feed(tokens: list[int]) -> None:
        logits = rows.feed(tokens)
        for row, token in enumerate(tokens):
            texts[row].append(token)
            torch.testing.assert_close(logits[row], anew(texts[row]), rtol=0, atol=1e-12)

    torch.testing.assert_close(logits[0], anew(PROMPT), rtol=0, atol=1e-12)
    for step in range(5):
        feed([step, 2 * step, 99])
    rows.forget(1, 3)
    del texts[1][-3:]
    for step in range(3):
        feed([7 + step, 50 + step, 3])
    rows.forget(1, 4)  # across the hole
    del texts[1][-4:]
    rows.forget(2, 1)
    del texts[2][-1:]
    feed([1, 2, 3])
    rows.keep([2, 1])
    texts[:] = [texts[2], texts[1]]
    feed([8, 9])
    for step in range(400):  # past the room of the first buffers
        rows.feed([step % 256, 1])
        texts[0].append(step % 256)
        texts[1].append(1)
    feed([5, 6])


def test_rows_of_the_embedding_that_are_no_token_are_never_drawn() -> None:
    loaded = load_model("tiny", dtype="float64")
    loaded.model.resize_token_embeddings(512)
    with torch.no_grad():
        loaded.model.get_input_embeddings().weight[259:] = 9.0
    padded = language_model(loaded)
    (end,) = generate_whole(padded, "Write it.", settings=SamplingSettings(max_tokens=100))
    (same,) = generate_whole(model(), "Write it.", settings=SamplingSettings(max_tokens=100))
    assert told(end) == told(same)


@pytest.mark.parametrize("when", [0, 3])
def test_running_out_of_memory_names_the_knobs(monkeypatch: pytest.MonkeyPatch, when: int) -> None:
    loaded = tiny()
    forward, calls = loaded.model.forward, iter(range(10))

    def full(*arguments: object, **options: object) -> object:
        if next(calls) == when:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return forward(*arguments, **options)

    monkeypatch.setattr(loaded.model, "forward", full)
    with pytest.raises(LintSeqError) as error:
        list(generate_whole(model(), "Do.", settings=SamplingSettings(), n_samples=7))
    assert str(error.value) == (
        "out of memory with 7 samples at once (CUDA out of memory): lower --batch-size, "
        "--max-tokens, or choose --dtype bfloat16"
    )
