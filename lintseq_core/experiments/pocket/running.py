"""The steps of a study, carried out in a given time, several trainings side by side."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from lintseq_core.data.files import file_sha256, whole_file
from lintseq_core.edits.formats import EditFormatName
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.pipeline.stages import Command
from lintseq_core.experiments.pocket.cells import count_cell, read_counts, write_counts
from lintseq_core.experiments.pocket.nats import measure_nats
from lintseq_core.experiments.pocket.shipping import ships
from lintseq_core.experiments.pocket.study import (
    LINTSEQ,
    PILOT_ARMS,
    VALIDATION,
    Arm,
    Asked,
    StudyFolder,
    read_values,
)
from lintseq_core.experiments.pocket.tables import format_row, pilot_score
from lintseq_core.json_text import json_text
from lintseq_core.models.pocket.folder import WEIGHTS, compact_pocket

_POLL_S = 2.0


class OutOfTime(LintSeqError):
    """The time of this sitting is over; the same command goes on."""


class Sitting:
    """Carries out commands one after the other, until its time is over.

    A command that runs then is ended: trainings go on at their last checkpoint, samples at the
    last whole trace, verdicts at the last sample.
    """

    def __init__(self, folder: Path, until: float | None) -> None:
        """`until`: when to end, as `time.time` counts."""
        self._folder, self._until = folder, until
        self._parent = multiprocessing.parent_process()

    def do(self, command: Command) -> None:
        """Carry out `command` if its output is not there. OutOfTime; LintSeqError if it fails."""
        if command.output.exists():
            return
        self._check()
        command.output.parent.mkdir(parents=True, exist_ok=True)
        print(f"$ {command}", flush=True)
        started = time.perf_counter()
        environment = os.environ | {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
        process = subprocess.Popen(
            [sys.executable, "-m", "lintseq_core", *command.arguments],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            told = self._wait(process)
        except OutOfTime:
            process.terminate()
            process.communicate()
            _remove_half(command.output)
            raise OutOfTime(f"the time of this sitting is over during '{command}'") from None
        except BaseException:
            process.kill()
            process.communicate()
            _remove_half(command.output)
            raise
        if process.returncode != 0:
            last = told.decode(errors="replace").strip().splitlines()[-1:]
            raise LintSeqError(
                f"'{command}' ended with exit code {process.returncode}: {' '.join(last)}"
            )
        seconds = round(time.perf_counter() - started, 1)
        self._log({"stage": command.stage, "command": str(command), "seconds": seconds})

    def work(self, output: Path, make: Callable[[], None]) -> None:
        """Make `output` here if it is not there."""
        if output.exists():
            return
        self._check()
        started = time.perf_counter()
        make()
        seconds = round(time.perf_counter() - started, 1)
        self._log({"stage": "count", "command": output.name, "seconds": seconds})

    def _wait(self, process: subprocess.Popen[bytes]) -> bytes:
        """What `process` told when it ended."""
        while True:
            self._check()
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=_POLL_S)[1]

    def _check(self) -> None:
        """OutOfTime where time is over, or where this is a worker of a study that was ended."""
        if self._until is not None and time.time() >= self._until:
            raise OutOfTime("the time of this sitting is over")
        if self._parent is not None and not self._parent.is_alive():
            raise OutOfTime("the study that began this has ended")

    def _log(self, row: dict[str, Any]) -> None:
        with (self._folder / "stages.jsonl").open("a", encoding="utf-8") as file:
            file.write(json_text(row) + "\n")


def _remove_half(output: Path) -> None:
    """Files come whole or not at all; a folder of weights may be half written."""
    if output.is_dir():
        shutil.rmtree(output)


def run_study(
    folder: StudyFolder, *, jobs: int = 1, until: float | None = None, keep: bool = False
) -> bool:
    """Do what is not done yet; False if time was over first.

    `jobs` trainings run side by side, one thread each. `keep`: leave the traces of cells there.
    """
    sitting = Sitting(folder.path, until)
    folder.path.mkdir(parents=True, exist_ok=True)
    folder.refuse_another()
    try:
        for command in folder.data_commands():
            sitting.do(command)
        sitting.do(folder.train_base())
    except OutOfTime as over:
        print(over, flush=True)
        return False
    pairs = [(arm, rate) for arm in PILOT_ARMS for rate in folder.study.rates]
    if not _side_by_side(jobs, _try_rate, [(folder, until, *pair) for pair in pairs]):
        return False
    rates = _best_rates(folder)
    formats = [(folder, until, name, rates[arm.name]) for name, arm in LINTSEQ.items()]
    if not _side_by_side(jobs, _try_format, formats):
        return False
    _choose(folder, rates)
    chains = [(folder, until, arm, seed, keep) for arm, seed in folder.trainings()]
    return _side_by_side(jobs, _train_and_ask, chains)


def _side_by_side(jobs: int, do: Callable[..., None], arguments: Iterable[tuple[Any, ...]]) -> bool:
    """`do` with each of `arguments`, in processes; False where time was over for one.

    LintSeqError of the first that fails, once those that run have ended.
    """
    is_done = True
    if jobs == 1:
        for values in arguments:
            try:
                do(*values)
            except OutOfTime as over:
                print(over, flush=True)
                return False
        return True
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        running = [pool.submit(do, *values) for values in arguments]
        for one in running:
            try:
                one.result()
            except OutOfTime as over:
                print(over, flush=True)
                is_done = False
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return is_done


def rate_file(folder: StudyFolder, arm: Arm, rate: float) -> Path:
    """What a try of the pilot came to."""
    run = folder.rate_run(arm, rate)
    return run.with_name(f"{run.name}.json")


def format_nats_file(folder: StudyFolder, edit_format: EditFormatName) -> Path:
    """The nats of the pilot's training in a format, by part."""
    run = folder.format_run(edit_format)
    return run.with_name(f"{run.name}-nats.json")


