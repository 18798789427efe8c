"""Samples per CPU second of 64 problems, one sample each: together against one at a time.

    python perf/batching.py

On one thread, whole programs at temperature 1 and top-p 0.95, of the held-out tasks of Pocket:
their prompts differ in length. No sample may end early, so both ways draw the same number of
tokens. Both must also draw the same samples: the share of those that are equal is counted, in
float32 and in float64. The weights are random, as large as makes what is likely as few as in a
trained model.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pocket import ONE_THREAD, save_model
from tables import Table

from lintseq_core.benchmarks.pocket import held_out
from lintseq_core.benchmarks.pocket.wording import instruction as words_of
from lintseq_core.generation.language_model import LanguageModel
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.types import Task
from lintseq_core.generation.whole import generate_whole_tasks

N_PROBLEMS, N_TOKENS = 64, 64
RATIO_LEAST, EQUAL_LEAST = 2.5, 0.99
SETTINGS = SamplingSettings(temperature=1.0, top_p=0.95, max_tokens=N_TOKENS)


def drawn(model: LanguageModel, tasks: list[Task], batch_size: int) -> tuple[list[str], float]:
    """The texts of one sample a task, and CPU seconds."""
    started = time.process_time()
    texts = {
        place: end.text
        for place, end in generate_whole_tasks(
            model, tasks, [[0]] * len(tasks), settings=SETTINGS, batch_size=batch_size
        )
    }
    return [texts[place] for place in range(len(tasks))], time.process_time() - started


def measured(how: str, dtype: str, saved: Path) -> dict[str, Any]:
    """Both ways of one runtime."""
    tasks = [Task(words_of(task)) for task in held_out.tasks()[:N_PROBLEMS]]
    model = replace(_model(how, dtype, saved), eos_ids=frozenset())
    drawn(model, tasks[:2], 2)  # the first call of anything is slow
    alone, alone_s = drawn(model, tasks, 1)
    together, together_s = drawn(model, tasks, N_PROBLEMS)
    n_equal = sum(one == other for one, other in zip(alone, together, strict=True))
    lengths = [len(model.whole_prompt(task.instruction)) for task in tasks]
    return {"alone_s": alone_s, "together_s": together_s, "n_equal": n_equal, "lengths": lengths}


def _model(how: str, dtype: str, saved: Path) -> LanguageModel:
    if how == "transformers":
        import torch

        from lintseq_core.generation.language_model import language_model
        from lintseq_core.models.load import load_model

        torch.set_num_threads(1)
        return language_model(load_model(str(saved), dtype=dtype, device="cpu"))
    from lintseq_core.generation.numpy_decoder import NumpyDecoder, pocket_language_model
    from lintseq_core.models.pocket.folder import WEIGHTS, load_pocket
    from lintseq_core.models.pocket.network import Network
    from lintseq_core.models.pocket.weights import read_weights

    model = load_pocket("made", saved)
    network = Network(
        model.network.shape,
        read_weights(saved / WEIGHTS),
        n_tokens=model.tokenizer.n_tokens,
        dtype=np.float64 if dtype == "float64" else np.float32,
    )
    return replace(pocket_language_model(model), decoder=NumpyDecoder(network))


def measure(folder: Path) -> Table:
    table = Table(
        f"{N_PROBLEMS} problems with one sample each, one thread: together against one at a time",
        ["runtime", "numbers", "samples / CPU s alone", "together", "ratio", "equal samples"],
    )
    saved = save_model(folder)
    for how in ("numpy", "transformers"):
        for dtype in ("float32", "float64"):
            done = subprocess.run(
                [sys.executable, __file__, how, dtype, str(saved)],
                env=os.environ | ONE_THREAD, capture_output=True, text=True, check=True,
            )  # fmt: skip
            found = json.loads(done.stdout)
            ratio = found["alone_s"] / found["together_s"]
            n_equal = found["n_equal"]
            table.add(
                how, dtype, f"{N_PROBLEMS / found['alone_s']:.2f}",
                f"{N_PROBLEMS / found['together_s']:.2f}", f"{ratio:.1f}",
                f"{n_equal} of {N_PROBLEMS}",
            )  # fmt: skip
            least = 1.0 if dtype == "float64" else EQUAL_LEAST
            share = n_equal / N_PROBLEMS
            table.judge(
                f"{how}, {dtype}: equal samples", share, f"at least {least:.0%}",
                holds=share >= least,
            )  # fmt: skip
            if dtype == "float32":
                table.judge(
                    f"{how}: samples per second together", ratio, f"at least {RATIO_LEAST}",
                    holds=ratio >= RATIO_LEAST, unit="x",
                )  # fmt: skip
    lengths = found["lengths"]
    table.notes.append(
        f"{N_TOKENS} tokens each after prompts of {min(lengths)} to {max(lengths)}; a pocket model "
        "of random weights"
    )
    return table


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measured(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
    else:
        with tempfile.TemporaryDirectory() as name:
            print(measure(Path(name)).markdown())
