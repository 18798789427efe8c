"""Tokens per CPU second of a pocket model, on one thread: numpy against transformers.

    python perf/pocket.py

Random weights, as large as makes what is likely as few as in a trained model; so no sample may end
early: every side draws the same number of tokens, at temperature 1 and top-p 0.95, after the same
prompt. numpy is measured in a process of its own,
whose BLAS is told to use one thread before it is loaded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from tables import Table, best_cpu_s

from lintseq_core import get_linter
from lintseq_core.generation.language_model import LanguageModel, language_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.stepwise import generate_stepwise
from lintseq_core.generation.whole import generate_whole
from lintseq_core.models.pocket.folder import compact_pocket, load_pocket

INSTRUCTION = (
    "Write a function `select(values)` that takes a list of integers. Keep the even ones, double "
    "each, leave out what is above 40, and return the largest of the rest, or None if none is left."
)
N_TOKENS, N_ROWS, REPEATS = 256, 20, 5
SINGLE_LEAST, ROWS_LEAST = 1_500, 8_000
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def rates(model: LanguageModel, repeats: int = REPEATS) -> dict[str, float]:
    """Tokens per CPU second of each way to write."""
    model = replace(model, eos_ids=frozenset())
    settings = SamplingSettings(temperature=1.0, top_p=0.95, max_tokens=N_TOKENS)
    linter = get_linter("pyflakes")

    def whole(n_samples: int) -> None:
        for end in generate_whole(model, INSTRUCTION, settings=settings, n_samples=n_samples):
            assert end.n_tokens == N_TOKENS, end

    def stepwise(n_samples: int) -> None:
        for _ in generate_stepwise(
            model, INSTRUCTION, settings=settings, linter=linter, n_samples=n_samples
        ):
            pass

    found = {}
    for name, run in (("whole", whole), ("stepwise", stepwise)):
        for n_samples in (1, N_ROWS):
            seconds = best_cpu_s(partial(run, n_samples), repeats)
            found[f"{name} {n_samples}"] = n_samples * N_TOKENS / seconds
    return found


def task_texts() -> Iterator[str]:
    """Something to train a tokenizer on: the programs that ship."""
    for path in sorted((Path(__file__).parents[1] / "assets" / "programs").rglob("*.py")):
        yield f"{INSTRUCTION}\n{path.read_text(encoding='utf-8')}"


def save_model(folder: Path) -> Path:
    """A pocket model of random weights in float16 below `folder`."""
    import torch

    from lintseq_core.models.load import fresh_model
    from lintseq_core.models.presets import find_preset
    from lintseq_core.models.task_tokenizer import train_tokenizer

    preset = find_preset("pocket")
    assert preset is not None
    loaded = fresh_model(preset, train_tokenizer(task_texts(), n_tokens=768, context_length=1_024))
    with torch.no_grad():
        loaded.model.get_input_embeddings().weight.mul_(12)
    loaded.model.save_pretrained(folder / "float32")
    loaded.tokenizer.save_pretrained(folder / "float32")
    compact_pocket(folder / "float32", folder / "float16")
    return folder / "float16"


def measure(folder: Path) -> Table:
    import torch

    from lintseq_core.models.load import load_model

    table = Table(
        "Pocket model: generated tokens per CPU second, one thread, float32",
        ["how", "samples at once", "numpy", "transformers", "ratio"],
    )
    saved = save_model(folder)
    done = subprocess.run(
        [sys.executable, __file__, str(saved)],
        env=os.environ | ONE_THREAD, capture_output=True, text=True, check=True,
    )  # fmt: skip
    numpy: dict[str, float] = json.loads(done.stdout)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        model = language_model(load_model(str(saved), dtype="float32", device="cpu"))
        transformers = rates(model, repeats=1)
    finally:
        torch.set_num_threads(before)
    for name, rate in numpy.items():
        how, n_samples = name.split()
        other = transformers[name]
        table.add(how, n_samples, f"{rate:,.0f}", f"{other:,.0f}", f"{rate / other:.1f}")
    for name, least in (("whole 1", SINGLE_LEAST), (f"whole {N_ROWS}", ROWS_LEAST)):
        table.judge(
            f"numpy, {name} at once", numpy[name], f"at least {least:,}",
            holds=numpy[name] >= least, unit=" tokens/s",
        )  # fmt: skip
    table.notes.append(
        f"{N_TOKENS} tokens each after a prompt of {len(model.whole_prompt(INSTRUCTION))}, with "
        "drawing, reading and, stepwise, linting; 836,736 random weights, so edits are noise"
    )
    return table


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(rates(language_model(load_pocket("made", Path(sys.argv[1]))))))
    else:
        with tempfile.TemporaryDirectory() as name:
            print(measure(Path(name)).markdown())
