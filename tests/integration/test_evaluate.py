"""`lintseq evaluate` as a user meets it: rows, opt-in, isolation, resuming, errors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.edits.formats import model_text
from lintseq_core.edits.hunks import edits_from_birth_steps
from lintseq_core.execution.backends import IsolationError
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation
from lintseq_core.results.record import read_record, record_path

PROBLEMS = get_benchmark("humaneval").problems()


@pytest.fixture(scope="module", autouse=True)
def _needs_a_box() -> None:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    backend.close()


def lintseq(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "LINTSEQ_ALLOW_EXECUTION"}
    return subprocess.run(
        [sys.executable, "-m", "lintseq_core", "evaluate", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**kept, **environment},
    )


def samples(path: Path, rows: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def body(number: int) -> str:
    problem = PROBLEMS[number]
    return problem.reference.removeprefix(problem.prompt)


def mixed_rows(count: int) -> list[dict[str, Any]]:
    """Right, wrong and broken answers to the first problems, two of each."""
    rows = []
    for number in range(count):
        for completion in (body(number), "    return None\n", "    return (\n"):
            rows.append({"task_id": f"HumanEval/{number}", "completion": completion})
    return rows


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def untimed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: v for k, v in row.items() if k not in ("cpu_s", "wall_s")} for row in rows]


def test_a_row_for_each_sample_in_the_order_of_the_file(tmp_path: Path) -> None:
    given = samples(tmp_path / "samples.jsonl", mixed_rows(3))
    output = tmp_path / "out.jsonl"
    done = lintseq(given, "-b", "humaneval", "-o", str(output), "--allow-execution")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{output}: 9 samples, 3 passed, isolation L3\n")
    rows = read(output)
    expected = [
        (f"HumanEval/{number}", sample_id, verdict)
        for number in range(3)
        for sample_id, verdict in enumerate(("passed", "wrong_answer", "syntax_error"))
    ]
    assert [(row["task_id"], row["sample_id"], row["verdict"]) for row in rows] == expected
    assert {(row["isolation"], row["integrity"], *row["flags"]) for row in rows} == {("L3", "I2")}
    assert all(0 < row["cpu_s"] < 4 and 0 < row["wall_s"] < 14 for row in rows)
    assert not list(tmp_path.glob("*.partial"))
    record = json.loads((tmp_path / "out.jsonl.record.json").read_text())
    assert record["counts"] == {"passed": 3, "syntax_error": 3, "wrong_answer": 3}
    assert record["promised"] == {f"HumanEval/{number}": 3 for number in range(3)}
    probes = record["device"]["self_check"]["probes"]
    assert len(probes) == 12 and all(probe["held"] for probe in probes.values())


def test_whole_programs_of_evalplus_are_run_as_they_are(tmp_path: Path) -> None:
    rows = [{"task_id": "HumanEval/0", "solution": PROBLEMS[0].reference}]
    given = samples(tmp_path / "samples.jsonl", rows)
    output = tmp_path / "out.jsonl"
    done = lintseq(given, "-b", "humaneval", "-o", str(output), LINTSEQ_ALLOW_EXECUTION="1")
    assert done.returncode == 0 and [row["verdict"] for row in read(output)] == ["passed"]


def test_the_output_is_the_same_for_any_number_of_workers(tmp_path: Path) -> None:
    given = samples(tmp_path / "samples.jsonl", mixed_rows(6))
    outputs = []
    for workers in ("1", "5"):
        output = tmp_path / f"out{workers}.jsonl"
        words = ("-b", "humaneval", "-o", str(output), "--allow-execution", "--workers", workers)
        assert lintseq(given, *words).returncode == 0
        outputs.append(untimed(read(output)))
    assert outputs[0] == outputs[1]


OUTPUTS = Path(__file__).resolve().parents[1] / "data" / "outputs"


def test_codecontests_passes_what_prints_the_values_asked_for_and_ends_with_status_0(
    tmp_path: Path,
) -> None:
    rows = read(OUTPUTS / "codecontests_samples.jsonl")
    wrong = {
        "half": ("print(1.50001)", "print('1_5e-1')", "print('1.5', 'nan')", "print('\\uff11.5')"),
        "yesno": ("print('YES!')", "print('YES'); exit(1)", "print('YES'); exit('done')"),
    }
    rows += [{"task_id": t, "completion": text} for t, texts in wrong.items() for text in texts]
    given, output = samples(tmp_path / "samples.jsonl", rows), tmp_path / "out.jsonl"
    data = str(OUTPUTS / "codecontests_problems.jsonl")
    words = ("-b", "codecontests", "--data", data, "-o", str(output), "--allow-execution")
    assert lintseq(given, *words).returncode == 0
    verdicts = [row["verdict"] for row in read(output)]
    assert verdicts == ["passed"] * 9 + ["wrong_answer"] * 5 + ["exited_early"] * 2


def test_a_mention_of_what_an_ordinary_interpreter_has_fails_no_program(tmp_path: Path) -> None:
    given, output = OUTPUTS / "humaneval_mentions_exit.jsonl", tmp_path / "out.jsonl"
    done = lintseq(str(given), "-b", "humaneval", "-o", str(output), "--allow-execution")
    assert done.returncode == 0
    assert [row["verdict"] for row in read(output)] == ["passed"] * 5


def test_a_reference_that_does_not_pass_is_reported_where_time_was_to_be_measured_by_it(
    tmp_path: Path,
) -> None:
    problem = {
        "task_id": "T/0",
        "prompt": 'def twice(x):\n    """Double x."""\n',
        "instruction": "Double x.",
        "canonical_solution": "    return missing(x)\n",
        "test": "def check(candidate):\n    assert candidate(2) == 4\n",
        "entry_point": "twice",
    }
    data = samples(tmp_path / "problems.jsonl", [problem])
    endless = {"task_id": "T/0", "completion": "    while True:\n        pass\n"}
    right = {"task_id": "T/0", "completion": "    return 2 * x\n"}
    given, output = samples(tmp_path / "samples.jsonl", [endless, right]), tmp_path / "out.jsonl"
    done = lintseq(given, "-b", "basics", "--data", data, "-o", str(output), "--allow-execution")
    assert done.returncode == 0
    assert done.stderr.endswith(  # a slow machine shows progress before it
        "lintseq: warning: reference solutions that do not pass here: 1 (T/0); samples of theirs "
        "that timed out had the default limit, as the detail of their rows says\n"
    )
    first, second = read(output)
    assert (first["verdict"], first["flags"]) == ("timeout_cpu", ["reference_failed"])
    assert first["detail"] == (
        "over 4 s of CPU time; the limit is the default, as the reference solution does not pass "
        "(exception: NameError: name 'missing' is not defined)"
    )
    assert (second["verdict"], second["flags"], second["detail"]) == ("passed", [], "")


def test_nothing_runs_without_permission(tmp_path: Path) -> None:
    given = samples(tmp_path / "samples.jsonl", mixed_rows(1))
    done = lintseq(given, "-b", "humaneval", "-o", str(tmp_path / "out.jsonl"))
    assert done.returncode != 0 and len(done.stderr.splitlines()) == 1
    assert "allow it with --allow-execution or LINTSEQ_ALLOW_EXECUTION=1" in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["samples.jsonl"]


def test_isolation_that_cannot_be_had_is_refused_with_a_remedy(tmp_path: Path) -> None:
    given = samples(tmp_path / "samples.jsonl", mixed_rows(1))
    words = ("-b", "humaneval", "-o", str(tmp_path / "out.jsonl"), "--allow-execution")
    done = lintseq(given, *words, "--min-isolation", "L4", PATH="/nowhere")  # no docker, no podman
    assert done.returncode != 0 and len(done.stderr.splitlines()) == 1
    assert "isolation L4 cannot be had" in done.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    given = samples(tmp_path / "samples.jsonl", mixed_rows(40))
    output, whole = tmp_path / "out.jsonl", tmp_path / "whole.jsonl"
    words = ["-b", "humaneval", "--allow-execution", "-o"]
    assert lintseq(given, *words, str(whole)).returncode == 0
    command = [sys.executable, "-m", "lintseq_core", "evaluate", given, *words, str(output)]
    partial = tmp_path / "out.jsonl.partial"
    for least in (5, 40):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            if partial.exists() and partial.read_bytes().count(b"\n") > least:
                break
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with partial.open("ab") as file:  # as if killed within a line
            file.write(b'{"index": 7, "row": {"task')
    decided = partial.read_bytes().count(b"\n") - 1
    assert decided >= 40
    assert lintseq(given, *words, str(output)).returncode == 0
    assert untimed(read(output)) == untimed(read(whole))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"task_id": "HumanEval/999", "completion": "x"}, "has no task 'HumanEval/999'"),
        ({"task_id": "HumanEval/0", "completion": 3}, "row 1: field 'completion' is a number"),
        ({"task_id": "HumanEval/0"}, "HumanEval/0"),
    ],
)
def test_a_row_that_does_not_fit_is_named(
    tmp_path: Path, row: dict[str, Any], message: str
) -> None:
    given = samples(tmp_path / "samples.jsonl", [row])
    done = lintseq(given, "-b", "humaneval", "-o", str(tmp_path / "o.jsonl"), "--allow-execution")
    assert done.returncode == 3 and len(done.stderr.splitlines()) == 1
    assert message in done.stderr or "unknown format" in done.stderr


def test_results_are_never_written_over(tmp_path: Path) -> None:
    given = samples(tmp_path / "samples.jsonl", mixed_rows(1))
    output = tmp_path / "out.jsonl"
    output.write_text("precious\n")
    done = lintseq(given, "-b", "humaneval", "-o", str(output), "--allow-execution")
    assert done.returncode == 3 and "exists already" in done.stderr
    assert output.read_text() == "precious\n"


def test_a_run_of_other_samples_is_not_continued(tmp_path: Path) -> None:
    given = samples(tmp_path / "samples.jsonl", mixed_rows(1))
    (tmp_path / "out.jsonl.partial").write_text('{"samples": "of another run"}\n')
    output = str(tmp_path / "out.jsonl")
    done = lintseq(given, "-b", "humaneval", "-o", output, "--allow-execution")
    assert done.returncode == 3 and "belongs to a run with" in done.stderr


FENCES = Path(__file__).resolve().parents[1] / "data" / "fences"


def test_answers_with_fences_are_judged_by_their_code_without_being_told(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    words = ("-b", "humaneval", "-o", str(output), "--allow-execution")
    done = lintseq(str(FENCES / "humaneval_answers.jsonl"), *words)
    said = "style instruction: 24 of 24 samples look like answers with code fences"
    assert done.returncode == 0
    assert f"lintseq: {said}; --style names another\n" in done.stderr
    assert f"  {said}\n  2 answers not taken as they are: see 'answer'" in done.stdout
    which = [row["which"] for row in read(FENCES / "humaneval_answers.jsonl")]
    rows = dict(zip(which, read(output), strict=True))
    failed = {name: row["detail"] for name, row in rows.items() if not row["passed"]}
    assert failed.keys() == {"nbsp"} and "U+00A0" in failed["nbsp"]
    noted = {name: row["answer"] for name, row in rows.items() if "answer" in row}
    assert noted == dict.fromkeys(
        ("usage", "two_impl_broken"), "left out 1 code block(s) that do not compile"
    )
    record = json.loads((tmp_path / "out.jsonl.record.json").read_text())
    assert record["config"]["style"] == "instruction"
    assert record["config"]["style_from"] == {"detected": True, "votes": {"instruction": 24}}
    passk = [sys.executable, "-m", "lintseq_core", "passk", str(output), "--k", "1"]
    told = subprocess.run(passk, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "note: read in the style 'instruction', which was told from the samples" in told


def test_mixed_samples_are_refused_before_anything_runs_and_named_they_are_read(
    tmp_path: Path,
) -> None:
    output = tmp_path / "out.jsonl"
    words = ("-b", "humaneval", "-o", str(output), "--allow-execution")
    done = lintseq(str(FENCES / "glued_end_markers.jsonl"), *words)
    assert done.returncode == 3 and len(done.stderr.splitlines()) == 1
    assert "of 5 samples 4 look like answers with code fences, 1 like completions" in done.stderr
    assert "--style (completion, instruction, markdown, diff)" in done.stderr
    assert not list(tmp_path.iterdir())
    done = lintseq(str(FENCES / "glued_end_markers.jsonl"), *words, "--style", "instruction")
    assert done.stdout.startswith(f"{output}: 5 samples, 5 passed")
    record = json.loads((tmp_path / "out.jsonl.record.json").read_text())
    assert record["config"]["style_from"]["detected"] is False


FORMATS = ("unified", "placed", "anchored", "search_replace")


def edit_rows(edit_format: str, count: int = 3) -> list[dict[str, Any]]:
    """Right answers to the first problems, as a model writes them in edits."""
    rows = []
    for number in range(count):
        lines = body(number).rstrip("\n").split("\n")
        edits = edits_from_birth_steps(lines, [at % 2 for at in range(len(lines))])
        text = model_text(edits, edit_format=edit_format).removeprefix("\n<|diff|>")
        rows.append({"task_id": f"HumanEval/{number}", "completion": f"{text}<|im_end|>"})
    return rows


@pytest.mark.parametrize("edit_format", FORMATS)
def test_samples_in_edits_are_judged_in_the_format_that_is_named(
    tmp_path: Path, edit_format: str
) -> None:
    given = samples(tmp_path / "samples.jsonl", edit_rows(edit_format))
    output = tmp_path / "out.jsonl"
    words = ("-b", "humaneval", "-o", str(output), "--allow-execution")
    done = lintseq(given, *words, "--edit-format", edit_format)
    assert "3 samples, 3 passed" in done.stdout
    record = read_record(record_path(output))
    assert (record.schema_version, record.edit_format) == (2, edit_format)
    rows = [row | {"edit_format": edit_format} for row in edit_rows(edit_format)]
    given = samples(tmp_path / "named.jsonl", rows)
    done = lintseq(given, "-b", "humaneval", "-o", f"{output}.2", "--allow-execution")
    assert "3 samples, 3 passed" in done.stdout


def test_samples_in_another_format_are_refused_with_the_option_that_reads_them(
    tmp_path: Path,
) -> None:
    output = tmp_path / "out.jsonl"
    words = ("-b", "humaneval", "-o", str(output), "--allow-execution")
    for edit_format in FORMATS[1:]:
        given = samples(tmp_path / "samples.jsonl", edit_rows(edit_format))
        done = lintseq(given, *words)
        assert (done.returncode, len(done.stderr.splitlines())) == (3, 2)
        assert done.stderr.endswith(
            f" hunks are not unified, and look {edit_format}: read them with "
            f"--edit-format {edit_format} (or unified, if they were asked for as such)\n"
        )
    given = samples(tmp_path / "samples.jsonl", mixed_rows(1))
    done = lintseq(given, *words, "--edit-format", "placed")
    assert done.returncode == 3
    assert "--edit-format placed is for samples in edits, and these are read as" in done.stderr
    assert not output.exists()


def test_edits_and_whole_answers_are_told_from_the_samples(tmp_path: Path) -> None:
    lines = PROBLEMS[0].reference.removeprefix(PROBLEMS[0].prompt).rstrip("\n").split("\n")
    edits = f"@@ -0,0 +1,{len(lines)} @@\n" + "".join(f"+{line}\n" for line in lines)
    given = samples(
        tmp_path / "edits.jsonl",
        [{"task_id": "HumanEval/0", "completion": f"{edits}<|diff|>\n<|diff|><|im_end|>"}],
    )
    done = lintseq(given, "-b", "humaneval", "-o", str(tmp_path / "e.jsonl"), "--allow-execution")
    assert "1 samples, 1 passed" in done.stdout
    assert "style diff: 1 of 1 samples look like edits" in done.stdout
    answer = {"task_id": "HumanEval/0", "solution": f"Sure:\n```python\n{PROBLEMS[0].reference}```"}
    given = samples(tmp_path / "whole.jsonl", [answer])
    done = lintseq(given, "-b", "humaneval", "-o", str(tmp_path / "w.jsonl"), "--allow-execution")
    assert "1 samples, 1 passed" in done.stdout


def test_samples_of_which_nearly_none_compiles_are_warned_about(tmp_path: Path) -> None:
    rows = [{"task_id": f"HumanEval/{n}", "completion": "I can not.\n"} for n in range(3)]
    given = samples(tmp_path / "samples.jsonl", rows)
    output = str(tmp_path / "out.jsonl")
    done = lintseq(given, "-b", "humaneval", "-o", output, "--allow-execution")
    assert done.returncode == 0
    assert "lintseq: warning: 3 of 3 programs do not compile" in done.stderr
    passk = [sys.executable, "-m", "lintseq_core", "passk", output, "--k", "1"]
    told = subprocess.run(passk, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "note: 3 of 3 programs do not compile" in told


def test_samples_of_which_nearly_none_holds_a_program_are_warned_about(tmp_path: Path) -> None:
    rows = [
        {"task_id": f"HumanEval/{n}", "completion": "```java\nint x = 1;\n```\n"} for n in range(3)
    ]
    given = samples(tmp_path / "samples.jsonl", rows)
    output = tmp_path / "out.jsonl"
    done = lintseq(given, "-b", "humaneval", "-o", str(output), "--allow-execution")
    assert done.returncode == 0
    assert "lintseq: warning: 3 of 3 samples hold no program that compiles: if the" in done.stderr
    assert all(row["answer"] == "no code fence is labelled Python" for row in read(output))