def nats_file(folder: StudyFolder, arm: Arm, seed: int) -> Path:
    """The nats of a training's last checkpoint, by part."""
    return folder.path / "cells" / f"{arm.name}-seed{seed}-nats.json"


def _try_rate(folder: StudyFolder, until: float | None, arm: Arm, rate: float) -> None:
    sitting, output = Sitting(folder.path, until), rate_file(folder, arm, rate)
    if output.exists():
        return
    command = folder.train_rate(arm, rate)
    sitting.do(command)
    sitting.work(output, lambda: _write_nats(folder, arm, command.output, output))
    shutil.rmtree(command.output.parent, ignore_errors=True)


def _write_nats(folder: StudyFolder, arm: Arm, model: Path, output: Path) -> None:
    found = measure_nats(model, folder.data(f"held-{arm.taught}"), arm.edit_format)
    _write(
        output,
        {"per_text": found.per_text, "texts": found.n_texts, "nats": found.nats,
         "tokens": found.tokens},
    )  # fmt: skip


def _try_format(
    folder: StudyFolder, until: float | None, edit_format: EditFormatName, rate: float
) -> None:
    sitting, name = Sitting(folder.path, until), f"format-{edit_format}"
    arm, nats = LINTSEQ[edit_format], format_nats_file(folder, edit_format)
    if folder.counted(name).exists() and nats.exists():
        return
    command = folder.train_format(edit_format, rate)
    sitting.do(command)
    sitting.work(nats, lambda: _write_nats(folder, arm, command.output, nats))
    asked = Asked(1.0, folder.study.n_pilot_samples)
    _ask_and_count(
        folder, sitting, name, command.output, arm, asked,
        tasks=folder.data(VALIDATION), seed=folder.study.base_seed, keep=False,
    )  # fmt: skip


def _best_rates(folder: StudyFolder) -> dict[str, float]:
    """By arm the rate whose model predicts programs held out best."""
    best = {}
    for arm in PILOT_ARMS:
        nats = {
            rate: float(read_values(rate_file(folder, arm, rate), "per_text")["per_text"])
            for rate in folder.study.rates
        }
        best[arm.name] = min(nats, key=nats.__getitem__)
    return best


def _choose(folder: StudyFolder, rates: dict[str, float]) -> None:
    if folder.chosen_file.exists():
        return
    scores = {name: pilot_score(read_counts(folder.counted(f"format-{name}"))) for name in LINTSEQ}
    best = max(scores, key=scores.__getitem__)
    _write(folder.chosen_file, {"rates": rates, "edit_format": best, "scores": scores})


def format_rows(folder: StudyFolder) -> list[dict[str, Any]]:
    """The table of formats; LintSeqError where the pilot is not done."""
    rates = folder.chosen().rates
    return [
        format_row(
            name,
            rates[arm.name],
            read_counts(folder.counted(f"format-{name}")),
            read_values(format_nats_file(folder, name), "nats", "texts", "tokens"),
        )
        for name, arm in LINTSEQ.items()
    ]


def rate_rows(folder: StudyFolder) -> list[dict[str, Any]]:
    """Held-out nats of every try of the pilot."""
    return [
        {"arm": arm.name, "learning_rate": rate, "trained_tokens": folder.study.rate_tokens,
         "nats_a_program": float(read_values(rate_file(folder, arm, rate), "per_text")["per_text"])}
        for arm in PILOT_ARMS
        for rate in folder.study.rates
    ]  # fmt: skip


def _train_and_ask(
    folder: StudyFolder, until: float | None, arm: Arm, seed: int, keep: bool
) -> None:
    sitting = Sitting(folder.path, until)
    cells = list(folder.cells(arm, seed))
    nats = nats_file(folder, arm, seed)
    if nats.exists() and all(folder.counted(cell.name).exists() for cell in cells):
        return
    sitting.do(folder.train(arm, seed))
    model = folder.run(arm, seed) / "model"
    sitting.work(nats, lambda: _write_nats(folder, arm, model, nats))
    for cell in cells:
        if not folder.counted(cell.name).exists():
            asked = folder.asked_model(cell)
            sitting.work(asked / WEIGHTS, partial(compact_pocket, folder.model(cell), asked))
            _ask_and_count(
                folder, sitting, cell.name, asked, arm, cell.asked,
                tasks=folder.data(cell.tasks), seed=seed, keep=keep or ships(folder, cell),
            )  # fmt: skip


def _ask_and_count(
    folder: StudyFolder,
    sitting: Sitting,
    name: str,
    model: Path,
    arm: Arm,
    asked: Asked,
    *,
    tasks: Path,
    seed: int,
    keep: bool,
) -> None:
    samples, results = folder.samples(name), folder.results(name)
    sitting.do(folder.ask(name, model, arm, asked, tasks=tasks, seed=seed))
    sitting.do(folder.judge(name, tasks=tasks))

    def count() -> None:
        files = {"results": file_sha256(results), "tasks": file_sha256(tasks)}
        write_counts(count_cell(samples, results, files=files), folder.counted(name))

    sitting.work(folder.counted(name), count)
    if not keep:
        shutil.rmtree(samples)


def _write(path: Path, values: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write((json_text(values, indent=1) + "\n").encode())
