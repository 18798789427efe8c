"""`lintseq dataset stats|verify|sample|diff` on files of every layout, whole and damaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted((ROOT / "assets" / "programs").glob("*.py"))


def lintseq(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call."""
    done = subprocess.run(
        [sys.executable, "-m", "lintseq_core", "dataset", *map(str, arguments)],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our example programs as edits: two sequences each, in three layouts."""
    folder = tmp_path_factory.mktemp("sets")
    rows = [
        json.dumps({"instruction": f"Write {path.stem}.", "response": path.read_text()})
        for path in PROGRAMS
    ]
    source = folder / "source.jsonl"
    source.write_text("\n".join(rows))
    for name, *options in (
        ("own.jsonl",),
        ("seed1.jsonl.gz", "--seed", "1"),
        ("authors.jsonl", "--layout", "pylintseq"),
        ("chat.jsonl", "--layout", "messages", "--eos", "<end>"),
        ("random.jsonl", "--method", "randseq"),
    ):
        code, _, said = lintseq("build", source, "-o", folder / name, "-s", "2", *options)
        assert code == 0, said
    assert lintseq("build", source, "-o", folder / "whole.jsonl", "--method", "whole")[0] == 0
    return folder


def changed(file: Path, number: int, **fields: Any) -> Path:
    """A copy of `file` in which the row `number` has other fields."""
    lines = file.read_text().splitlines()
    lines[number - 1] = json.dumps(json.loads(lines[number - 1]) | fields)
    copy = file.with_name(f"changed_{file.name}")
    copy.write_text("\n".join(lines) + "\n")
    return copy


def test_verify_lets_every_layout_pass(folder: Path) -> None:
    n = len(PROGRAMS)
    for name, rows in (("own.jsonl", 2 * n), ("seed1.jsonl.gz", 2 * n), ("authors.jsonl", 2 * n),
                       ("chat.jsonl", 2 * n), ("whole.jsonl", n)):  # fmt: skip
        expected = f"{rows} of {rows} rows hold; 0 new findings in rows that promise none\n"
        assert lintseq("verify", folder / name)[:2] == (0, expected), name


def test_verify_counts_findings_where_no_clean_state_is_promised(folder: Path) -> None:
    code, said, _ = lintseq("verify", folder / "random.jsonl")
    assert code == 0
    assert not said.endswith(" 0 new findings in rows that promise none\n")


def test_verify_names_row_and_step_of_what_does_not_hold(folder: Path) -> None:
    rows = [json.loads(row) for row in (folder / "own.jsonl").read_text().splitlines()]
    births = rows[2]["birth_steps"]
    backwards = [max(births) - birth for birth in births]
    file = changed(folder / "own.jsonl", 3, birth_steps=backwards)
    code, said, _ = lintseq("verify", file)
    assert code == 1
    assert said.splitlines()[0].startswith(f"{file}:3: step 1: new finding of pyflakes: ")
    total = 2 * len(PROGRAMS)
    assert said.splitlines()[-1].startswith(f"{total - 1} of {total} rows hold; ")


def test_verify_knows_when_the_authors_edits_do_not_write_the_response(folder: Path) -> None:
    file = changed(folder / "authors.jsonl", 2, source_response="x = 1\n")
    code, said, _ = lintseq("verify", file)
    assert code == 1
    assert said.splitlines()[0] == (
        f"{file}:2: the edits do not write the program of source_response"
    )
    file = changed(
        folder / "authors.jsonl", 1, edit_path=["@@ -0,0 +1 @@\n+x = 1", "@@ -1 +0,0 @@\n-x = 1"]
    )
    code, said, _ = lintseq("verify", file)
    assert code == 1
    assert said.startswith(f"{file}:1: the edits do not parse: line 4 (edit 2, hunk 1): deletion: ")


def test_stats_of_a_file_are_those_of_its_build(folder: Path) -> None:
    report = json.loads((folder / "own.jsonl.report.json").read_bytes())["tally"]["counts"]
    for name in ("own.jsonl", "authors.jsonl", "chat.jsonl"):
        code, said, _ = lintseq("stats", folder / name, "--json")
        assert code == 0
        found = json.loads(said)
        for part in ("lines_per_program", "edits_per_sequence", "lines_per_edit"):
            assert found[part]["histogram"] == report[part]
        for part in ("programs", "rows", "program_tokens", "text_tokens", "states_without_new"):
            assert found[part] == report[part]
        assert (found["rows_read"], found["unreadable"]) == (2 * len(PROGRAMS), 0)


def test_stats_print_a_table_and_draw_a_picture(folder: Path) -> None:
    pytest.importorskip("plotly", reason="needs plotly: the extra 'dashboard'")
    picture = folder / "own.html"
    code, said, notes = lintseq("stats", folder / "own.jsonl", "--plot", picture, "--lint", "none")
    n = len(PROGRAMS)
    assert (code, notes.splitlines()[-1]) == (
        0,
        f"lintseq: note: histograms written to {picture}",
    )
    assert said.startswith(f"# own.jsonl\n\n{2 * n} rows (layout lintseq; {2 * n} lintseq)\n")
    assert f"| edits per sequence | {2 * n} | " in said
    assert "States:" not in said
    assert "Edits per sequence" in picture.read_text()
    code, _, notes = lintseq("stats", folder / "own.jsonl", "--plot", picture)
    assert code == 3
    assert notes == f"lintseq: error: {picture} exists: choose another --plot or remove it\n"


def test_stats_count_rows_that_cannot_be_read_and_exit_with_1(folder: Path) -> None:
    file = changed(folder / "own.jsonl", 4, birth_steps=[7])
    code, said, notes = lintseq("stats", file, "--json")
    assert (code, json.loads(said)["unreadable"]) == (1, 1)
    assert "lintseq: note: 1 row(s) cannot be read; row 4: birth_steps: 1 for " in notes


def test_sample_prints_rows_and_the_seed_decides_which(folder: Path) -> None:
    first = lintseq("sample", folder / "own.jsonl", "-n", "2", "--seed", "1")
    assert first == lintseq("sample", folder / "own.jsonl", "-n", "2", "--seed", "1")
    assert first[1] != lintseq("sample", folder / "own.jsonl", "-n", "2", "--seed", "2")[1]
    assert first[0] == 0
    assert first[1].count("Step 1 of ") == 2
    assert first[1].count("Write ") == 2
    assert (
        " comes with what needs it." in first[1]
    )  # drawn again from the seed, which the file keeps
    assert "the file does not say why" in lintseq("sample", folder / "chat.jsonl")[1]
    everything = lintseq("sample", folder / "whole.jsonl", "-n", "999")[1]
    assert all(f"Write {path.stem}." in everything for path in PROGRAMS)


def test_diff_of_equal_sets_says_so_whatever_the_order_of_rows(folder: Path) -> None:
    n = 2 * len(PROGRAMS)
    a = folder / "own.jsonl"
    rows = a.read_text().splitlines()
    b = folder / "turned.jsonl"
    b.write_text("\n".join(rows[2:] + rows[:2]) + "\n")
    assert lintseq("diff", a, b) == (
        0,
        f"A: {a}, {n} rows\nB: {b}, {n} rows\nsettings: not compared, a report is missing\n"
        f"rows: {n} equal, 0 changed, 0 only in A, 0 only in B\n",
        "",
    )


def test_diff_names_settings_rows_and_the_first_field(folder: Path) -> None:
    a, b = folder / "own.jsonl", folder / "seed1.jsonl.gz"
    code, said, _ = lintseq("diff", a, b)
    assert code == 1
    lines = said.splitlines()
    assert lines[2:5] == [
        "settings:",
        "  seed 0 in A, 1 in B",
        '  format "jsonl" in A, "jsonl.gz" in B',
    ]
    assert lines[6:] == [
        "first changed row: source.jsonl, source row 1, sequence 1",
        "  seed (row 1 of A, row 1 of B)",
        "    A: 0",
        "    B: 1",
    ]
    c = changed(a, 5, instruction="Other.")
    c.write_text("".join(c.read_text().splitlines(keepends=True)[:-1]))
    code, said, _ = lintseq("diff", a, c)
    n = 2 * len(PROGRAMS)
    assert code == 1
    assert said.splitlines()[3:] == [
        f"rows: {n - 2} equal, 1 changed, 1 only in A, 0 only in B",
        f"  only in A: source.jsonl, source row {len(PROGRAMS)}, sequence 2",
        "first changed row: source.jsonl, source row 3, sequence 1",
        "  instruction (row 5 of A, row 5 of B)",
        f'    A: "Write {PROGRAMS[2].stem}."',
        '    B: "Other."',
    ]
    found = json.loads(lintseq("diff", a, c, "--json")[1])
    assert (found["is_equal"], found["changed"], found["only_a"]) == (False, 1, 1)


@pytest.mark.parametrize("name", ["stats", "verify", "sample"])
def test_a_file_that_is_no_data_set_is_one_line(name: str, tmp_path: Path) -> None:
    code, _, notes = lintseq(name, tmp_path / "missing.jsonl")
    assert (code, notes) == (
        3,
        f"lintseq: error: {tmp_path / 'missing.jsonl'}: No such file or directory; check the path\n",
    )
    assert lintseq(name, tmp_path)[0] == 3


def test_the_authors_package_writes_rows_that_are_read(tmp_path: Path) -> None:
    """A row as `pylintseq` 0.0.2 writes it, its example of the README."""
    row = {
        "edit_path": [
            "@@ -0,0 +1,2 @@\n+def double(x):\n+    return 2 * x",
            "@@ -2,0 +3,2 @@\n+\n+print(double(2))",
        ],
        "index": 7,
        "source_file": "data/instructions.jsonl",
        "source_instruction": "Double it.",
        "source_response": "Sure:\n```python\ndef double(x):\n    return 2 * x\n\nprint(double(2))\n```",
    }
    file = tmp_path / "authors.jsonl"
    file.write_text(json.dumps(row) + "\n")
    assert lintseq("verify", file)[1].startswith("1 of 1 rows hold; ")
    assert json.loads(lintseq("stats", file, "--json")[1])["edits_per_sequence"]["mean"] == 2.0
