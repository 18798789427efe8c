"""Training as a user meets it, on the tiny model."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.tracking import GeneralTracker
from typer.testing import CliRunner

from lintseq_core.cli import app
from lintseq_core.data.building.dataset import build_dataset, settings_for
from lintseq_core.models.load import load_model
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.models.presets import find_preset
from lintseq_core.models.tokens import TextEncoder
from lintseq_core.seeds import dropout_seed
from lintseq_core.training.checkpoint import latest_checkpoint
from lintseq_core.training.config import DataChoice, Execution, Optimization
from lintseq_core.training.encode import encode_examples
from lintseq_core.training.errors import CheckpointError, TrainingError
from lintseq_core.training.examples import read_examples
from lintseq_core.training.loop import CHECKPOINTS, METRICS, MODEL, TrainingOutcome
from lintseq_core.training.losses import token_losses
from lintseq_core.training.metrics_log import StepMetrics, read_metrics
from lintseq_core.training.run import plan_fine_tuning, run_plan
from tests.unit.training.small_models import (
    saved,
    small_config,
    small_model,
    small_preset_config,
)

PROGRAMS = [
    ("Double a number.", "def double(x):\n    y = x + x\n    return y\n"),
    ("Sum a list.", "def total(xs):\n    s = 0\n    for x in xs:\n        s += x\n    return s\n"),
    ("Say hi.", "def hi(name):\n    # greet\n    print('<|diff|>', name)\n    return name\n"),
]
EXACT = Optimization(learning_rate=5e-3, batch_size=4, precision="float64", seed=1)
FOUR_EPOCHS = DataChoice(epochs=4)
HERE = Execution(micro_batch=2, device="cpu", save_every=3)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Tests run side by side: threads that wait for a core made one step 200 times slower."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def build(
    folder: Path, name: str, programs: list[tuple[str, str]] = PROGRAMS, **given: Any
) -> Path:
    source = folder / "programs.jsonl"
    rows = [{"instruction": said, "response": program} for said, program in programs]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    path = folder / name
    build_dataset(source, path, settings_for(source, **{"samples": 2} | given), workers=1)
    return path


@pytest.fixture(scope="module")
def edits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """2 sequences of each of 3 programs."""
    return build(tmp_path_factory.mktemp("data"), "edits.jsonl")


def run(
    data: Path,
    output: Path,
    *,
    optimization: Optimization = EXACT,
    execution: Execution = HERE,
    choice: DataChoice = FOUR_EPOCHS,
    loaded: LoadedModel | None = None,
) -> tuple[list[StepMetrics], TrainingOutcome]:
    loaded = loaded or load_model("tiny", dtype="float64")
    plan = plan_fine_tuning(
        [data], loaded, data=choice, optimization=optimization, execution=execution
    )
    outcome = run_plan(plan, loaded, output, optimization=optimization, execution=execution)
    return read_metrics(output / METRICS), outcome


def losses(metrics: list[StepMetrics]) -> list[float]:
    return [step.loss for step in metrics]


def test_a_memorisable_set_is_memorised(edits: Path, tmp_path: Path) -> None:
    fast = Optimization(learning_rate=5e-3, batch_size=6, precision="float32", warmup_ratio=0.05)
    metrics, outcome = run(
        edits, tmp_path / "run", optimization=fast, execution=Execution(16, device="cpu", save_every=10**6),
        choice=DataChoice(epochs=150), loaded=load_model("tiny"),
    )  # fmt: skip
    assert metrics[0].loss == pytest.approx(math.log(259), abs=0.3)
    assert metrics[-1].loss < 0.15
    assert outcome.model_folder == tmp_path / "run" / MODEL
    assert load_model(str(outcome.model_folder)).encoder.diff_id == 258


@pytest.mark.parametrize(
    "execution",
    [
        Execution(micro_batch=1, device="cpu", packing=False),
        Execution(micro_batch=16, device="cpu", packing=True),
        Execution(micro_batch=16, device="cpu", packing=False),
    ],
)
def test_losses_depend_on_neither_packing_nor_micro_batches(
    edits: Path, tmp_path: Path, execution: Execution
) -> None:
    expected, _ = run(edits, tmp_path / "one")
    found, _ = run(edits, tmp_path / "two", execution=execution)
    assert losses(found) == pytest.approx(losses(expected), abs=1e-9)


def test_checkpoints_by_trained_tokens_are_of_the_first_step_that_reaches_each_multiple(
    edits: Path, tmp_path: Path
) -> None:
    every = 500
    by_tokens = Execution(micro_batch=2, device="cpu", save_every_tokens=every)
    metrics, _ = run(edits, tmp_path / "run", execution=by_tokens)
    totals = [step.trained_tokens_total for step in metrics]
    reached = {
        next(step.step for step in metrics if step.trained_tokens_total >= multiple)
        for multiple in range(every, totals[-1] + 1, every)
    }
    saved_at = {int(one.name[-6:]) for one in (tmp_path / "run" / CHECKPOINTS).iterdir()}
    assert len(reached) >= 2 and len(reached | {len(metrics)}) < len(metrics)
    assert saved_at == reached | {len(metrics)}


def test_checkpoints_are_by_steps_or_by_trained_tokens() -> None:
    with pytest.raises(TrainingError, match="give save_every or save_every_tokens"):
        Execution(save_every=3, save_every_tokens=500)


@pytest.mark.parametrize("packing", [True, False])
def test_the_losses_of_tokens_sum_to_the_loss_that_training_reports(
    edits: Path, tmp_path: Path, packing: bool
) -> None:
    """The first step has all examples, and weights that are still those that were loaded."""
    loaded = load_model("tiny", dtype="float64")
    examples = list(encode_examples(read_examples(edits, "edits"), loaded.encoder))
    told = list(token_losses(loaded, examples))
    assert [len(costs) for _, costs in told] == [one.n_trained() for one, _ in told]
    assert sorted(map(id, examples)) == sorted(id(one) for one, _ in told)
    (first,), _ = run(
        edits, tmp_path / "run", loaded=loaded, choice=DataChoice(epochs=1),
        optimization=dataclasses.replace(EXACT, batch_size=len(examples)),
        execution=Execution(micro_batch=2, device="cpu", packing=packing),
    )  # fmt: skip
    assert first.trained_tokens == sum(len(costs) for _, costs in told)
    assert sum(float(costs.sum()) for _, costs in told) == pytest.approx(first.loss_sum, rel=1e-5)


@pytest.mark.parametrize("name", ["gemma-2-2b", "phi-3-mini", "tinycodelm-150m", "llama-3.1-8b"])
def test_packed_losses_are_padded_ones_in_every_family(
    edits: Path, tmp_path: Path, name: str
) -> None:
    preset = find_preset(name)
    assert preset is not None
    values = dataclasses.replace(EXACT, max_steps=4)
    found = []
    for packing in (True, False):
        loaded = saved(tmp_path / "small", small_model(small_preset_config(preset)))
        execution = Execution(micro_batch=4, device="cpu", packing=packing)
        metrics, _ = run(
            edits, tmp_path / str(packing), loaded=loaded, optimization=values, execution=execution
        )
        found.append(losses(metrics))
    assert found[0] == pytest.approx(found[1], abs=1e-5)


def test_a_run_of_a_model_that_cannot_keep_packed_examples_apart_is_refused_before_it_starts(
    edits: Path, tmp_path: Path
) -> None:
    loaded = saved(tmp_path / "small", small_model(small_config("mamba", {})))
    with pytest.raises(TrainingError, match=r"are not kept apart.*; train with --padding"):
        run(edits, tmp_path / "run", loaded=loaded)
    assert not (tmp_path / "run").exists()
    padded = dataclasses.replace(HERE, packing=False)
    short = dataclasses.replace(EXACT, max_steps=1)
    metrics, _ = run(edits, tmp_path / "run", loaded=loaded, execution=padded, optimization=short)
    assert len(metrics) == 1


def test_bf16_learns_as_float32_does(edits: Path, tmp_path: Path) -> None:
    found = []
    for precision in ("float32", "bf16"):
        values = dataclasses.replace(EXACT, precision=precision, max_steps=3)
        loaded = load_model("tiny")
        metrics, _ = run(edits, tmp_path / precision, optimization=values, loaded=loaded)
        assert {p.dtype for p in loaded.model.parameters()} == {torch.float32}
        found.append(losses(metrics))
    assert found[1] == pytest.approx(found[0], rel=0.02)
    assert found[1] != found[0]


def test_a_resumed_run_has_the_losses_of_one_that_was_never_stopped(
    edits: Path, tmp_path: Path
) -> None:
    expected, _ = run(edits, tmp_path / "whole")
    for stop in (2, 5, None):
        values = dataclasses.replace(EXACT, max_steps=stop)
        found, outcome = run(edits, tmp_path / "parts", optimization=values)
    assert outcome.resumed_from == 5
    assert [step.step for step in found] == list(range(1, 9))
    assert losses(found) == pytest.approx(losses(expected), abs=1e-6)
    assert [step.trained_tokens_total for step in found] == [
        step.trained_tokens_total for step in expected
    ]


def test_a_finished_run_is_left_as_it_is(edits: Path, tmp_path: Path) -> None:
    before, _ = run(edits, tmp_path / "run")
    after, outcome = run(edits, tmp_path / "run")
    assert (after, outcome.last, outcome.resumed_from) == (before, None, 8)


def test_a_checkpoint_of_another_run_is_refused_with_the_difference(
    edits: Path, tmp_path: Path
) -> None:
    run(edits, tmp_path / "run", optimization=dataclasses.replace(EXACT, max_steps=3))
    other = dataclasses.replace(EXACT, learning_rate=1e-4)
    with pytest.raises(CheckpointError) as caught:
        run(edits, tmp_path / "run", optimization=other)
    folder = tmp_path / "run" / CHECKPOINTS / "step-000003"
    assert str(caught.value) == (
        f"{folder} is of another run: learning_rate was 0.005, is 0.0001. "
        "Use the same values, or another output folder"
    )


@pytest.mark.parametrize("schema", [1, 3])
def test_a_checkpoint_of_another_version_is_refused(
    edits: Path, tmp_path: Path, schema: int
) -> None:
    run(edits, tmp_path / "run", optimization=dataclasses.replace(EXACT, max_steps=3))
    folder = tmp_path / "run" / CHECKPOINTS / "step-000003"
    state = json.loads((folder / "state.json").read_text())
    assert state["schema"] == 2
    (folder / "state.json").write_text(json.dumps(state | {"schema": schema, "unknown": 1}))
    with pytest.raises(CheckpointError) as caught:
        run(edits, tmp_path / "run")
    assert str(caught.value) == (
        f"{folder}: of another version of lintseq (schema {schema}, here 2), whose steps are not "
        "quite these; end the run with that version, or start afresh in another output folder"
    )


def with_dropout(folder: Path) -> LoadedModel:
    config = small_config("llama", {})
    config.attention_dropout = 0.5
    return saved(folder, small_model(config))


def test_dropout_is_drawn_from_the_seed_and_the_step_alone(edits: Path, tmp_path: Path) -> None:
    state = torch.random.get_rng_state()
    values = dataclasses.replace(EXACT, max_steps=6)
    expected, _ = run(
        edits, tmp_path / "whole", loaded=with_dropout(tmp_path / "small"), optimization=values
    )
    for stop in (3, 6):
        torch.rand(stop)  # what a caller draws changes nothing
        found, _ = run(
            edits, tmp_path / "parts", loaded=with_dropout(tmp_path / "small"),
            optimization=dataclasses.replace(values, max_steps=stop),
        )  # fmt: skip
    assert losses(found) == pytest.approx(losses(expected), abs=1e-6)
    torch.random.set_rng_state(state)
    without, _ = run(
        edits, tmp_path / "other", loaded=saved(tmp_path / "dry", small_model(small_config("llama", {}))),
        optimization=values,
    )  # fmt: skip
    assert abs(losses(without)[0] - losses(expected)[0]) > 1e-4


def test_the_draw_of_dropout_is_the_published_one(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds: list[int] = []
    seeded = torch.manual_seed
    monkeypatch.setattr(torch, "manual_seed", lambda seed: (seeds.append(seed), seeded(seed))[1])
    run(edits, tmp_path / "run", optimization=dataclasses.replace(EXACT, max_steps=2))
    assert seeds[-2:] == [dropout_seed(EXACT.seed, 0, 0), dropout_seed(EXACT.seed, 1, 0)]


def test_a_checkpoint_of_other_data_is_refused(edits: Path, tmp_path: Path) -> None:
    run(edits, tmp_path / "run", optimization=dataclasses.replace(EXACT, max_steps=3))
    other = build(tmp_path, "other.jsonl", seed=1)
    with pytest.raises(CheckpointError, match="is of another run: data was '"):
        run(other, tmp_path / "run")


def test_only_the_newest_checkpoint_keeps_its_optimizer(edits: Path, tmp_path: Path) -> None:
    run(edits, tmp_path / "run")
    folders = sorted((tmp_path / "run" / CHECKPOINTS).iterdir())
    assert [(folder.name, (folder / "optimizer.pt").exists()) for folder in folders] == [
        ("step-000003", False), ("step-000006", False), ("step-000008", True),
    ]  # fmt: skip
    for folder in folders:
        assert load_model(str(folder)).model.num_parameters() == 90_624


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_checkpoint(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load_model("tiny", dtype="float64")
    forward, calls = loaded.model.forward, 0

    def spoiled(**inputs: Any) -> Any:
        nonlocal calls
        calls += loaded.model.training
        found = forward(**inputs)
        if calls > 3:  # packed into one micro-batch a step: step 4
            found.logits = found.logits * math.nan
        return found

    monkeypatch.setattr(loaded.model, "forward", spoiled)
    with pytest.raises(TrainingError) as caught:
        run(edits, tmp_path / "run", loaded=loaded)
    kept = tmp_path / "run" / CHECKPOINTS / "step-000003"
    assert str(caught.value) == (
        f"the loss is nan at step 4, so the step was not taken; the last good checkpoint is {kept}. "
        "Lower the learning rate, now 0.005, or use precision float32"
    )
    assert latest_checkpoint(tmp_path / "run" / CHECKPOINTS) == kept
    assert [step.step for step in read_metrics(tmp_path / "run" / METRICS)] == [1, 2, 3]


def test_out_of_memory_names_what_to_lower(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = load_model("tiny", dtype="float64")
    forward = loaded.model.forward

    def full(**inputs: Any) -> Any:
        if loaded.model.training:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return forward(**inputs)

    monkeypatch.setattr(loaded.model, "forward", full)
    with pytest.raises(TrainingError) as caught:
        run(edits, tmp_path / "run", loaded=loaded)
    assert str(caught.value) == (
        "out of memory for 1 rows of 424 tokens on cpu: lower --micro-batch, now 2 (losses stay the "
        "same), or --max-length, now 1024 (they do not); --gradient-checkpointing and --precision "
        "bf16 need less too"
    )


def test_no_room_for_the_optimizer_names_sharding(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(torch.optim.AdamW, "step", full)
    with pytest.raises(TrainingError) as caught:
        run(edits, tmp_path / "run")
    assert str(caught.value) == (
        "out of memory for the optimizer: weights, gradients and AdamW take 16 bytes a parameter, "
        "whatever the batch: share them out over GPUs with accelerate's FSDP (docs/training.md), "
        "or train a smaller model"
    )


def test_the_end_pads_where_the_tokenizer_has_no_padding(edits: Path, tmp_path: Path) -> None:
    loaded = load_model("tiny", dtype="float64")
    loaded.tokenizer.pad_token = None
    bare = dataclasses.replace(loaded, encoder=TextEncoder(loaded.tokenizer, "bare"))
    assert bare.encoder.pad_id == bare.encoder.eos_id
    padded = Execution(micro_batch=4, device="cpu", packing=False)
    short = dataclasses.replace(EXACT, max_steps=3)
    expected, _ = run(edits, tmp_path / "one", optimization=short, execution=padded)
    found, _ = run(edits, tmp_path / "two", optimization=short, execution=padded, loaded=bare)
    assert losses(found) == pytest.approx(losses(expected), abs=1e-12)


COMMAND = [
    "--epochs", "4", "--batch-size", "4", "--micro-batch", "1", "--precision", "float64",
    "--lr", "0.005", "--seed", "1", "--device", "cpu", "--save-every", "3",
]  # fmt: skip
QUIET = os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


LAYOUTS = [
    ("lintseq", {"layout": "lintseq"}),
    ("pylintseq", {"layout": "pylintseq"}),
    ("prompt-completion", {"layout": "prompt-completion", "eos": "<|endoftext|>"}),
    ("messages", {"layout": "messages"}),
]


def test_every_layout_teaches_the_same(tmp_path: Path) -> None:
    loaded = load_model("tiny")
    prints = set()
    for name, given in LAYOUTS:
        data = build(tmp_path, f"{name}.jsonl", **given)
        plan = plan_fine_tuning(
            [data], loaded, data=DataChoice(), optimization=EXACT, execution=HERE
        )
        prints.add(plan.feed.fingerprint())
    assert len(prints) == 1


def test_whole_programs_come_from_any_data_set_once_each(edits: Path, tmp_path: Path) -> None:
    loaded = load_model("tiny")
    choice = DataChoice(target="whole")
    written_whole = build(
        tmp_path, "whole.jsonl", method="whole", samples=1, layout="prompt-completion"
    )
    plans = [
        plan_fine_tuning([data], loaded, data=choice, optimization=EXACT, execution=HERE)
        for data in (edits, written_whole)
    ]
    assert plans[0].feed.fingerprint() == plans[1].feed.fingerprint()
    assert [plan.counts.examples for plan in plans] == [3, 3]
    assert [plan.epochs for plan in plans] == [10, 10]


def test_examples_can_be_matched(edits: Path) -> None:
    plan = plan_fine_tuning(
        [edits], load_model("tiny"), data=DataChoice(match="examples"), optimization=EXACT,
        execution=HERE,
    )  # fmt: skip
    assert (plan.counts.examples, plan.programs, plan.epochs) == (3, 3, 10)


def test_programs_without_edits_do_not_teach_edits(tmp_path: Path) -> None:
    data = build(tmp_path, "whole.jsonl", method="whole", samples=1, layout="prompt-completion")
    with pytest.raises(TrainingError) as caught:
        run(data, tmp_path / "run")
    assert str(caught.value) == (
        f"{data}, row 1: a program in one piece, without edits; train with target 'whole', "
        "or build the file with method lintseq or randseq"
    )


def test_random_edits_can_be_trained_on(tmp_path: Path) -> None:
    data = build(tmp_path, "random.jsonl", method="randseq")
    metrics, _ = run(data, tmp_path / "run", optimization=dataclasses.replace(EXACT, max_steps=2))
    assert metrics[1].loss < metrics[0].loss


def test_a_limit_above_the_models_context_is_refused(edits: Path, tmp_path: Path) -> None:
    values = dataclasses.replace(EXACT, max_length=2_048)
    with pytest.raises(TrainingError, match="max_length 2048 is over the 1024 tokens that tiny"):
        run(edits, tmp_path / "run", optimization=values)


@pytest.mark.parametrize(
    "given, message",
    [
        (("--device", "mps"), "device 'mps': models do not run on mps here"),
        (("--device", "cuda:1"), "device 'cuda:1': this machine has no CUDA"),
        (("--revision", "main"), "revision 'main': tiny is on this machine and has only one"),
        (("--preset", "gemma", "--lr", "1e-3"), "no values are known for the model 'gemma'"),
        (
            ("--match", "tokens", "--token-budget", "9", "--epochs", "2"),
            "steps, epochs and a token budget each say when a run ends",
        ),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(
    edits: Path, tmp_path: Path, given: tuple[str, ...], message: str
) -> None:
    found = CliRunner().invoke(app, ["train", str(edits), "-o", str(tmp_path / "run"), *given])
    assert str(found.exception).startswith(message)
    assert not (tmp_path / "run").exists()


def test_a_run_is_on_the_gpu_that_was_asked_for(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two GPUs that this machine is made to claim, as far as the model's way to one."""
    chosen: list[str] = []

    @contextmanager
    def current(device: str) -> Iterator[None]:
        chosen.append(device)
        try:
            yield
        finally:
            chosen.pop()

    class Elsewhere(Accelerator):
        def __init__(self, **options: Any) -> None:
            assert not options.pop("cpu")
            super().__init__(cpu=True, **options)
            found.append(list(chosen))

        @property
        def device(self) -> torch.device:
            return torch.device("cuda")

        def prepare(self, *_: Any, **__: Any) -> Any:
            raise TrainingError("far enough")

    found: list[list[str]] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "device", current)
    monkeypatch.setattr("lintseq_core.training.loop.Accelerator", Elsewhere)
    for device in ("cuda:1", "cuda:0", "cuda"):
        with pytest.raises(TrainingError, match="far enough"):
            run(edits, tmp_path / "run", execution=dataclasses.replace(HERE, device=device))
    assert found == [["cuda:1"], ["cuda:0"], []]


