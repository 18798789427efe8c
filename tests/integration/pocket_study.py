"""A study in small, for what is made of one: four models of random weights, and what they wrote."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from assets.make.pocket import trace_name
from lintseq_core.benchmarks import Problem
from lintseq_core.data.files import file_sha256
from lintseq_core.generation.request import run_model
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.trace import TraceWriter, gather_trace
from lintseq_core.generation.types import GenerationRequest
from lintseq_core.models.pocket.folder import load_pocket
from lintseq_core.results.record import RunRecord, record_path, write_record
from tests.unit.models.pocket.made import save_pocket

FORMATS = {
    "pocket-whole": None,
    "pocket-lintseq": "unified",
    "pocket-placed": "placed",
    "pocket-randseq": "unified",
}
N_SAMPLES = 5


def make_study(study: Path, problems: Iterable[Problem]) -> Path:
    """The folder of a study as `assets/make/pocket.py` takes it."""
    weights = save_pocket(study.with_name("weights"))
    for name, edit_format in FORMATS.items():
        folder = study / name
        shutil.copytree(weights, folder / "model")
        config = folder / "model" / "config.json"
        fields = json.loads(config.read_text()) | {"lintseq_edit_format": edit_format}
        config.write_text(json.dumps(fields))
        about = {
            "trained_tokens": 1_000,
            "seed": 1,
            "commands": ["lintseq train rows.jsonl -o run"],
        }
        (folder / "about.json").write_text(json.dumps(about))
        (folder / "samples").mkdir()
        samples, verdicts = [], []
        for problem in problems:
            for row in _write(folder, name, problem):
                passed = row["sample_id"] == 1
                verdict = {"verdict": "passed" if passed else "wrong_answer", "passed": passed}
                key = {"task_id": row["task_id"], "sample_id": row["sample_id"]}
                samples.append(row)
                verdicts.append(
                    key | verdict | {"isolation": "L3", "integrity": "I2", "flags": [],
                    "cpu_s": 0.016, "wall_s": 0.1, "detail": "" if passed else "AssertionError"}
                )  # fmt: skip
        results = folder / "results.jsonl"
        _rows(folder / "samples" / "samples.jsonl", samples)
        _rows(results, verdicts)
        promised = dict.fromkeys((row["task_id"] for row in samples), N_SAMPLES)
        command = f"lintseq evaluate {folder}/samples/samples.jsonl -b pocket -o {results}"
        hashes = {
            "samples": "0" * 64,
            "benchmark pocket": "1" * 64,
            results.name: file_sha256(results),
        }
        write_record(
            RunRecord("evaluate", "pocket", "2026-11-29T12:00:00Z", command,
                      config={"benchmark": "pocket", "style": "completion"}, isolation="L3",
                      promised=promised, hashes=hashes),
            record_path(results),
        )  # fmt: skip
    return study


def _write(folder: Path, name: str, problem: Problem) -> list[dict[str, object]]:
    """A trace of a problem, and its rows of samples."""
    model = load_pocket(name, folder / "model")
    request = GenerationRequest(
        problem.instruction,
        "whole" if model.edit_format is None else "stepwise",
        settings=SamplingSettings(max_tokens=24),
        n_samples=N_SAMPLES,
        edit_format=model.edit_format,
    )
    run = run_model(model, request, problem=f"pocket {problem.task_id}")
    events = list(run.events)
    path = folder / "samples" / trace_name(problem.task_id)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        writer = TraceWriter(file, run.header)
        for event in events:
            writer.write(event)
    return [
        {
            "task_id": problem.task_id,
            "sample_id": sample.sample_index,
            "solution": sample.end.program if sample.end else "",
        }
        for sample in gather_trace(run.header, events).samples
    ]


def _rows(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
