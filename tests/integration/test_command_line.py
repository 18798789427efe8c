"""The `lintseq` command as a user meets it: streams, pipes, exit codes, one-line errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "assets" / "programs" / "bank_accounts.py"


def lintseq(*arguments: str, stdin: bytes = b"", **environment: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one call."""
    done = subprocess.run(
        [sys.executable, "-m", "lintseq_core", *arguments],
        input=stdin,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_model_text_goes_through_a_pipe_and_comes_back_as_the_program() -> None:
    options = ("--instruction", "Write it.\nNow.", "--eos", "<|endoftext|>")
    code, text, _ = lintseq("sample", str(PROGRAM), "--format", "model", *options)
    assert code == 0
    code, program, notes = lintseq("apply", "-", "--eos", "<|endoftext|>", stdin=text.encode())
    assert (code, program) == (0, PROGRAM.read_text())
    assert (
        notes == "lintseq: note: 2 line(s) before the first <|diff|> left out (the instruction)\n"
    )


def test_diffs_come_back_through_apply_and_through_patch(tmp_path: Path) -> None:
    _, text, _ = lintseq("sample", "-", "--format", "diff", stdin=PROGRAM.read_bytes())
    assert lintseq("apply", "-", stdin=text.encode()) == (0, PROGRAM.read_text(), "")
    try:
        subprocess.run(["patch", "-s"], cwd=tmp_path, input=text.encode(), check=True)
    except FileNotFoundError:
        pytest.skip("needs GNU patch")
    assert (tmp_path / "program.py").read_text() == PROGRAM.read_text()


def test_json_rows_hold_what_they_promise_and_verify(tmp_path: Path) -> None:
    code, rows, _ = lintseq("sample", str(PROGRAM), "-s", "3", "--seed", "5", "-f", "json")
    assert code == 0
    records = [json.loads(row) for row in rows.splitlines()]
    assert [record["path_index"] for record in records] == [0, 1, 2]
    assert {
        "lines", "birth_steps", "reasons", "method", "linter", "compat", "seed", "path_index",
        "schema_version",
    } <= records[0].keys()  # fmt: skip
    assert records[0]["linter"].keys() == {"name", "version"}
    assert len(records[0]["birth_steps"]) == len(records[0]["lines"])
    code, said, _ = lintseq("verify", "-", stdin=rows.encode())
    assert (code, said) == (0, "3 of 3 rows hold; 0 new findings in rows that promise none\n")


def test_verify_names_the_row_and_the_step_that_fail(tmp_path: Path) -> None:
    _, rows, _ = lintseq("sample", str(PROGRAM), "-s", "2", "-f", "json")
    good, bad = rows.splitlines()
    record = json.loads(bad)
    # The first binding of a name comes last: every state before uses it undefined.
    record["birth_steps"] = [birth + 1 for birth in record["birth_steps"]]
    record["birth_steps"][record["lines"].index("class Account:")] = 0
    tampered = good + "\n" + json.dumps(record) + "\n" + good[:50] + "\n"
    file = tmp_path / "rows.jsonl"
    file.write_text(tampered)
    code, said, _ = lintseq("verify", str(file))
    lines = said.splitlines()
    assert code == 1
    assert lines[0].startswith(f"{file}:2: step 1: new finding of pyflakes: SyntaxError on line 1")
    assert any(line.startswith(f"{file}:3: not JSON: ") for line in lines)
    assert lines[-1] == "1 of 3 rows hold; 0 new findings in rows that promise none"


def test_verify_counts_findings_of_randseq_and_fails_none() -> None:
    _, rows, _ = lintseq("sample", str(PROGRAM), "--method", "randseq", "-s", "2", "-f", "json")
    code, said, _ = lintseq("verify", "-", stdin=rows.encode())
    assert code == 0
    assert said.startswith("2 of 2 rows hold; ")
    assert " 0 new findings" not in said


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    calls = [
        lintseq("sample", str(PROGRAM), "--seed", "3", "-f", "json", PYTHONHASHSEED=seed)
        for seed in ("1", "2")
    ]
    assert calls[0] == calls[1]
    assert calls[0] != lintseq("sample", str(PROGRAM), "--seed", "4", "-f", "json")


def test_a_definition_out_of_a_file_and_its_closure() -> None:
    code, said, _ = lintseq("sample", str(PROGRAM), "--def", "Account.deposit")
    assert code == 0
    assert "def deposit" in said
    code, said, _ = lintseq("explain", str(PROGRAM), "--def", "Account.deposit", "--line", "1")
    assert code == 0
    assert "is inside the block of line 1" in said
    code, said, _ = lintseq("explain", str(PROGRAM), "--line", "9", "--format", "json")
    assert json.loads(said)["line_index"] == 8


def test_the_terminal_says_why_the_lines_of_an_edit_belong_together() -> None:
    _, said, notes = lintseq("sample", str(PROGRAM))
    assert "Step 1 of " in said
    assert "comes alone: no other line so far needs it." in said
    _, apart, _ = lintseq("sample", str(PROGRAM), "--apart")
    assert " goes: 1 line\n" in apart and "was drawn at random." in apart
    code, _, refused = lintseq("sample", str(PROGRAM), "--apart", "-f", "json")
    assert code == 2 and "--format json has none" in refused
    assert notes == ""
    assert "\x1b" not in said


def test_control_characters_of_a_program_do_not_reach_the_terminal() -> None:
    _, said, _ = lintseq("sample", "-", stdin=b'x = "\x1b[31m"\n')
    assert "\x1b" not in said
    assert "\N{SYMBOL FOR ESCAPE}[31m" in said


def test_output_is_utf8_whatever_the_locale() -> None:
    source = "x = 'é日'\n".encode()
    for environment in ({"LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "latin-1"}):
        code, said, _ = lintseq("sample", "-", "-f", "diff", stdin=source, **environment)
        assert code == 0
        assert "+x = 'é日'" in said


ERRORS = [
    (["sample", "no_such.py"], 3, "no_such.py: No such file or directory; check the path"),
    (["sample"], 2, "Missing argument 'FILE'; see 'lintseq sample --help'"),
    (["models", "fetch", "nope"], 2, "Invalid value for 'NAME': 'nope' is not one of 'smollm2-135m'; see 'lintseq models fetch --help'"),
    (["sample", "-", "--linter", "flake9"], 2, "'flake9' is not one of 'pyflakes', 'pylint'"),
    (["bogus"], 2, "No such command 'bogus'; see 'lintseq --help'"),
    (["explain", str(PROGRAM), "--line", "9999"], 2, "--line 9999: the program has "),
    (["sample", str(PROGRAM), "--def", "nope"], 3, "no definition 'nope'; there are: "),
    (["verify", "-"], 3, "<stdin>: no row; expected one JSON object a line"),
    (["apply", "-"], 3, "<stdin>: no edit; expected lines that start with <|diff|> or @@"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "message"), ERRORS)
def test_an_error_is_one_line_with_the_remedy(
    arguments: list[str], code: int, message: str
) -> None:
    found, said, error = lintseq(*arguments)
    assert (found, said) == (code, "")
    assert error.startswith("lintseq: error: ")
    assert message in error
    assert error.count("\n") == 1


def test_apply_names_every_fault_and_lenient_uses_the_rest() -> None:
    text = b"<|diff|>@@ -0,0 +1 @@\n+x = 1\n<|diff|>@@ -9,0 +9 @@\n+y = 2\n<|diff|>@@ bad\n+z\n"
    code, said, error = lintseq("apply", "-", stdin=text)
    assert (code, said) == (3, "")
    for fault in ("position out of range", "bad header", "truncated"):
        assert f": {fault}: " in error
    code, said, notes = lintseq("apply", "-", "--lenient", stdin=text)
    assert (code, said) == (0, "x = 1\ny = 2\n")
    assert "(appended)" in notes
    assert "(skipped)" in notes


DIFFS = ROOT / "tests" / "data" / "diffs"


@pytest.mark.parametrize("name", ["git", "gnup"])
@pytest.mark.parametrize("options", [(), ("--lenient",)])
def test_apply_takes_what_git_and_diff_write(name: str, options: tuple[str, ...]) -> None:
    base = ("--base", str(DIFFS / "old.txt"))
    found = lintseq("apply", str(DIFFS / f"{name}.diff"), *base, *options)
    assert found == (0, (DIFFS / "new.txt").read_text(), "")


def test_apply_says_that_a_diff_lacks_the_text_that_it_applies_to() -> None:
    code, said, error = lintseq("apply", str(DIFFS / "git.diff"))
    assert (code, said) == (3, "")
    assert "--base names the text that they apply to; --lenient uses" in error.splitlines()[-1]


def test_apply_takes_the_diff_of_a_file_without_a_last_newline() -> None:
    assert lintseq("apply", str(DIFFS / "nonl.diff")) == (0, "a = 1\nb = 2\n", "")


def test_apply_refuses_a_diff_of_several_files() -> None:
    text = "".join(
        f"diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n@@ -0,0 +1 @@\n+x = 1\n"
        for name in ("a.py", "b.py")
    )
    code, said, error = lintseq("apply", "-", "--lenient", stdin=text.encode())
    assert (code, said) == (3, "")
    assert error == (
        "lintseq: error: <stdin>: diffs of 2 files (a.py, b.py); keep those of one file\n"
    )


def test_doctor_says_what_works() -> None:
    code, said, _ = lintseq("doctor", "--json")
    assert code == 0
    checks = json.loads(said)
    assert checks["Python"]["works"]
    assert checks["linter pyflakes"]["works"]
    assert {"Chromium", "GPU", "torch", "linter pylint", "linter ruff"} <= checks.keys()


def test_a_reader_that_stops_early_is_no_failure() -> None:
    call = [sys.executable, "-m", "lintseq_core", "sample", str(PROGRAM), "-s", "500", "-f", "json"]
    with subprocess.Popen(
        call, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(100)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0  # 1 would say that a check failed


@pytest.mark.parametrize("command", [(), ("sample",), ("verify",), ("explain",), ("apply",)])
def test_help_has_examples(command: tuple[str, ...]) -> None:
    code, said, _ = lintseq(*command, "--help")
    assert code == 0
    name = command[0] if command else "sample"
    assert any(line.strip().startswith(f"lintseq {name} ") for line in said.splitlines())


@pytest.mark.parametrize(
    "command",
    [("apply",), ("convert",), ("dataset", "build"), ("verify",), ("diversity",)],
    ids=str,
)
def test_help_fills_its_lines(command: tuple[str, ...]) -> None:
    code, said, _ = lintseq(*command, "--help")
    assert code == 0
    told = said.partition("Arguments")[0].split("\n")
    for line, following in pairwise(told):
        words = following.split()
        if line.strip() and words and not {line.split()[0], words[0]} & {"lintseq", "Usage:"}:
            assert len(line.rstrip()) + 1 + len(words[0]) > 78, (line, following)
