"""The datatrove pipeline gives the rows of the plain build, in tasks that can be restarted."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.data.building.dataset import build_dataset
from lintseq_core.data.settings import BuildSettings
from lintseq_core.errors import LintSeqError
from lintseq_core.programs import Program

pytest.importorskip("datatrove", reason="needs datatrove: pip install 'lintseq-core[scale]'")

from datatrove.executor import LocalPipelineExecutor

from lintseq_core.data.scale import EditSequences, dedup_pipelines, edit_pipeline

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS = [
    path
    for path in sorted((ROOT / "assets" / "programs").glob("*.py"))
    if path.read_text().count("\n") < 50
]
SETTINGS = BuildSettings("response", "instruction", samples=2, dedup=False)
BROKEN = [
    b"not json",
    b"[1]",
    b'{"instruction": "x"}',
    b'{"instruction": "", "response": "x ="}',
    b"\xff",
    b" ",
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three files of programs with broken rows among them; one is packed, one ends in no break."""
    folder = tmp_path_factory.mktemp("source")
    rows = [
        json.dumps({"instruction": f"Write {path.stem}.", "response": path.read_text()}).encode()
        for path in PROGRAMS
    ]
    parts = [[*rows[0::3], *BROKEN], [BROKEN[0], *rows[1::3]], rows[2::3]]
    for number, part in enumerate(parts):
        data = b"\n".join(part)
        if number == 1:
            (folder / f"part_{number}.jsonl.gz").write_bytes(gzip.compress(data))
        else:
            (folder / f"part_{number}.jsonl").write_bytes(data)
    return folder


def plain_rows(folder: Path, settings: BuildSettings) -> tuple[bytes, Counter[str]]:
    """What the plain build makes of the files: its rows in order, and its drops."""
    data, drops = b"", Counter[str]()
    for path in sorted(folder.iterdir()):
        output = folder.parent / f"{folder.name}_{settings.layout}_{settings.max_row_bytes}.jsonl"
        outcome = build_dataset(path, output, settings, workers=1, force=True)
        data += output.read_bytes()
        drops.update(outcome.report.tally.drops)
    return data, drops


def run(source: Path, folder: Path, tasks: int, workers: int = 1, **options: Any) -> bytes:
    """The output of a pipeline, the tasks' files one after the other."""
    settings = options.pop("settings", SETTINGS)
    pipeline = edit_pipeline(str(source), str(folder / "edits"), settings, **options)
    LocalPipelineExecutor(
        pipeline, tasks=tasks, workers=workers, logging_dir=str(folder / "logs")
    ).run()
    return b"".join(path.read_bytes() for path in sorted((folder / "edits").iterdir()))


def test_three_tasks_in_two_processes_write_the_bytes_of_the_plain_build(
    source: Path, tmp_path: Path
) -> None:
    expected, drops = plain_rows(source, SETTINGS)
    assert run(source, tmp_path, tasks=3, workers=2) == expected
    assert len(expected.splitlines()) == 2 * len(PROGRAMS)
    (stats,) = [
        one["stats"]
        for one in json.loads((tmp_path / "logs" / "stats.json").read_text())
        if "LintSeq edits" in one["name"]
    ]
    assert stats["programs"] == len(PROGRAMS)
    assert stats["rows"]["total"] == 2 * len(PROGRAMS)
    counted = {name: n for name, n in stats.items() if name.startswith("dropped_")}
    assert counted == {f"dropped_{kind}": count for kind, count in drops.items()}
    assert stats["dropped"] == sum(drops.values()) == 6


@pytest.mark.parametrize(
    ("layout", "tasks"), [("pylintseq", 1), ("messages", 2), ("prompt-completion", 4)]
)
def test_other_layouts_and_other_numbers_of_tasks_give_the_same_rows(
    source: Path, tmp_path: Path, layout: Any, tasks: int
) -> None:
    settings = BuildSettings("response", "instruction", samples=1, layout=layout, dedup=False)
    expected, _ = plain_rows(source, settings)
    made = run(source, tmp_path, tasks=tasks, settings=settings)
    assert sorted(made.splitlines()) == sorted(expected.splitlines())


def test_parquet_gives_the_rows_of_the_plain_build(source: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow, of the extra data")
    import pyarrow

    rows = [{"instruction": "Write it.", "response": path.read_text()} for path in PROGRAMS[:4]]
    rows[2]["response"] = ""
    folder = tmp_path / "source"
    folder.mkdir()
    parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "rows.parquet")
    expected, drops = plain_rows(folder, SETTINGS)
    assert drops == {"empty_program": 1}
    assert run(folder, tmp_path, tasks=1, glob_pattern="*.parquet") == expected