@pytest.mark.parametrize(
    "asked, given, processes, message",
    [
        ("cuda", "cpu", 1, "device 'cuda': accelerate runs this process on 'cpu', as its"),
        ("cuda:1", "cuda:0", 1, "device 'cuda:1': accelerate runs this process on 'cuda:0', as"),
        ("cpu", "cuda", 1, "device 'cpu': accelerate runs this process on 'cuda', as its"),
        ("cuda:1", "cuda:1", 2, "device 'cuda:1' is one GPU, and there are 2 processes, each on"),
    ],
)
def test_a_device_that_accelerate_does_not_take_is_refused(
    asked: str, given: str, processes: int, message: str, edits: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    class Elsewhere(Accelerator):
        device = torch.device(given)
        num_processes = processes

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "device", lambda _: nullcontext())
    monkeypatch.setattr("lintseq_core.training.loop.Accelerator", Elsewhere)
    with pytest.raises(TrainingError) as caught:
        run(edits, tmp_path / "run", execution=dataclasses.replace(HERE, device=asked))
    assert str(caught.value).startswith(message)


def test_what_accelerates_environment_says_changes_no_step(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = dataclasses.replace(EXACT, max_steps=2)
    expected, _ = run(edits, tmp_path / "one", optimization=short)
    AcceleratorState._reset_state(reset_partial_state=True)
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    monkeypatch.setenv("ACCELERATE_GRADIENT_ACCUMULATION_STEPS", "4")
    found, _ = run(edits, tmp_path / "two", optimization=short)
    AcceleratorState._reset_state(reset_partial_state=True)
    assert losses(found) == pytest.approx(losses(expected), rel=1e-12)
    assert [step.grad_norm for step in found] == [step.grad_norm for step in expected]


def test_a_tracker_that_is_not_installed_is_named(edits: Path, tmp_path: Path) -> None:
    found = CliRunner().invoke(
        app, ["train", str(edits), "-o", str(tmp_path / "run"), "--tracker", "wandb"]
    )
    assert str(found.exception) == (
        "tracker 'wandb' is not installed: pip install wandb, or use 'none'"
    )


def test_a_tracker_gets_every_step(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, Any]] = []

    class Recorder(GeneralTracker):
        name, requires_logging_directory = "trackio", False

        def __init__(self) -> None:
            super().__init__()

        @property
        def tracker(self) -> None:
            return None

        def store_init_configuration(self, values: dict[str, Any]) -> None:
            sent.append(("settings", values["learning_rate"]))

        def log(self, values: dict[str, Any], step: int | None, **_: Any) -> None:
            sent.append((f"step {step}", values["loss"]))

    monkeypatch.setattr("lintseq_core.training.trackers.check_tracker", lambda _: None)
    monkeypatch.setattr("accelerate.tracking.filter_trackers", lambda *_: [Recorder()])
    told = dataclasses.replace(HERE, tracker="trackio")
    short = dataclasses.replace(EXACT, max_steps=2)
    metrics, _ = run(edits, tmp_path / "run", optimization=short, execution=told)
    assert sent == [
        ("settings", 0.005),
        ("step 1", metrics[0].loss),
        ("step 2", metrics[1].loss),
    ]


