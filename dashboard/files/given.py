"""The files the dashboard was started on: programs, sequences that `lintseq sample` wrote, traces
that `lintseq generate` wrote, and folders of models."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from dashboard.files.samples import first_row, holds_samples
from lintseq_core import EditSequence, LintSeqError, Program
from lintseq_core.data.cache import cache_folder
from lintseq_core.viewer.rows import read_sequences
from lintseq_core.viewer.traces import ReadTrace, looks_like_trace, read_traces

RESULT_SUFFIXES = (".json", ".gz", ".parquet", ".eval")
"""Of files that only the page pass@k reads; results may also be .jsonl."""
LESSON_SUFFIXES = (".yaml", ".yml")
MAX_FILE_BYTES = 20_000_000
MAX_FILES = 200
MAX_ROWS = 2_000
MAX_FAULTS = 20
MAX_LOOKED_AT = 2_000
"""Files of a folder that are opened to see what they hold."""


@dataclass(frozen=True, slots=True)
class Given:
    """What was given, by the name it is shown under, and what could not be read."""

    programs: dict[str, Program] = field(default_factory=dict)
    sequences: dict[str, tuple[EditSequence, ...]] = field(default_factory=dict)
    traces: tuple[ReadTrace, ...] = ()
    models: tuple[Path, ...] = ()
    """Folders that `lintseq train` or save_pretrained wrote."""
    faults: tuple[str, ...] = ()


def read_given(paths: str) -> Given:
    """What the files and folders in `paths`, a JSON list, hold; a bad one is a fault, no error."""
    programs: dict[str, Program] = {}
    sequences: dict[str, tuple[EditSequence, ...]] = {}
    traces: list[ReadTrace] = []
    faults: list[str] = []
    given = [Path(path) for path in json.loads(paths or "[]")]
    for path in _files(given):
        if path.suffix in LESSON_SUFFIXES:
            continue
        try:
            first = first_row(path)
            is_ours = first.get("kind") == "trace" or "birth_steps" in first
            is_others = path.suffix in RESULT_SUFFIXES or "task_id" in first or holds_samples(path)
            if not is_ours and is_others:
                continue  # samples and results, of any size, are for the pages pass@k and Data
            if path.stat().st_size > MAX_FILE_BYTES:
                faults.append(f"{path.name}: larger than {MAX_FILE_BYTES // 10**6} MB")
            elif first or path.suffix == ".jsonl":
                data = path.read_bytes()
                if looks_like_trace(data):
                    found, bad = read_traces(data, path.name)
                    traces += found
                    faults += bad
                    continue
                rows, bad = read_sequences(data, path.name, max_rows=MAX_ROWS)
                faults += bad
                if rows:
                    sequences[str(path)] = rows
            else:
                programs[str(path)] = Program.from_file(path)
        except (LintSeqError, OSError) as error:
            faults.append(str(error))
    left_out = len(faults) - MAX_FAULTS
    shown = faults[:MAX_FAULTS] + ([f"and {left_out} more"] if left_out > 0 else [])
    return Given(programs, sequences, tuple(traces), _models(given), tuple(shown))


def files_below(folder: Path) -> list[Path]:
    """The files in a folder, the first MAX_LOOKED_AT of them; links out of it are not followed.

    What is kept there of other files, where the cache lies within, is none of them.
    """
    root, cache = folder.resolve(), cache_folder().resolve()
    real = ((one, one.resolve()) for one in sorted(root.rglob("*")) if one.is_file())
    inside = (
        one for one, where in real if where.is_relative_to(root) and not where.is_relative_to(cache)
    )
    return list(islice(inside, MAX_LOOKED_AT))


def _files(paths: list[Path]) -> list[Path]:
    """The files of `paths`, and those in their folders; links out of a folder are not followed."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            root = path.resolve()
            inside = sorted(p for p in root.rglob("*") if p.suffix in (".py", ".jsonl"))
            found += [p for p in inside if p.resolve().is_relative_to(root) and p.is_file()]
        else:
            found.append(path)
    return found[:MAX_FILES]


def _models(paths: list[Path]) -> tuple[Path, ...]:
    """Folders with a model whose weights are safetensors: those hold no code that would run."""
    found: list[Path] = []
    for path in (path for path in paths if path.is_dir()):
        root = path.resolve()
        configs = sorted(p for p in root.rglob("config.json") if p.resolve().is_relative_to(root))
        found += [p.parent for p in configs if any(p.parent.glob("*.safetensors"))]
    return tuple(found[:MAX_FILES])
