"""03, pre-training TinyCodeLM: both shapes counted, a small one trained on real Python here."""

from __future__ import annotations

import hashlib
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.data.mining.mine import fault_of_path
from lintseq_core.data.mining.packages import find_files
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments import paper_runs
from lintseq_core.experiments.claims import Claim, Effect, judge, untold
from lintseq_core.experiments.experiment import (
    Experiment,
    Result,
    Stopwatch,
    make_record,
    planned_only,
)
from lintseq_core.experiments.plans import H100_BF16_FLOPS, RunPlan
from lintseq_core.experiments.profiles import Profile
from lintseq_core.json_text import json_text
from lintseq_core.metrics.intervals import mean_interval
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import published

if TYPE_CHECKING:
    from lintseq_core.models.loaded import LoadedModel

NAME = "pretraining"
SCORES = Claim(
    "TinyCodeLM solves a few problems before any fine-tuning",
    "model cards",
    published("pass@k", variant="pretrained"),
)
LEARNS = Claim(
    "A pre-trained model predicts Python that it has not seen better than at its start",
    "what every later experiment stands on; ours, since losses are published nowhere",
)
CLAIMS = (SCORES, LEARNS)
PROMPTS = ("def mean(values):", "class Stack:\n    def __init__(self):", "import os")
"""What the trained model goes on from, to see what its loss means."""


@dataclass(frozen=True, slots=True)
class PretrainingConfig:
    """A shape, and how much text it sees once."""

    profile: Profile
    model: str = "tiny"
    tokenizer: str | None = None
    """Of another model; those that are built in have their own."""
    packages: bool = False
    """Whether modules of all installed packages come after those of the standard library."""
    n_modules: int | None = 20
    """The first of them in mixed order; None: all."""
    steps: int = 10
    batch_size: int = 4
    length: int = 128
    learning_rate: float = 5e-3
    warmup_steps: int = 2
    device: str = "cpu"
    seed: int = 42


CONFIGS: dict[Profile, PretrainingConfig] = {
    "smoke": PretrainingConfig("smoke"),
    "cpu": PretrainingConfig(
        "cpu", model="tinycodelm-3m", n_modules=None, steps=1_200, batch_size=16, length=256,
        learning_rate=2e-3, warmup_steps=100,
    ),
    "small": PretrainingConfig(
        "small", model="tinycodelm-150m", tokenizer="smollm2-135m", packages=True, n_modules=None,
        steps=6_200, batch_size=32, length=1_024, learning_rate=3e-4, warmup_steps=100,
        device="auto",
    ),
    "paper": PretrainingConfig("paper"),
}  # fmt: skip


