from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from lintseq_core.models.load import load_model
from lintseq_core.training.config import PRETRAINING, Execution
from lintseq_core.training.errors import TrainingError
from lintseq_core.training.feed import Step
from lintseq_core.training.loop import METRICS, train
from lintseq_core.training.metrics_log import StepMetrics, read_metrics
from lintseq_core.training.pretraining import TextFeed, TextSource, plan_pretraining

END = 256  # of the tiny tokenizer, whose other ids are bytes


def write(path: Path, *texts: str, field: str = "text") -> Path:
    path.write_text("".join(json.dumps({field: text}) + "\n" for text in texts))
    return path


def feed(*sources: TextSource, length: int = 4, batch_size: int = 2, steps: int = 3) -> TextFeed:
    return TextFeed(
        sources,
        load_model("tiny").encoder,
        length=length,
        batch_size=batch_size,
        total_steps=steps,
    )


def ids(steps: list[Step]) -> list[int]:
    return [token for step in steps for (block,) in step.rows for token in block.ids.tolist()]


def test_documents_follow_each_other_with_an_end_between_and_begin_again(tmp_path: Path) -> None:
    source = TextSource(write(tmp_path / "a.jsonl", "abc", "<|endoftext|>"))
    steps = list(feed(source).steps(0))
    assert ids(steps) == [*b"abc", END, *b"<|endoftext|>", END, *b"abc", END, *b"<|"]
    assert [len(block.ids) for step in steps for (block,) in step.rows] == [4] * 6


def test_sources_are_mixed_by_tokens(tmp_path: Path) -> None:
    web = TextSource(write(tmp_path / "web.jsonl", "w" * 9), weight=1)
    code = TextSource(write(tmp_path / "code.jsonl", "c" * 4, field="content"), weight=3)
    found = ids(list(feed(web, code, length=8, batch_size=4, steps=10).steps(0)))
    assert found.count(ord("c")) * 10 / 8 == pytest.approx(3 * found.count(ord("w")), rel=0.2)


@pytest.mark.parametrize("done", [1, 2, 3, 4])
def test_a_stream_goes_on_where_its_state_was_taken(tmp_path: Path, done: int) -> None:
    a = TextSource(write(tmp_path / "a.jsonl", "abc", "defghij", "", "k"))
    b = TextSource(write(tmp_path / "b.jsonl", "0123456789"), weight=0.5)
    whole = ids(list(feed(a, b, steps=5).steps(0)))
    first = feed(a, b, steps=5)
    steps = first.steps(0)
    begun = ids([next(steps) for _ in range(done)])
    later = feed(a, b, steps=5)
    later.restore(json.loads(json.dumps(first.state())))
    assert begun + ids(list(later.steps(done))) == whole


BAD = [
    ([], "no document in it; give another file"),
    ([""], "no document in it; give another file"),
    (['{"a": 1}'], "row 1: no text in any of text, content, code, response; name the field"),
    (["[1]"], "row 1: not a JSON object"),
]


@pytest.mark.parametrize("lines, message", BAD)
def test_a_file_without_text_is_named(tmp_path: Path, lines: list[str], message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    with pytest.raises(TrainingError, match=message):
        list(feed(TextSource(path)).steps(0))


@pytest.mark.parametrize("weight", [0, -1, math.inf, math.nan])
def test_a_share_must_be_a_number_above_zero(tmp_path: Path, weight: float) -> None:
    with pytest.raises(TrainingError, match=f"weight {weight:g}; a share is a number above 0"):
        TextSource(tmp_path / "a.jsonl", weight=weight)


def pretrain(path: Path, output: Path, max_steps: int | None = None) -> list[StepMetrics]:
    from dataclasses import replace

    loaded = load_model("tiny", dtype="float64")
    values = replace(
        PRETRAINING, learning_rate=5e-3, batch_size=2, max_length=16, warmup_steps=2,
        precision="float64", max_steps=max_steps,
    )  # fmt: skip
    stream, settings = plan_pretraining(
        [TextSource(path)], loaded, n_tokens=1_000, optimization=values
    )
    train(
        loaded, stream, output, optimization=values, settings=settings,
        execution=Execution(micro_batch=1, device="cpu", save_every=10),
    )  # fmt: skip
    return read_metrics(output / METRICS)


def test_a_resumed_pre_training_has_the_losses_of_a_whole_one(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", "def f(x):\n    return x\n", "x = 1\n" * 9)
    whole = pretrain(path, tmp_path / "whole")
    pretrain(path, tmp_path / "parts", max_steps=13)
    parts = pretrain(path, tmp_path / "parts")
    assert len(whole) == 32  # 1,000 tokens by 32 a step, rounded up
    assert [step.loss for step in parts] == pytest.approx([step.loss for step in whole], abs=1e-6)
    assert whole[-1].loss < whole[0].loss - 1
    assert whole[2].learning_rate == pytest.approx(5e-3)


def test_blocks_longer_than_the_model_has_positions_are_refused(tmp_path: Path) -> None:
    from dataclasses import replace

    loaded = load_model("tiny")
    source = TextSource(write(tmp_path / "a.jsonl", "x = 1"))
    for max_length in (1_024, 1_025):
        values = replace(PRETRAINING, max_length=max_length)
        if max_length == 1_024:
            plan_pretraining([source], loaded, n_tokens=1, optimization=values)
            continue
        with pytest.raises(TrainingError, match=r"1025 is over the 1024 positions of .*; lower it"):
            plan_pretraining([source], loaded, n_tokens=1, optimization=values)