def test_a_restart_makes_only_the_tasks_that_are_not_done(source: Path, tmp_path: Path) -> None:
    expected = run(source, tmp_path, tasks=3)
    first, second, third = sorted((tmp_path / "edits").iterdir())
    first.write_bytes(b"kept\n")  # its task is done: it must not be written again
    second.write_bytes(second.read_bytes()[:100])  # killed in the middle: no note that it is done
    (tmp_path / "logs" / "completions" / "00001").unlink()
    again = run(source, tmp_path, tasks=3)
    assert first.read_bytes() == b"kept\n"
    assert b"kept\n" + again.removeprefix(b"kept\n") == again
    assert expected.endswith(again.removeprefix(b"kept\n"))
    assert len(again) > len(third.read_bytes()) + 100


def test_packed_output_and_a_row_over_the_limit(source: Path, tmp_path: Path) -> None:
    long = max(len(line) for path in source.glob("*.jsonl") for line in path.open("rb"))
    settings = BuildSettings(
        "response", "instruction", samples=2, dedup=False, max_row_bytes=long - 2
    )
    expected, drops = plain_rows(source, settings)
    assert 1 <= drops["row_too_long"] < len(PROGRAMS)
    run(source, tmp_path, tasks=3, settings=settings, compression="gzip")
    packed = sorted((tmp_path / "edits").iterdir())
    assert [path.name for path in packed] == [f"0000{rank}.jsonl.gz" for rank in range(3)]
    assert b"".join(gzip.decompress(path.read_bytes()) for path in packed) == expected


def test_one_row_of_each_program_stays_across_tasks(tmp_path: Path) -> None:
    """The same program is the same normal form; broken rows are no copies of each other."""
    folder = tmp_path / "source"
    folder.mkdir()
    texts = [path.read_text() for path in PROGRAMS[:5]]
    parts = [[0, 1, 0, None], [2, 1, None, 3], [0, 4, 2, 4]]
    for number, part in enumerate(parts):
        rows = [
            "broken"
            if one is None
            else json.dumps({"instruction": "", "response": f"\n{texts[one]}"})
            for one in part
        ]
        (folder / f"part_{number}.jsonl").write_text("\n".join(rows) + "\n")
    copies = str(tmp_path / "copies")
    stages = dedup_pipelines(str(folder), copies, SETTINGS)
    for number, (pipeline, tasks) in enumerate(zip(stages, (3, 1), strict=True)):
        logs = str(tmp_path / f"logs_{number}")
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=1, logging_dir=logs).run()
    made = run(folder, tmp_path, tasks=3, copies=copies)
    kept = [json.loads(row)["program_id"] for row in made.splitlines()[::2]]
    assert sorted(kept) == sorted(Program.from_text(text).id for text in texts)
    assert set(made.splitlines()) < set(plain_rows(folder, SETTINGS)[0].splitlines())
    stats = json.loads((tmp_path / "logs" / "stats.json").read_text())
    assert [
        one["stats"]["dropped_bad_json"] for one in stats if "LintSeq edits" in one["name"]
    ] == [2]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (BuildSettings("response", "instruction"), "dedup compares all rows and a task has a part"),
        (BuildSettings("response", None, dedup=False, limit=5), "limit counts all rows"),
    ],
)
def test_settings_that_need_all_rows_are_refused(settings: BuildSettings, message: str) -> None:
    with pytest.raises(LintSeqError, match=message):
        EditSequences(settings)


def code_blocks(page: str) -> list[str]:
    """The Python blocks of a page of the docs."""
    return [part.partition("\n```")[0] for part in page.split("```python\n")[1:]]


def run_script(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "script.py").write_text(script)
    return subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_the_scripts_of_the_page_build_their_jobs(source: Path, tmp_path: Path) -> None:
    local, slurm = code_blocks((ROOT / "docs" / "scale.md").read_text("utf-8"))
    for path in source.iterdir():
        (tmp_path / "source").mkdir(exist_ok=True)
        (tmp_path / "source" / path.name).write_bytes(path.read_bytes())
    done = run_script(local, tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "logs" / "completions").iterdir())) == 3
    assert (tmp_path / "edits" / "00002.jsonl").stat().st_size > 0

    sbatch = tmp_path / "bin" / "sbatch"  # stands for Slurm's: keeps the job, gives it a number
    sbatch.parent.mkdir()
    sbatch.write_text(
        f'#!/bin/sh\nfor last; do :; done\ncp "$last" {tmp_path}/job_$$\necho Submitted batch job 7\n'
    )
    sbatch.chmod(0o755)
    done = run_script(slurm, tmp_path, PATH=f"{sbatch.parent}:{os.environ['PATH']}")
    assert done.returncode == 0, done.stderr
    logs = tmp_path / "slurm-logs"
    script = (logs / "launch_script.slurm").read_text()
    for line in (
        "#SBATCH --array=0-999%500",
        "#SBATCH --cpus-per-task=1",
        "#SBATCH --mem-per-cpu=2G",
        "source .venv/bin/activate",
    ):
        assert f"{line}\n" in script
    assert f"launch_pickled_pipeline {logs}/executor.pik" in script
    assert len(json.loads((logs / "ranks_to_run.json").read_text())) == 10_000
    assert script in [path.read_text() for path in tmp_path.glob("job_*")]
