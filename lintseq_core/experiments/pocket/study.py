"""What is trained, asked and judged: values, files, and the chains of commands that do it.

    FOLDER/data/rows.jsonl whole.jsonl lintseq.jsonl randseq.jsonl      what models are taught
    FOLDER/data/validation.jsonl held.jsonl held-lintseq.jsonl ...     tasks and rows held out
    FOLDER/data/test.jsonl harder.jsonl                                  tasks that cells are asked
    FOLDER/base/model                                                    where every arm starts
    FOLDER/pilot/ARM-RATE/ FORMAT/ chosen.json                           the pilot, and its choice
    FOLDER/runs/ARM-seed1/                                               a training
    FOLDER/samples/CELL/ results/CELL.jsonl                              a cell, asked and judged
    FOLDER/cells/CELL.json                                               all that is counted of it
    FOLDER/stages.jsonl study.json                                       what ran, what was asked

A cell is an arm and seed at a checkpoint and a temperature, asked the tasks of one file. A step is
done when its output is there: whatever stopped, the same call goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from lintseq_core.data.files import whole_file
from lintseq_core.edits.formats import FORMAT_NAMES, UNIFIED, EditFormatName, checked_format
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.pipeline.stages import Command
from lintseq_core.experiments.profiles import Profile
from lintseq_core.json_text import json_text

Taught = Literal["whole", "lintseq", "randseq"]
Tasks = Literal["test", "harder"]
MODEL = "pocket"
VALIDATION = "validation"
MAX_LENGTH = 704
"""Tokens of an example; longer ones are left out, of 4,000 none in any format."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One thing to teach."""

    name: str
    taught: Taught
    edit_format: EditFormatName | None = None
    """None: whole programs."""


WHOLE = Arm("whole", "whole")
RANDSEQ = Arm("randseq", "randseq", UNIFIED)
LINTSEQ = {name: Arm(f"lintseq-{name}", "lintseq", name) for name in FORMAT_NAMES}
"""By edit format."""
PILOT_ARMS = (WHOLE, RANDSEQ, *LINTSEQ.values())


@dataclass(frozen=True, slots=True)
class Asked:
    """How often a checkpoint is asked each task, at one temperature; top-p is 1."""

    temperature: float
    n_samples: int


@dataclass(frozen=True, slots=True)
class Study:
    """All values of a run."""

    difficulties: tuple[int, ...]
    """Of the tasks of all splits: numbers of steps."""
    n_rows: int
    """Instructions to train on."""
    base_tokens: int
    """Trained tokens: those in the loss, instructions not among them. All budgets are of these."""
    base_rate: float
    rates: tuple[float, ...]
    """The pilot tries each with every arm."""
    rate_tokens: int
    n_held_rows: int
    """Rows of validation tasks whose nats decide between rates."""
    format_tokens: int
    """The pilot trains LintSeq in each format so long, at its best rate."""
    n_pilot_tasks: int
    n_pilot_samples: int
    tokens: int
    """Of every arm and seed, after the base."""
    ladder: tuple[int, ...]
    """Trained tokens at whose checkpoints tasks are asked; `tokens` is the last."""
    seeds: tuple[int, ...]
    early: tuple[Asked, ...]
    """At every checkpoint but the last."""
    last: tuple[Asked, ...]
    n_tasks: int
    """Of the 200 held-out tasks of the difficulties, spread evenly."""
    harder_difficulty: int
    """Of as many held-out tasks that the last checkpoint is asked besides; none is taught such."""
    harder: tuple[Asked, ...]
    save_tokens: int
    """Trained tokens between checkpoints; divides those of the ladder."""
    batch_size: int = 32
    max_length: int = MAX_LENGTH
    max_tokens: int = 640
    """Drawn for a program, at most."""
    base_seed: int = 0