def test_a_tracker_that_writes_files_writes_them_beside_the_metrics(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: list[str | None] = []
    monkeypatch.setattr("lintseq_core.training.trackers.check_tracker", lambda _: None)
    monkeypatch.setattr("accelerate.tracking.filter_trackers", lambda *_: [])
    monkeypatch.setattr(
        "accelerate.Accelerator.init_trackers",
        lambda self, *_, **__: places.append(self.logging_dir),
    )
    told = dataclasses.replace(HERE, tracker="tensorboard")
    short = dataclasses.replace(EXACT, max_steps=1)
    run(edits, tmp_path / "run", optimization=short, execution=told)
    assert places == [str(tmp_path / "run")]


def test_the_command_shows_which_tokens_are_trained_on(edits: Path) -> None:
    shown = CliRunner().invoke(app, ["train", str(edits), "--show", "1"])
    assert shown.stdout.startswith("Double a number.↵\n<|diff|>@@ -0,0 +1")
    assert shown.stdout.endswith("<|endoftext|>\n82 of 98 tokens are trained on\n\n")


def test_the_command_shows_examples_as_they_would_be_trained_on(edits: Path) -> None:
    given = ["train", str(edits), "--show", "9", "--match", "examples", "--max-length", "90"]
    cut = CliRunner().invoke(app, given)
    ends = [line for line in cut.stdout.splitlines() if "tokens are trained on" in line]
    assert ends == [
        "74 of 90 tokens are trained on, 8 more are cut",
        "79 of 90 tokens are trained on, 35 more are cut",
        "83 of 90 tokens are trained on, 28 more are cut",
    ]
    dropped = CliRunner().invoke(app, [*given, "--too-long", "drop"])
    assert str(dropped.exception) == (
        "no example to show: none has an answer within 90 tokens; raise --max-length"
    )


def test_the_command_counts_what_is_too_long(edits: Path, tmp_path: Path) -> None:
    for policy, done in (("truncate", "cut"), ("drop", "left out")):
        given = ["train", str(edits), "-o", str(tmp_path / policy), *COMMAND, "--max-steps", "1"]
        said = CliRunner().invoke(app, [*given, "--max-length", "100", "--too-long", policy])
        assert f"programs, 4 of over 100 tokens {done}; " in said.stderr


def test_the_command_trains_and_says_where_the_model_is(edits: Path, tmp_path: Path) -> None:
    given = ["train", str(edits), "-o", str(tmp_path / "run"), *COMMAND, "--max-steps", "1"]
    done = CliRunner().invoke(app, given)
    assert done.stdout == f"{tmp_path / 'run' / MODEL}\n"
    assert done.stderr == (
        "lintseq: note: 6 examples of 3 programs; 582 of 650 tokens trained on; "
        "8 steps of 4 in 4 epochs, learning rate 0.005\n"
        "lintseq: note: step 1 of 8: loss 5.3640 a token\n"
    )


def test_a_dry_run_tells_steps_and_memory_and_makes_nothing(edits: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["train", str(edits), *COMMAND, "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "8 steps of 4 in 4 epochs" in done.stderr
    first, second, parts, shared = done.stdout.splitlines()
    assert first == "tiny, float64, passes of 1 rows of 424 tokens"
    assert re.fullmatch(r"memory of a step: [\d.]+ MB on cpu(, where [\d.]+ GB are free)?", second)
    assert parts.startswith(
        "  weights 0.7 MB, gradients 0.7 MB, optimizer state 1.4 MB, activations "
    )
    assert shared.startswith("  shared out over GPUs with FSDP: ")


def test_a_dry_run_needs_neither_the_model_nor_its_machine(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path))
    given = ["train", str(edits), "--model", "smollm2-135m", "--device", "cuda", "--dry-run"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    assert "steps are not counted: smollm2-135m is not on this machine" in done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "smollm2-135m, bf16, passes of 4 rows of 1,024 tokens"
    assert re.fullmatch(r"memory of a step: [\d.]+ GB on cuda", lines[1])


def test_a_model_that_does_not_fit_is_refused_before_it_is_loaded(
    edits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "small"
    saved(model, small_model(small_config("llama", {})))
    (model / "model.safetensors").unlink()  # so that loading it would fail
    monkeypatch.setattr("lintseq_core.training.memory.free_memory", lambda _: 1e6)
    given = ["train", str(edits), "-o", str(tmp_path / "run"), *COMMAND, "--model", str(model)]
    found = CliRunner().invoke(app, given)
    assert str(found.exception).startswith(f"{model} does not fit: a step of 1 rows of 424 tokens")
    assert "and 1.0 MB are free there; lower --micro-batch, or use" in str(found.exception)
    assert not (tmp_path / "run").exists()


def test_both_ways_to_say_a_warm_up_at_once_are_refused(edits: Path, tmp_path: Path) -> None:
    given = ["train", str(edits), "-o", str(tmp_path / "run"), "--warmup-steps", "3"]
    found = CliRunner().invoke(app, [*given, "--warmup-ratio", "0.1"])
    assert found.exit_code == 2
    assert "give steps or a share of all" in found.stderr


def test_the_command_takes_the_values_of_the_schedule(edits: Path, tmp_path: Path) -> None:
    given = ["train", str(edits), "-o", str(tmp_path / "run"), *COMMAND, "--max-steps", "1"]
    given += ["--schedule", "cosine", "--warmup-steps", "2", "--least-lr", "0.001"]
    given += ["--weight-decay", "0.1", "--clip-norm", "1", "--keep-checkpoints", "1"]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    checkpoint = latest_checkpoint(tmp_path / "run" / CHECKPOINTS)
    assert checkpoint is not None
    settings = json.loads((checkpoint / "state.json").read_text())["settings"]
    told = ("schedule", "warmup_steps", "least_learning_rate", "weight_decay", "max_grad_norm")
    assert [settings[name] for name in told] == ["cosine", 2, 0.001, 0.1, 1.0]