def run(config: PretrainingConfig) -> Result:
    """Train on the standard library, each text once: the loss of a step is on unseen text."""
    if config.profile == "paper":
        raise planned_only(config.profile)
    watch = Stopwatch()
    modules = list(_modules(config.n_modules, packages=config.packages))
    losses, written, n_parameters, rounds = _train(config, modules)
    part = max(1, len(losses) // 4)
    gains = [first - last for first, last in zip(losses[:part], losses[-part:], strict=True)]
    gain = Effect.from_interval(
        "Loss a token of the first quarter of steps less that of the last",
        mean_interval(gains), unit="nats", scale=1, of="pairs of steps",
    )  # fmt: skip
    notes = [
        f"{n_parameters:,} parameters saw {len(losses) * config.batch_size * config.length:,} "
        f"tokens of {len(modules):,} modules of the standard library"
        f"{' and of installed packages' if config.packages else ''}, in mixed order.",
    ]
    if rounds >= 1:
        notes.append(f"Texts came {rounds:.1f} times: the last losses are not of unseen text.")
    rows = [{"step": at, "loss": loss} for at, loss in enumerate(losses, start=1)]
    return Result(
        NAME,
        config.profile,
        {
            "losses": frame_of(rows, ("step", "loss")),
            "written": frame_of(written, ("prompt", "continuation")),
            "published_time": time_frame(),
        },
        (
            untold(SCORES, "no model of the paper's size was trained here, and none is fetched"),
            judge(LEARNS, gain),
        ),
        make_record(
            NAME, config.profile, config, seeds={"seed": config.seed},
            packages=("torch", "transformers", "accelerate"),
        ),
        tuple(notes),
        watch.seconds(),
    )  # fmt: skip


def plan(config: PretrainingConfig) -> tuple[RunPlan, ...]:
    """Both TinyCodeLM at the published size."""
    return paper_runs.pretraining_plans()


def time_frame() -> Frame:
    """The published days against the FLOPs: what share of four H100s' peak they imply."""
    rows = []
    for planned in paper_runs.pretraining_plans():
        name = planned.name.split(",")[0]
        (days,) = published("pretraining time", model=name)
        gpu_hours = days.value * 24 * planned.gpus
        rows.append({
            "model": name, "parameters": planned.n_parameters, "published_days": days.value,
            "gpu_hours": gpu_hours, "FLOPs": f"{planned.flops:.3g}",
            "share_of_peak": planned.flops / (gpu_hours * 3600 * H100_BF16_FLOPS),
            "share_if_two_passes": 2 * planned.flops / (gpu_hours * 3600 * H100_BF16_FLOPS),
        })  # fmt: skip
    return frame_of(rows, tuple(rows[0]))


def _train(
    config: PretrainingConfig, modules: list[str]
) -> tuple[list[float], list[dict[str, str]], int, float]:
    """The loss of each step, what the model writes after the last, its size, rounds of the text."""
    from lintseq_core.models.devices import choose_device, one_thread
    from lintseq_core.models.extra import quiet_progress, require_extra

    require_extra("torch", "transformers", "accelerate")
    quiet_progress()
    from lintseq_core.models.load import fresh_model, load_tokenizer
    from lintseq_core.models.presets import find_preset
    from lintseq_core.training.config import PRETRAINING, Execution
    from lintseq_core.training.loop import train
    from lintseq_core.training.pretraining import TextSource, plan_pretraining

    preset = find_preset(config.model)
    if preset is None:
        raise LintSeqError(f"no model {config.model!r}; see 'lintseq models list'")
    device = choose_device(config.device)
    optimization = replace(
        PRETRAINING, learning_rate=config.learning_rate, batch_size=config.batch_size,
        max_length=config.length, warmup_steps=config.warmup_steps, seed=config.seed,
        precision="float32" if device == "cpu" else "bf16",
    )  # fmt: skip
    tokenizer: Any = None
    if config.tokenizer is not None:
        tokenizer = load_tokenizer(config.tokenizer, config.tokenizer)
    loaded = fresh_model(preset, tokenizer, dtype="float32", seed=config.seed)
    losses: list[float] = []
    threads = one_thread() if config.model == "tiny" else nullcontext()
    with threads, tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "python.jsonl"
        texts.write_text(
            "".join(json_text({"text": text}) + "\n" for text in modules),
            encoding="utf-8",
        )
        feed, settings = plan_pretraining(
            [TextSource(texts)], loaded,
            n_tokens=config.steps * config.batch_size * config.length, optimization=optimization,
        )  # fmt: skip
        rounds = 0.0

        def note(metrics: Any) -> None:
            nonlocal rounds
            losses.append(metrics.loss)
            rounds = max(rounds, float(metrics.epoch))

        train(
            loaded, feed, Path(folder) / "run", optimization=optimization,
            execution=replace(Execution(), device=device, save_every=10**9),
            settings=settings, on_step=note,
        )  # fmt: skip
        written = [
            {"prompt": prompt, "continuation": _write(loaded, prompt, config.seed)}
            for prompt in PROMPTS
        ]
    return losses, written, int(loaded.model.num_parameters()), rounds


def _write(loaded: LoadedModel, prompt: str, seed: int) -> str:
    """How the model goes on after the prompt and a line break."""
    from lintseq_core.generation.request import run_model
    from lintseq_core.generation.sampling import SamplingSettings
    from lintseq_core.generation.steps import SampleEnd
    from lintseq_core.generation.types import GenerationRequest

    settings = SamplingSettings(temperature=0.5, max_tokens=160)
    request = GenerationRequest(prompt, mode="whole", settings=settings, seed=seed)
    events = run_model(loaded, request).events
    return "".join(event.text for event in events if isinstance(event, SampleEnd))


def _modules(n: int | None, *, packages: bool) -> Iterator[str]:
    """Texts of modules without tests, mixed by a hash of their paths so that no domain is last."""
    places = ["stdlib", sysconfig.get_path("purelib")] if packages else ["stdlib"]
    files = {
        f"{file.package.name}/{file.path}": file for place in places for file in find_files(place)
    }
    mixed = sorted(files, key=lambda name: hashlib.sha256(name.encode()).digest())
    texts = (
        files[name].read().decode("utf-8", "ignore")
        for name in mixed
        if fault_of_path(files[name].path) != "file_test"
    )
    return islice(filter(str.strip, texts), n)


EXPERIMENT = Experiment(NAME, "Pre-training TinyCodeLM.", CLAIMS, CONFIGS, run, plan)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
