"""01, the algorithm (figure 2): what each linter lets through, and how the draw shapes edits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import mean

import numpy as np

from lintseq_core.edits import EditSequence, SamplingConfig, sample_paths
from lintseq_core.edits.closure import lint_state, original_findings
from lintseq_core.errors import LinterUnavailable
from lintseq_core.experiments import paper_runs
from lintseq_core.experiments.claims import Claim, Effect, Judgement, judge
from lintseq_core.experiments.experiment import Experiment, Result, Stopwatch, make_record
from lintseq_core.experiments.places import example_programs
from lintseq_core.experiments.plans import RunPlan
from lintseq_core.experiments.profiles import Profile
from lintseq_core.linting import get_linter
from lintseq_core.metrics.intervals import mean_interval, share_interval
from lintseq_core.programs import Program
from lintseq_core.results.frames import Frame, frame_of

NAME = "algorithm"
CLEAN = Claim(
    "No edit of LintSeq brings a new linter error: fewer than 1 % of its states have one",
    "Figure 2 and the project page",
    low=-math.inf,
    high=1.0,
)
LINTER_MATTERS = Claim(
    "Without the linter, states break: RandSeq breaks a larger share of them than LintSeq",
    "linter ablation",
)
CLAIMS = (CLEAN, LINTER_MATTERS)
RACERS = ("pyflakes", "pylint", "ruff", "syntax", "randseq")
"""Linters of LintSeq, and RandSeq, which asks none."""


@dataclass(frozen=True, slots=True)
class AlgorithmConfig:
    """Which programs are taken apart, how often, and by whom."""

    profile: Profile
    programs: tuple[str, ...] = ()
    """Example programs by name; none: all."""
    n_paths: int = 4
    """Sequences of each program."""
    seed: int = 0
    racers: tuple[str, ...] = RACERS
    most_lines: tuple[tuple[str, int], ...] = (("pylint", 20),)
    """Longer programs are not given to this racer: pylint takes 0.1 s for each state."""
    draws: tuple[int | None, ...] = (None, 1, 4)
    """Weights of indentation: None draws uniformly, as the pseudo-code; 1 is the code's."""


CONFIGS: dict[Profile, AlgorithmConfig] = {
    "smoke": AlgorithmConfig(
        "smoke",
        n_paths=2,
        racers=("pyflakes", "ruff", "syntax", "randseq"),
        most_lines=(("ruff", 40),),
    ),
    "cpu": AlgorithmConfig("cpu", n_paths=20),
    "paper": AlgorithmConfig("paper", racers=("pylint", "pyflakes"), most_lines=()),
}


def run(config: AlgorithmConfig) -> Result:
    """Take the programs apart with every racer; pyflakes judges every state."""
    watch = Stopwatch()
    programs = example_programs(config.programs)
    notes: list[str] = []
    rows, broken = [], {}
    for racer in config.racers:
        limit = dict(config.most_lines).get(racer, math.inf)
        given = {name: p for name, p in programs.items() if len(p.lines) <= limit}
        if len(given) < len(programs):
            notes.append(f"{racer} had the {len(given)} programs of up to {limit} lines.")
        try:
            raced = {name: _sequences(p, racer, config) for name, p in given.items()}
        except LinterUnavailable as error:
            notes.append(f"{racer} did not run: {error}.")
            continue
        shares = {name: _broken_share(sequences) for name, sequences in raced.items()}
        broken[racer] = shares
        rows.append(_racer_row(racer, raced, shares))
    draws = [_draw_row(bias, programs, config) for bias in config.draws]
    record = make_record(
        NAME,
        config.profile,
        config,
        seeds={"seed": config.seed},
        packages=("pyflakes", "pylint", "ruff"),
        counts={"programs": len(programs)},
    )
    return Result(
        NAME,
        config.profile,
        {"linters": frame_of(rows, tuple(rows[0])), "draws": frame_of(draws, tuple(draws[0]))},
        _judgements(broken),
        record,
        tuple(notes),
        watch.seconds(),
    )


def plan(config: AlgorithmConfig) -> tuple[RunPlan, ...]:
    """The paper's programs taken apart with each linter: the authors', and the default here."""
    return paper_runs.data_plans([("lintseq", linter) for linter in config.racers])


