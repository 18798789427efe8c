"""The study's steps one by one, at the size of a lesson.

What a lesson trains is far smaller than a run of the study, so its numbers tell how the steps work
and which way they lean, and decide no claim.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.benchmarks.pocket import BENCHMARK, held_out
from lintseq_core.benchmarks.problem import Problem
from lintseq_core.data.building.dataset import build_dataset, settings_for
from lintseq_core.data.files import whole_file
from lintseq_core.edits.formats import EditFormatName
from lintseq_core.edits.formats.parts import PARTS
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.pocket.nats import measure_nats
from lintseq_core.experiments.pocket.study import MAX_LENGTH, MODEL
from lintseq_core.experiments.profiles import Profile
from lintseq_core.generation.request import GenerationRequest, run_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.trace import GenerationTrace, gather_trace
from lintseq_core.json_text import json_text
from lintseq_core.metrics.intervals import score_interval
from lintseq_core.models.pocket.folder import PocketModel, load_pocket
from lintseq_core.results.frames import Frame, frame_of

if TYPE_CHECKING:
    from lintseq_core.training.metrics_log import StepMetrics

DIFFICULTY = 1


@dataclass(frozen=True, slots=True)
class Size:
    """How much a lesson does."""

    n_rows: int
    trained_tokens: int
    """Of each model."""
    batch_size: int
    n_held: int
    """Programs held out whose nats are measured."""
    n_tasks: int
    n_samples: int
    """Of each task."""
    max_tokens: int


SIZES: dict[Profile, Size] = {
    "smoke": Size(
        300, 4_000, batch_size=8, n_held=8, n_tasks=2, n_samples=2, max_tokens=80,
    ),
    # Half a minute of one core for each of two models. Small batches: so few tokens are a hundred
    # steps, where the study's 32 examples a step would make 30 of them.
    "cpu": Size(
        1_500, 120_000, batch_size=8, n_held=60, n_tasks=10, n_samples=5, max_tokens=400,
    ),
}  # fmt: skip


def new_folder() -> Path:
    """A folder for the files of a lesson, gone when Python ends."""
    folder = Path(tempfile.mkdtemp(prefix="lintseq-pocket-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def write_rows(rows: Iterable[Mapping[str, Any]], path: Path) -> Path:
    """`path`, with a line of JSON for each row."""
    with whole_file(path) as file:
        file.writelines((json_text(row) + "\n").encode() for row in rows)
    return path


def build_edits(rows: Path, output: Path) -> Path:
    """The data set `output` of the rows: one LintSeq sequence of each program."""
    build_dataset(rows, output, settings_for(rows, samples=1), workers=1)
    return output


def train_model(
    data: Path, output: Path, size: Size, *, edit_format: EditFormatName | None, seed: int = 1
) -> Frame:
    """Train a new pocket model on `data` as `lintseq train` does, printing how the loss goes.

    `edit_format` None: on whole programs. A row a step; the model is then in `output`/model.
    """
    from lintseq_core.models.devices import one_thread
    from lintseq_core.models.extra import quiet_progress, require_extra
    from lintseq_core.models.presets import find_preset
    from lintseq_core.training.config import DataChoice, fine_tuning_preset
    from lintseq_core.training.run import plan_fine_tuning, run_plan
    from lintseq_core.training.task_model import new_task_model

    require_extra("torch", "transformers", "accelerate")
    quiet_progress()
    preset, values = find_preset(MODEL), fine_tuning_preset(MODEL)
    if preset is None:
        raise LintSeqError(f"no preset {MODEL!r}")
    optimization = replace(
        values.optimization(), batch_size=size.batch_size, max_length=MAX_LENGTH,
        precision="float32", seed=seed,
    )  # fmt: skip
    execution = replace(values.execution(), device="cpu")
    choice = DataChoice(
        "edits" if edit_format else "whole", too_long="drop", match="tokens",
        token_budget=size.trained_tokens, edit_format=edit_format,
    )  # fmt: skip
    rows: list[dict[str, Any]] = []

    def note(step: StepMetrics) -> None:
        rows.append({"step": step.step, "trained_tokens": step.trained_tokens_total,
                     "loss": step.loss, "seconds": step.seconds})  # fmt: skip
        if step.step % max(1, step.total_steps // 8) == 0:
            print(
                f"step {step.step:,} of {step.total_steps:,}: {step.trained_tokens_total:,} "
                f"tokens trained, {step.loss:.2f} nats a token"
            )

    with one_thread():
        loaded = new_task_model(preset, [data], seed=seed)
        plan = plan_fine_tuning(
            [data], loaded, data=choice, optimization=optimization, execution=execution
        )
        run_plan(plan, loaded, output, optimization=optimization, execution=execution, on_step=note)
    return frame_of(rows, ("step", "trained_tokens", "loss", "seconds"))


def trained(output: Path, name: str) -> PocketModel:
    """The model of a training, read by numpy alone."""
    return load_pocket(name, output / "model")


def write_tasks(folder: Path, size: Size) -> Sequence[Problem]:
    """Validation tasks that no row has, easy ones, with their tests."""
    rows = held_out.task_rows("validation", size.n_tasks, difficulties=(DIFFICULTY,))
    path = write_rows(rows, folder / "tasks.jsonl")
    return BENCHMARK.problems(path)


def ask(model: PocketModel, instruction: str, size: Size, *, seed: int = 0) -> GenerationTrace:
    """Samples of an answer at temperature 1, edit by edit where the model writes edits."""
    settings = SamplingSettings(temperature=1.0, top_p=1.0, max_tokens=size.max_tokens)
    request = GenerationRequest(
        instruction, "stepwise" if model.edit_format else "whole", settings,
        n_samples=size.n_samples, seed=seed,
    )  # fmt: skip
    run = run_model(model, request)
    return gather_trace(run.header, run.events)


def edit_frame(trace: GenerationTrace, sample: int = 0) -> Frame:
    """A row for each edit of a sample: its text, what is wrong with it, the program after it."""
    rows = [
        {"edit": step.step_index + 1, "text": step.text,
         "faults": "; ".join(str(fault.kind) for fault in step.faults),
         "parses": step.compiles, "program after it": step.state}
        for step in trace.samples[sample].kept_steps
    ]  # fmt: skip
    return frame_of(rows, ("edit", "text", "faults", "parses", "program after it"))


def judge_samples(
    problems: Sequence[Problem], traces: Sequence[GenerationTrace]
) -> tuple[list[list[str]] | None, str]:
    """The verdict on each sample of each problem, and a sentence on where they ran.

    None where this machine has no box to run programs in: none is run then.
    """
    from lintseq_core.execution.backends import IsolationError
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Isolation
    from lintseq_core.generation.problems import ProblemJudge

    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        return None, f"No program was run, because this machine has no box: {error}."
    with closing(backend):
        found = []
        for problem, trace in zip(problems, traces, strict=True):
            judge = ProblemJudge(BENCHMARK, problem, backend)
            found.append([judge(one.end.program) for one in trace.samples if one.end])
    return found, f"Programs ran in boxes of isolation {backend.level}."


@dataclass(frozen=True, slots=True)
class Tried:
    """One model of a lesson, asked and judged."""

    name: str
    folder: Path
    held: Path
    """Programs held out, as the model was taught to write them."""
    edit_format: EditFormatName | None
    traces: Sequence[GenerationTrace]
    verdicts: Sequence[Sequence[str]] | None


def compare(tried: Sequence[Tried]) -> Frame:
    """A row a model, with the columns of the study's table of formats.

    None: not measured, as nothing was run; or no such thing, as the format of whole programs.
    """
    return frame_of(rows := list(map(_compared, tried)), tuple(rows[0]))


def _compared(one: Tried) -> dict[str, Any]:
    ends = [s.end for trace in one.traces for s in trace.samples if s.end is not None]
    nats = measure_nats(one.folder / "model", one.held, one.edit_format)
    row: dict[str, Any] = {
        "edit_format": one.name,
        "samples": len(ends),
        "tasks": len(one.traces),
        "share that parses": (  # an empty program would, and says nothing
            sum(end.compiles and bool(end.program.strip()) for end in ends) / len(ends)
        ),
        "well_formed": (
            sum(not end.faults for end in ends) / len(ends) if one.edit_format else None
        ),
        "tokens_a_sample": sum(end.n_tokens for end in ends) / len(ends),
    }
    row |= {"pass@1": None, "low@1": None, "high@1": None}
    if one.verdicts is not None:
        found = score_interval(list(_shares(one.verdicts)))
        has_ends = found.low == found.low
        row |= {"pass@1": found.estimate, "low@1": found.low if has_ends else None,
                "high@1": found.high if has_ends else None}  # fmt: skip
    for part in PARTS:
        is_there = one.edit_format is not None or part in nats.nats
        row[f"nats of {part}"] = nats.nats.get(part, 0.0) / nats.n_texts if is_there else None
        row[f"tokens of {part}"] = nats.tokens.get(part, 0) / nats.n_texts
    return row


def _shares(verdicts: Sequence[Sequence[str]]) -> Iterator[float]:
    """Of each task, its samples that passed."""
    for each in verdicts:
        yield each.count("passed") / len(each)


def nats_frame(compared: Frame) -> Frame:
    """A row a model and part: nats and tokens of a program held out."""
    rows = [
        {"model": row["edit_format"], "part": part, "nats_a_program": row[f"nats of {part}"],
         "tokens_a_program": row[f"tokens of {part}"]}
        for row in compared.rows()
        for part in PARTS
        if row[f"nats of {part}"] is not None
    ]  # fmt: skip
    return frame_of(rows, ("model", "part", "nats_a_program", "tokens_a_program"))
