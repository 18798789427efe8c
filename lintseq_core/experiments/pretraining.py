"""03, pre-training TinyCodeLM: both shapes counted, and a tiny one trained on real Python here."""

from __future__ import annotations

import json
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments import paper_runs
from lintseq_core.experiments.claims import Claim, Effect, judge, untold
from lintseq_core.experiments.experiment import Experiment, Result, Stopwatch, make_record
from lintseq_core.experiments.plans import H100_BF16_FLOPS, RunPlan
from lintseq_core.experiments.profiles import Profile
from lintseq_core.metrics.intervals import bootstrap_mean
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import published

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


@dataclass(frozen=True, slots=True)
class PretrainingConfig:
    """A shape, and how much text it sees once."""

    profile: Profile
    model: str = "tiny"
    tokenizer: str | None = None
    """Of another model; the tiny one has its own."""
    n_modules: int = 20
    """Of the standard library of this Python, in order of their names."""
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
        "cpu", n_modules=150, steps=400, batch_size=16, length=256, warmup_steps=20
    ),
    "small": PretrainingConfig(
        "small", model="tinycodelm-150m", tokenizer="smollm2-135m", n_modules=100_000, steps=300,
        batch_size=32, length=1_024, learning_rate=3e-4, warmup_steps=30, device="auto",
    ),
    "paper": PretrainingConfig("paper"),
}  # fmt: skip


def run(config: PretrainingConfig) -> Result:
    """Train on the standard library, each text once: the loss of a step is on unseen text."""
    watch = Stopwatch()
    losses, n_parameters, rounds = _train(config)
    part = max(1, len(losses) // 4)
    gains = [first - last for first, last in zip(losses[:part], losses[-part:], strict=True)]
    gain = Effect.from_interval(
        "Loss a token of the first quarter of steps less that of the last",
        bootstrap_mean(gains), unit="nats", scale=1, of="pairs of steps",
    )  # fmt: skip
    notes = [
        f"{n_parameters:,} parameters saw {len(losses) * config.batch_size * config.length:,} "
        "tokens of the standard library.",
    ]
    if rounds >= 1:
        notes.append(f"Texts came {rounds:.1f} times: the last losses are not of unseen text.")
    rows = [{"step": at, "loss": loss} for at, loss in enumerate(losses, start=1)]
    return Result(
        NAME,
        config.profile,
        {"losses": frame_of(rows, ("step", "loss")), "published_time": time_frame()},
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


def _train(config: PretrainingConfig) -> tuple[list[float], int, float]:
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
            "".join(json.dumps({"text": text}) + "\n" for text in _modules(config.n_modules)),
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
    return losses, int(loaded.model.num_parameters()), rounds


def _modules(n: int) -> Iterator[str]:
    """Texts of modules of the standard library, in order of their names, tests left out."""
    found = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        text = path.read_text(encoding="utf-8", errors="ignore")
        if text.strip() and found < n:
            found += 1
            yield text


EXPERIMENT = Experiment(NAME, "Pre-training TinyCodeLM.", CLAIMS, CONFIGS, run, plan)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