PROFILES: dict[Profile, Study] = {
    "smoke": Study(
        difficulties=(1,), n_rows=60, base_tokens=600, base_rate=1.6e-2, rates=(1.6e-2,),
        rate_tokens=400, n_held_rows=4, format_tokens=600, n_pilot_tasks=2, n_pilot_samples=2,
        tokens=1_200, ladder=(600, 1_200), seeds=(1, 2), early=(Asked(1.0, 2),),
        last=(Asked(0.8, 3), Asked(1.0, 3)), n_tasks=5, harder_difficulty=2,
        harder=(Asked(1.0, 3),), save_tokens=600, batch_size=4,
        max_tokens=48,
    ),
    "cpu": Study(
        difficulties=(1, 2), n_rows=100_000, base_tokens=3_000_000, base_rate=1.6e-2,
        rates=(4e-3, 8e-3, 1.6e-2), rate_tokens=500_000, n_held_rows=400,
        format_tokens=2_000_000, n_pilot_tasks=100, n_pilot_samples=50,
        tokens=15_000_000, ladder=(5_000_000, 10_000_000, 15_000_000), seeds=(1, 2, 3),
        early=(Asked(1.0, 10),), last=(Asked(0.8, 50), Asked(1.0, 50)), n_tasks=200,
        harder_difficulty=3, harder=(Asked(1.0, 50),),
        save_tokens=1_250_000,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the pilot chose."""

    rates: dict[str, float]
    """By arm."""
    edit_format: EditFormatName
    """That solved most in ten tries; where it is the paper's own, there is an arm less."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An arm and seed at a checkpoint, asked all tasks at a temperature."""

    arm: Arm
    seed: int
    tokens: int
    """Trained at the checkpoint."""
    asked: Asked
    tasks: Tasks
    name: str


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """Where the files of a run are, and the commands that make them."""

    study: Study
    path: Path

    def data(self, name: str) -> Path:
        """rows, whole, lintseq, randseq, held, held-whole, ..., validation, test."""
        return self.path / "data" / f"{name}.jsonl"

    @property
    def base(self) -> Path:
        return self.path / "base"

    def rate_run(self, arm: Arm, rate: float) -> Path:
        """The folder of a pilot training of `arm` at `rate`."""
        return self.path / "pilot" / f"{arm.name}-{rate:g}"

    def format_run(self, edit_format: EditFormatName) -> Path:
        """The folder of the pilot training of LintSeq in `edit_format`."""
        return self.path / "pilot" / edit_format

    @property
    def chosen_file(self) -> Path:
        return self.path / "pilot" / "chosen.json"

    def chosen(self) -> Chosen:
        """LintSeqError where the pilot is not done."""
        told = read_values(self.chosen_file, "rates", "edit_format")
        return Chosen(told["rates"], checked_format(told["edit_format"], str(self.chosen_file)))

    def refuse_another(self) -> None:
        """Note in the folder what study is in it; LintSeqError where it is another."""
        path = self.path / "study.json"
        own = json.loads(json_text(asdict(self.study)))
        if path.exists():
            known = read_values(path)
            unlike = sorted(name for name in own | known if own.get(name) != known.get(name))
            if unlike:
                raise LintSeqError(
                    f"{self.path}: has a study of other values ({', '.join(unlike)}); choose "
                    "another folder"
                )
            return
        with whole_file(path) as file:
            file.write((json_text(own, indent=1) + "\n").encode())

    def arms(self) -> tuple[Arm, ...]:
        """The arms of the main part, in the order of their trainings."""
        best = LINTSEQ[self.chosen().edit_format]
        return tuple(dict.fromkeys((WHOLE, LINTSEQ[UNIFIED], best, RANDSEQ)))

    def run(self, arm: Arm, seed: int) -> Path:
        """The folder of a training."""
        return self.path / "runs" / f"{arm.name}-seed{seed}"

    def model(self, cell: Cell) -> Path:
        """The weights of a checkpoint. LintSeqError where they are not there yet."""
        run = self.run(cell.arm, cell.seed)
        if cell.tokens == self.study.tokens:
            return run / "model"
        for folder in sorted((run / "checkpoints").glob("step-*")):
            state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
            if state["trained_tokens"] >= cell.tokens:
                return folder
        raise LintSeqError(f"{run}: no checkpoint of {cell.tokens:,} trained tokens; train first")

    def asked_model(self, cell: Cell) -> Path:
        """The same weights in float16, as they ship: those that are asked."""
        return self.run(cell.arm, cell.seed) / f"float16-{cell.tokens}"

    def cells(self, arm: Arm, seed: int) -> Iterator[Cell]:
        """Those of one training."""
        for tokens in self.study.ladder:
            is_last = tokens == self.study.tokens
            for asked in self.study.last if is_last else self.study.early:
                name = f"{arm.name}-seed{seed}-{tokens}-T{asked.temperature:g}"
                yield Cell(arm, seed, tokens, asked, "test", name)
        for asked in self.study.harder:
            name = f"{arm.name}-seed{seed}-{self.study.tokens}-T{asked.temperature:g}-harder"
            yield Cell(arm, seed, self.study.tokens, asked, "harder", name)

    def samples(self, name: str) -> Path:
        """The folder of traces of a cell, or of the pilot."""
        return self.path / "samples" / name

    def results(self, name: str) -> Path:
        """The verdicts of a cell, or of the pilot."""
        return self.path / "results" / f"{name}.jsonl"

    def counted(self, name: str) -> Path:
        """All that is counted of a cell."""
        return self.path / "cells" / f"{name}.json"

    def trainings(self) -> list[tuple[Arm, int]]:
        """Arms and seeds, a seed after the other: what does not finish is the last seeds."""
        return [(arm, seed) for seed in self.study.seeds for arm in self.arms()]

    # Commands.

    def data_commands(self) -> Iterator[Command]:
        """Rows, data sets and tasks."""
        study = self.study

        def of(*levels: int) -> list[str]:
            return [text for level in levels for text in ("--difficulty", str(level))]

        for name, n, split in (
            ("rows", study.n_rows, "train"),
            ("held", study.n_held_rows, VALIDATION),
        ):
            output = self.data(name)
            arguments = ["pocket", "data", "-n", str(n), "--split", split, *of(*study.difficulties)]
            yield Command("data", (*arguments, "-o", str(output)), output)
        for name, n, split, levels in (
            (VALIDATION, study.n_pilot_tasks, VALIDATION, study.difficulties),
            ("test", study.n_tasks, "test", study.difficulties),
            ("harder", study.n_tasks, "test", (study.harder_difficulty,)),
        ):
            output = self.data(name)
            arguments = ["pocket", "tasks", "-n", str(n), "--split", split, *of(*levels)]
            yield Command("data", (*arguments, "-o", str(output)), output)
        for rows, prefix in (("rows", ""), ("held", "held-")):
            for method in ("whole", "lintseq", "randseq"):
                output = self.data(f"{prefix}{method}")
                arguments = ["dataset", "build", str(self.data(rows)), "-o", str(output)]
                arguments += ["--method", method, "--workers", "1"]
                arguments += [] if method == "whole" else ["-s", "1"]
                yield Command("data", (*arguments,), output)

    def train_base(self) -> Command:
        """Whole programs, from weights of chance."""
        study = self.study
        return self._train(
            WHOLE, self.base, MODEL, study.base_tokens, study.base_rate, study.base_seed
        )

    def train_rate(self, arm: Arm, rate: float) -> Command:
        """A training of the pilot that tries a rate."""
        study = self.study
        output = self.rate_run(arm, rate)
        return self._train(arm, output, self._start(), study.rate_tokens, rate, study.base_seed)

    def train_format(self, edit_format: EditFormatName, rate: float) -> Command:
        """The training of the pilot that compares formats."""
        study, output = self.study, self.format_run(edit_format)
        return self._train(
            LINTSEQ[edit_format], output, self._start(), study.format_tokens, rate, study.base_seed
        )

    def train(self, arm: Arm, seed: int) -> Command:
        """The training of an arm."""
        rate = self.chosen().rates[arm.name]
        study, output = self.study, self.run(arm, seed)
        return self._train(arm, output, self._start(), study.tokens, rate, seed)

    def _start(self) -> str:
        return str(self.base / "model")

    def _train(
        self, arm: Arm, output: Path, model: str, tokens: int, rate: float, seed: int
    ) -> Command:
        study = self.study
        arguments = ["train", str(self.data(arm.taught)), "-o", str(output), "--model", model]
        arguments += ["--preset", MODEL, "--target", "edits" if arm.edit_format else "whole"]
        if arm.edit_format:
            arguments += ["--edit-format", arm.edit_format]
        arguments += ["--match", "tokens", "--token-budget", str(tokens), "--lr", f"{rate:g}"]
        arguments += ["--batch-size", str(study.batch_size), "--max-length", str(study.max_length)]
        arguments += ["--too-long", "drop", "--seed", str(seed), "--device", "cpu"]
        arguments += ["--save-every-tokens", str(study.save_tokens)]
        return Command("train", (*arguments,), output / "model")

    def ask(
        self, name: str, model: Path, arm: Arm, asked: Asked, *, tasks: Path, seed: int
    ) -> Command:
        """Draw the samples called `name`."""
        output = self.samples(name)
        arguments = ["generate", "-b", MODEL, "--data", str(tasks), "--model", str(model)]
        arguments += ["--stepwise"] if arm.edit_format else []
        arguments += ["-n", str(asked.n_samples), "--temperature", f"{asked.temperature:g}"]
        arguments += ["--top-p", "1", "--max-tokens", str(self.study.max_tokens)]
        arguments += ["--seed", str(seed), "-o", str(output)]
        return Command("sample", (*arguments,), output / "samples.jsonl")

    def judge(self, name: str, *, tasks: Path) -> Command:
        """Judge the samples called `name`; equal programs of a task run once."""
        output = self.results(name)
        arguments = ["evaluate", str(self.samples(name) / "samples.jsonl"), "-b", MODEL]
        arguments += ["--data", str(tasks), "-o", str(output), "--once", "--workers", "2"]
        return Command("evaluate", (*arguments, "--allow-execution"), output)


def read_values(path: Path, *names: str) -> dict[str, Any]:
    """The JSON object in `path`, which has `names`. LintSeqError where it does not."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LintSeqError(
            f"{path}: not there yet; repeat the command of this study: it goes on"
        ) from None
    except ValueError as error:
        raise LintSeqError(f"{path}: damaged ({error}); remove it and go on") from None
    if not isinstance(found, dict) or not found.keys() >= set(names):
        raise LintSeqError(
            f"{path}: damaged (no {' and '.join(names) or 'values'}); remove it and go on"
        )
    return found
