"""02, the edit data: how long sequences are, what their texts cost, what s of them bring."""

from __future__ import annotations

import ast
import importlib.util
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from lintseq_core.data.building.report import read_report
from lintseq_core.data.counts import describe
from lintseq_core.edits import sample_paths
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments import paper_runs
from lintseq_core.experiments.claims import Claim, Effect, judge
from lintseq_core.experiments.edit_data_tables import (
    anatomy,
    by_s,
    expected_randseq_edits,
    lengths,
    program_rows,
    token_inflation,
)
from lintseq_core.experiments.experiment import Experiment, Result, Stopwatch, make_record
from lintseq_core.experiments.pipeline.arms import S
from lintseq_core.experiments.places import asset_folder, example_programs
from lintseq_core.experiments.plans import RunPlan
from lintseq_core.experiments.profiles import Profile
from lintseq_core.metrics.intervals import mean_interval
from lintseq_core.programs import Program, extract_definition
from lintseq_core.results.frames import Frame, frame_of
from lintseq_core.results.paper import published

NAME = "edit_data"
RANDSEQ_LENGTH = Claim(
    "RandSeq needs 1 + H(n − 1) edits for n lines on average, within a quarter of an edit: "
    "its chunks are uniform in 1 to n − 1",
    "the authors' generate_with_random_sampling.py; the sum is ours",
    low=-0.25,
    high=0.25,
)
INFLATION = Claim(
    "The same program costs more tokens as edits than whole: the ratio is above 1",
    "Figures 1 and 4, FLOPs of samples at equal k",
    published=published("FLOPs of LintSeq over Instruct at equal k", version="v3"),
    low=1.0,
)
CLAIMS = (RANDSEQ_LENGTH, INFLATION)
MODULES = (
    "bisect", "calendar", "colorsys", "copy", "fnmatch", "fractions", "heapq", "statistics",
    "textwrap", "difflib", "shlex", "string", "tokenize", "csv", "inspect",
)  # fmt: skip

_MOST_SHOWN = 60  # the tails of histograms are long and thin


@dataclass(frozen=True, slots=True)
class EditDataConfig:
    """Which programs, and how many sequences of each."""

    profile: Profile
    source: str = "examples"
    """ "examples": those of this project; "stdlib": functions and classes of `modules`."""
    modules: tuple[str, ...] = MODULES
    least_lines: int = 5
    most_lines: int = 60
    s: tuple[int, ...] = (1, 2, 5, 10)
    """Sequences of each program; the paper takes 5."""
    randseq_paths: int = 40
    """Of RandSeq, whose mean length is checked against the sum."""
    seed: int = 0


CONFIGS: dict[Profile, EditDataConfig] = {
    "smoke": EditDataConfig("smoke", most_lines=200),
    "cpu": EditDataConfig("cpu", source="stdlib", s=(1, 2, 5, 10, 20)),
    "paper": EditDataConfig("paper", s=(S,)),
}


def run(config: EditDataConfig) -> Result:
    """Sample sequences of every program with both methods, and count."""
    watch = Stopwatch()
    programs = _programs(config)
    most = max(config.s)
    ours = {
        name: list(sample_paths(one, seed=config.seed, n_paths=most))
        for name, one in programs.items()
    }
    theirs = {
        name: list(
            sample_paths(one, seed=config.seed, n_paths=config.randseq_paths, method="randseq")
        )
        for name, one in programs.items()
    }
    inflation = [token_inflation(sequences) for sequences in ours.values()]
    surplus = [
        mean(one.n_edits for one in sequences) - expected_randseq_edits(len(programs[name].lines))
        for name, sequences in theirs.items()
    ]
    tables = {
        "lengths": lengths(ours, theirs),
        "programs": program_rows(programs, ours, theirs),
        "anatomy": anatomy([one for sequences in ours.values() for one in sequences]),
        "s": by_s(ours, config.s),
    }
    judgements = (
        judge(
            RANDSEQ_LENGTH,
            Effect.from_interval(
                "Edits of RandSeq less 1 + H(n − 1)",
                mean_interval(surplus), unit="edits", scale=1, of="programs",
            ),
        ),
        judge(
            INFLATION,
            Effect.from_interval(
                "Tokens of a LintSeq text over those of its program",
                mean_interval(inflation), unit="times", scale=1, of="programs",
            ),
        ),
    )  # fmt: skip
    notes = (
        "Tokens are words and single signs, not those of a model's tokenizer, which merges some "
        "of a hunk's signs.",
        "The published ratios are of FLOPs, prompts included, for programs that models wrote; ours "
        "is of training texts without instructions, so the two numbers are not to be equal.",
    )
    record = make_record(
        NAME,
        config.profile,
        config,
        seeds={"seed": config.seed},
        packages=("pyflakes",),
        counts={"programs": len(programs), "sequences": len(programs) * most},
    )
    return Result(NAME, config.profile, tables, judgements, record, notes, watch.seconds())


