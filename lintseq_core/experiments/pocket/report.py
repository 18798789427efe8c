"""The result of a study from what its folder holds, all of it or the part that is done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from lintseq_core.experiments.experiment import Result, make_record
from lintseq_core.experiments.pocket.cells import CellCounts, read_counts
from lintseq_core.experiments.pocket.running import format_rows, nats_file, rate_rows
from lintseq_core.experiments.pocket.study import Cell, StudyFolder, read_values
from lintseq_core.experiments.pocket.tables import judgements, tables
from lintseq_core.experiments.profiles import Profile
from lintseq_core.results.frames import frame_of

PARTS = ("content", "position", "count", "marker")


def study_result(profile: Profile, folder: StudyFolder) -> Result:
    """Tables, judgements and record; LintSeqError where not even the pilot is done.

    Cells that are not done are left out, and a note says which.
    """
    counted: dict[Cell, CellCounts] = {}
    missing: list[str] = []
    for arm, seed in folder.trainings():
        for cell in folder.cells(arm, seed):
            if folder.counted(cell.name).exists():
                counted[cell] = read_counts(folder.counted(cell.name))
            else:
                missing.append(cell.name)
    found = tables(counted)
    rates = rate_rows(folder)
    found["rates"] = frame_of(rates, tuple(rates[0]))
    formats = format_rows(folder)
    found["formats"] = frame_of(formats, tuple(formats[0]))
    found["nats"] = frame_of(
        list(_nats(folder)), ("arm", "seed", "part", "nats_a_program", "tokens_a_program")
    )
    found["training"] = frame_of(
        list(_training(folder)),
        ("arm", "seed", "steps", "trained_tokens", "tokens", "loss_of_last_sixth", "seconds"),
    )
    stages = _stages(folder)
    seconds = sum(stage["seconds"] for stage in stages)
    study = folder.study
    record = make_record(
        "pocket",
        profile,
        study,
        seeds={f"{arm.name}-{seed}": seed for arm, seed in folder.trainings()},
        packages=("torch", "transformers", "accelerate", "numpy", "pyflakes"),
        counts={"cells": len(counted), "cells missing": len(missing)},
        hashes={
            f"{cell.name} {what}": digest
            for cell, counts in counted.items()
            for what, digest in counts.files.items()
        },
        device={"commands": [stage["command"] for stage in stages]},
    )
    notes = [
        f"Difficulty {', '.join(map(str, study.difficulties))}; base {study.base_tokens:,} trained "
        f"tokens of whole programs, then {study.tokens:,} for each arm and seed; rates "
        + ", ".join(f"{arm} {rate:g}" for arm, rate in folder.chosen().rates.items())
        + ".",
        f"The last checkpoint was asked as many tasks of difficulty {study.harder_difficulty} too "
        "(harder): no model was taught such.",
        "Checkpoints before the last were taken at a rate that had not yet gone down: they are "
        "worse than models that end there.",
        "Models of 0.8 million parameters on tasks made by program: nothing here is told of "
        "models of billions of parameters.",
    ]
    if not counted:
        notes.append("Only the pilot is done: no arm has been trained to its end.")
    elif missing:
        notes.append(f"Not all is done: {len(missing)} cells are missing: {', '.join(missing)}.")
    return Result(
        "pocket",
        profile,
        found,
        judgements(counted, study, folder.chosen().edit_format),
        record,
        (*notes,),
        seconds,
    )


def _nats(folder: StudyFolder) -> Iterator[dict[str, Any]]:
    for arm, seed in folder.trainings():
        path = nats_file(folder, arm, seed)
        if not path.is_file():
            continue
        told = read_values(path, "nats", "texts", "tokens")
        for part in PARTS:
            if part in told["nats"]:
                yield {
                    "arm": arm.name, "seed": seed, "part": part,
                    "nats_a_program": told["nats"][part] / told["texts"],
                    "tokens_a_program": told["tokens"][part] / told["texts"],
                }  # fmt: skip


def _training(folder: StudyFolder) -> Iterator[dict[str, Any]]:
    from lintseq_core.training.metrics_log import read_metrics

    for arm, seed in folder.trainings():
        path = folder.run(arm, seed) / "metrics.jsonl"
        if not path.is_file():
            continue
        steps = read_metrics(path)
        tail = steps[-max(1, len(steps) // 6) :]
        yield {
            "arm": arm.name, "seed": seed, "steps": steps[-1].step,
            "trained_tokens": steps[-1].trained_tokens_total, "tokens": steps[-1].tokens_total,
            "loss_of_last_sixth": sum(step.loss_sum for step in tail)
            / sum(step.trained_tokens for step in tail),
            "seconds": round(sum(step.seconds for step in steps), 1),
        }  # fmt: skip


def _stages(folder: StudyFolder) -> list[dict[str, Any]]:
    path = folder.path / "stages.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    place = f"{folder.path.resolve()}/"  # a record names files of the folder, wherever that lay
    return [json.loads(line.replace(place, "")) for line in lines]
