"""Commands on files of samples and data sets where only the core's dependencies are installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORMATS = ROOT / "tests" / "data" / "formats"
EXTRAS = ["duckdb", "pandas", "plotly", "pyarrow", "scipy", "streamlit", "torch", "transformers"]
"""Of the extras, what reads files or draws; rapidfuzz, which `diversity` needs, is in eval."""
ALONE = (
    f"import sys; sys.modules.update(dict.fromkeys({EXTRAS}));"
    "from lintseq_core.cli import main; sys.argv[0] = 'lintseq'; main()"
)


def lintseq(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ALONE, *arguments],
        cwd=cwd, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two samples of each of two problems with their verdicts, and a data set of two rows."""
    made = tmp_path_factory.mktemp("alone")
    rows = [
        {"task_id": f"T/{task}", "completion": f"    return {n}\n", "passed": n == task}
        for task in range(2)
        for n in range(2)
    ]
    (made / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = {"instruction": "Add.", "response": "def add(a, b):\n    return a + b\n"}
    (made / "source.jsonl").write_text(json.dumps(source) + "\n")
    built = lintseq("dataset", "build", "source.jsonl", "-o", "data.jsonl", "-s", "2", cwd=made)
    assert built.returncode == 0, built.stderr
    return made


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("passk results.jsonl --k 1", "50.0"),
        ("passk --compare results.jsonl results.jsonl --k 1", "0.0"),
        ("diversity results.jsonl", "4 programs of 2 problem(s)"),
        ("convert results.jsonl - --to lintseq", '"passed": true'),
        ("convert results.jsonl - --to evalplus", '"completion"'),
        ("dataset stats data.jsonl", "rows"),
        ("dataset sample data.jsonl -n 1", "return a + b"),
        ("dataset diff data.jsonl data.jsonl", "rows: 2 equal"),
    ],
)
def test_a_command_on_json_lines_needs_no_extra(command: str, shown: str, folder: Path) -> None:
    done = lintseq(*command.split(), cwd=folder)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert shown in done.stdout


def test_what_needs_an_extra_names_it(folder: Path) -> None:
    done = lintseq("convert", "results.jsonl", "out.parquet", "--to", "parquet", cwd=folder)
    assert (done.returncode, done.stdout) == (3, "")
    assert "pip install 'lintseq-core[data]'" in done.stderr and done.stderr.count("\n") == 1
    assert not (folder / "out.parquet").exists()


@pytest.mark.parametrize("name", ["evalplus.eval_results.json", "inspect.json", "lintseq.jsonl"])
def test_files_of_other_tools_are_counted_without_an_extra(name: str, folder: Path) -> None:
    done = lintseq("passk", str(FORMATS / name), "--k", "1", cwd=folder)
    assert done.returncode == 0, done.stderr