def plan(config: EditDataConfig) -> tuple[RunPlan, ...]:
    """The paper's three data sets: edits, edits without a linter, whole programs."""
    return paper_runs.data_plans([("lintseq", "pyflakes"), ("randseq", ""), ("whole", "")])


@dataclass(frozen=True, slots=True)
class MinedLengths:
    """The mined data set's report in tables (assets/datasets of this project)."""

    summary: Frame
    lines: Frame
    edits: Frame


def mined_lengths() -> MinedLengths:
    """Lengths in the recorded build of 10,977 mined programs; LintSeqError without its report."""
    folder = asset_folder("datasets")
    if folder is None:
        raise LintSeqError("the report of the mined data set is missing; use a checkout or a wheel")
    counts = read_report(folder / "edits.jsonl").tally.counts
    names = {
        "lines a program": counts.lines_per_program,
        "edits a sequence": counts.edits_per_sequence,
        "lines an edit": counts.lines_per_edit,
    }
    rows: list[dict[str, object]] = []
    for name, histogram in names.items():
        told = describe(histogram)
        rows.append({
            "of": name, "counted": told.count, "mean": told.mean, "median": told.median,
            "one in ten above": told.p90, "most": told.most,
        })  # fmt: skip
    inflation = counts.text_tokens / counts.program_tokens
    rows.append({"of": "tokens of texts over those of programs", "mean": inflation})
    return MinedLengths(
        frame_of(rows, tuple(rows[0])),
        _shares("mined programs", "lines", counts.lines_per_program),
        _shares("LintSeq, s = 5", "edits", counts.edits_per_sequence),
    )


def _shares(method: str, name: str, histogram: Mapping[int, int]) -> Frame:
    total = sum(histogram.values())
    rows = [
        {"method": method, name: value, "share": histogram[value] / total}
        for value in sorted(histogram)
        if value <= _MOST_SHOWN
    ]
    return frame_of(rows, ("method", name, "share"))


def _programs(config: EditDataConfig) -> dict[str, Program]:
    if config.source == "examples":
        found = example_programs()
    elif config.source == "stdlib":
        found = dict(_definitions(config.modules))
    else:
        raise LintSeqError(f"source {config.source!r}: choose 'examples' or 'stdlib'")
    kept = {
        name: one
        for name, one in found.items()
        if config.least_lines <= len(one.lines) <= config.most_lines
    }
    if not kept:
        raise LintSeqError(
            f"no program of {config.least_lines} to {config.most_lines} lines: widen the limits"
        )
    return kept


def _definitions(modules: Sequence[str]) -> Iterator[tuple[str, Program]]:
    """Functions and classes at the top of modules of the standard library, once each."""
    for module in modules:
        spec = importlib.util.find_spec(module)
        if spec is None or spec.origin is None:
            raise LintSeqError(f"{module}: no module with a file in this Python; leave it out")
        program = Program.from_file(Path(spec.origin))
        names = Counter(
            node.name
            for node in ast.parse(program.text).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        )
        for name, times in names.items():
            if times == 1:
                yield f"{module}.{name}", extract_definition(program, name)


EXPERIMENT = Experiment(
    NAME, "The edit data: lengths, the anatomy of diffs, tokens and s.", CLAIMS, CONFIGS, run, plan
)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