def closure_frame(program: Program, line_number: int) -> Frame:
    """What goes if this line (1-based) goes: a row a line, with its text and the reason."""
    from lintseq_core.edits import closure
    from lintseq_core.edits.words import describe_reason

    reasons = closure(program, line_number - 1).reasons
    rows = [
        {"line": at + 1, "text": program.lines[at], "why": describe_reason(program, at, reason)}
        for at, reason in sorted(reasons.items())
    ]
    return frame_of(rows, ("line", "text", "why"))


def _sequences(program: Program, racer: str, config: AlgorithmConfig) -> list[EditSequence]:
    if racer == "randseq":
        return list(
            sample_paths(program, seed=config.seed, n_paths=config.n_paths, method="randseq")
        )
    linter = get_linter(racer)
    return list(sample_paths(program, seed=config.seed, n_paths=config.n_paths, linter=linter))


def _broken_share(sequences: Sequence[EditSequence]) -> tuple[int, int]:
    """(states with a finding of pyflakes that the whole program lacks, states)."""
    judge_linter = get_linter("pyflakes")
    known = original_findings(sequences[0].program, judge_linter)
    n_broken = n_states = 0
    for sequence in sequences:
        for present in _states(sequence):
            found = lint_state(sequence.program, present, judge_linter)
            n_broken += any(key not in known for _, key in found)
            n_states += 1
    return n_broken, n_states


def _states(sequence: EditSequence) -> Iterator[list[int]]:
    for step in range(1, sequence.n_edits + 1):
        yield [line for line, birth in enumerate(sequence.birth_steps) if birth < step]


def _racer_row(
    racer: str, raced: dict[str, list[EditSequence]], shares: dict[str, tuple[int, int]]
) -> dict[str, object]:
    sequences = [one for several in raced.values() for one in several]
    states = sum(n for _, n in shares.values())
    n_broken = sum(n for n, _ in shares.values())
    return {
        "method": "RandSeq" if racer == "randseq" else f"LintSeq, {racer}",
        "programs": len(raced),
        "sequences": len(sequences),
        "edits_a_sequence": mean(one.n_edits for one in sequences),
        "lines_an_edit": _lines_an_edit(sequences),
        "states": states,
        "broken_states": n_broken,
        "broken_share": n_broken / states,
    }


def _draw_row(
    bias: int | None, programs: dict[str, Program], config: AlgorithmConfig
) -> dict[str, object]:
    sampling = SamplingConfig(indent_bias=bias)
    sequences = [
        one
        for program in programs.values()
        for one in sample_paths(program, seed=config.seed, n_paths=config.n_paths, config=sampling)
    ]
    name = "uniform (the pseudo-code)" if bias is None else f"indentation times {bias}"
    return {
        "lines_are_drawn": f"{name} (the authors' code)" if bias == 1 else name,
        "sequences": len(sequences),
        "edits_a_sequence": mean(one.n_edits for one in sequences),
        "lines_an_edit": _lines_an_edit(sequences),
        "share_of_edits_of_one_line": mean(
            size == 1 for one in sequences for size in np.bincount(one.birth_steps).tolist()
        ),
    }


def _lines_an_edit(sequences: Sequence[EditSequence]) -> float:
    return sum(len(one.birth_steps) for one in sequences) / sum(one.n_edits for one in sequences)


def _judgements(broken: dict[str, dict[str, tuple[int, int]]]) -> tuple[Judgement, ...]:
    ours = broken["pyflakes"]
    n_states = sum(n for _, n in ours.values())
    n_broken = sum(n for n, _ in ours.values())
    clean = Effect.from_interval(
        "States of LintSeq with pyflakes that have a new finding",
        share_interval(n_broken, n_states), unit="%", of="states",
    )  # fmt: skip
    if "randseq" not in broken:
        return (judge(CLEAN, clean),)
    gaps = [
        broken["randseq"][name][0] / broken["randseq"][name][1] - n / m
        for name, (n, m) in ours.items()
    ]
    gap = Effect.from_interval(
        "Broken states of RandSeq less those of LintSeq", mean_interval(gaps), of="programs"
    )
    return judge(CLEAN, clean), judge(LINTER_MATTERS, gap)


EXPERIMENT = Experiment(
    NAME, "The algorithm: linters compared, and ways to draw a line.", CLAIMS, CONFIGS, run, plan
)

if __name__ == "__main__":
    from lintseq_core.experiments.command import main

    main(EXPERIMENT)
