"""`lintseq generate` as a user meets it, on a random model: streams, files, one-line errors."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lintseq_core.cli import main
from lintseq_core.generation.trace_reading import parse_trace, read_trace

ROOT = Path(__file__).resolve().parents[2]
TINY = ("--model", "tiny", "--device", "cpu", "--max-tokens", "60")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


class Lintseq:
    """The command in this process: loading torch anew for each call would take most of the time."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capture = patch, capture

    def __call__(
        self, *arguments: str, stdin: str = "", command: str = "generate"
    ) -> tuple[int, str, str]:
        self._patch.setattr(sys, "argv", ["lintseq", command, *arguments])
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
        with pytest.raises(SystemExit) as ended:
            main()
        said = self._capture.readouterr()
        return int(ended.value.code or 0), said.out, said.err


@pytest.fixture
def lintseq(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lintseq:
    return Lintseq(monkeypatch, capsys)


@pytest.mark.parametrize("mode", [["--stepwise", "--guard", "lint"], ["--stepwise"], []])
def test_json_is_the_trace_that_a_file_gets_but_for_times(
    lintseq: Lintseq, tmp_path: Path, mode: list[str]
) -> None:
    file = tmp_path / "trace.jsonl"
    options = (*TINY, *mode, "-n", "3", "--seed", "7", "-f", "json", "-o", str(file))
    code, said, _ = lintseq("Sum a list.", *options)
    assert (code, said) == (0, file.read_text(encoding="utf-8"))
    trace = read_trace(file)
    assert len(trace.samples) == trace.header.request.n_samples == 3
    assert all(sample.end is not None for sample in trace.samples)
    _, again, _ = lintseq("Sum a list.", *TINY, *mode, "-n", "2", "--seed", "7", "-f", "json")
    shorter = parse_trace(again.encode().splitlines(keepends=True), "again")
    ends = [sample.end for sample in trace.samples]
    for sample in shorter.samples:
        same = ends[sample.sample_index]
        assert sample.end is not None
        assert same is not None
        assert (sample.end.text, sample.end.stop_reason) == (same.text, same.stop_reason)


def test_an_instruction_comes_from_standard_input(lintseq: Lintseq) -> None:
    code, said, _ = lintseq("-", *TINY, "-f", "json", stdin="Sum a list.\r\nQuickly.\n")
    assert code == 0
    assert json.loads(said.splitlines()[0])["request"]["instruction"] == "Sum a list.\nQuickly."


def test_the_terminal_shows_steps_with_faults_and_the_program(lintseq: Lintseq) -> None:
    code, said, notes = lintseq("Sum.", *TINY, "--stepwise", "-n", "2")
    assert code == 0
    assert "Sample 1 of 2" in said
    assert "Step 1  " in said
    assert "tokens, log-probability -" in said
    assert "! fault: line 1 (edit 1, hunk 1): " in said
    assert "Program  " in said
    assert "\x1b" not in said
    assert "lintseq: " not in notes  # on a slow machine progress is shown


def test_a_whole_program_is_shown_with_line_numbers(lintseq: Lintseq) -> None:
    code, said, _ = lintseq("Sum.", *TINY)
    assert code == 0
    assert said.startswith("Program  ")
    assert "\n     1   " in said


def test_a_trace_is_not_overwritten_unasked(lintseq: Lintseq, tmp_path: Path) -> None:
    file = tmp_path / "trace.jsonl"
    file.write_text("precious")
    code, _, said = lintseq("Sum.", *TINY, "-o", str(file))
    assert (code, file.read_text()) == (3, "precious")
    assert said.endswith("exists; choose another name, or replace it with --force\n")
    assert lintseq("Sum.", *TINY, "-o", str(file), "--force")[0] == 0
    assert read_trace(file).samples


@pytest.mark.parametrize(
    "given, message",
    [
        (("--retries", "2", "--stepwise"), "nothing is drawn again without --guard lint"),
        (
            ("--retries", "2", "--guard", "format", "--stepwise"),
            "nothing is drawn again without --guard lint",
        ),
        (("--guard", "format"), "it checks edits, so it needs --stepwise"),
        (("--edit-format", "placed"), "whole programs have no edits, so it needs --stepwise"),
        (("--linter", "pylint"), "it checks edits, so it needs --stepwise"),
        (("--guard", "lint"), "it checks edits, so it needs --stepwise"),
        (("--backend", "vllm", "--batch-size", "2"), "vllm makes its own batches"),
        (
            ("--backend", "vllm", "--device", "cuda:1"),
            "vllm takes the GPUs that CUDA_VISIBLE_DEVICES names",
        ),
        (("--force",), "it replaces traces, so it needs --output"),
        (("--revision", "main"), "revision 'main': tiny is on this machine and has only one"),
        (("--device", "mps"), "device 'mps': models do not run on mps here"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(
    lintseq: Lintseq, given: tuple[str, ...], message: str
) -> None:
    code, said, notes = lintseq("Sum.", "--model", "tiny", *given)
    assert (code != 0, said) == (True, "")
    assert message in " ".join(notes.replace("│", " ").split())


def problems(folder: Path) -> Path:
    path = folder / "HumanEval.jsonl"
    rows = [
        {
            "task_id": f"Mini/{number}",
            "prompt": f"def f{number}(x):\n    ...\n",
            "entry_point": f"f{number}",
            "canonical_solution": "    return x\n",
            "test": "def check(f):\n    assert f(1) == 1\n",
        }
        for number in range(3)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_benchmark_gives_traces_and_samples_and_keeps_what_is_whole(
    lintseq: Lintseq, tmp_path: Path
) -> None:
    folder = tmp_path / "traces"
    asked = (*TINY, "--stepwise", "-n", "2", "-b", "humaneval", "--data", str(problems(tmp_path)))
    code, said, _ = lintseq(*asked, "-o", str(folder))
    assert code == 0
    names = [f"Mini_{number}.jsonl" for number in range(3)]
    assert sorted(path.name for path in folder.iterdir()) == [*names, "samples.jsonl"]
    samples = (folder / "samples.jsonl").read_text().splitlines()
    trace = read_trace(folder / names[1])
    assert trace.header.problem == "humaneval Mini/1"
    assert trace.header.request.instruction == "def f1(x):\n    ...\n"
    for index, sample in enumerate(trace.samples):
        assert sample.end is not None
        assert json.loads(samples[2 + index]) == {
            "task_id": "Mini/1",
            "sample_id": index,
            "solution": f"def f1(x):\n    ...\n{sample.end.program}",
        }
    # A run that was killed: one trace cut short, one not begun.
    kept = (folder / names[0]).read_bytes()
    (folder / names[1]).write_bytes(b"".join((folder / names[1]).read_bytes().splitlines(True)[:2]))
    (folder / names[2]).unlink()
    assert lintseq(*asked, "-o", str(folder))[:2] == (0, said)
    assert (folder / names[0]).read_bytes() == kept
    assert (folder / "samples.jsonl").read_text().splitlines() == samples
    code, said, error = lintseq(*asked, "-o", str(folder), "--seed", "1")
    assert (code, said) == (3, "")
    assert error.endswith(
        "Mini_0.jsonl is of another request or version; use the same, another folder, or --force\n"
    )
    assert lintseq(*asked, "-o", str(folder), "--seed", "1", "--force", "--task", "Mini/2")[0] == 0
    assert read_trace(folder / names[2]).header.request.seed == 1


def test_tasks_are_spread_evenly_over_the_benchmark(lintseq: Lintseq, tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    asked = (*TINY, "-b", "humaneval", "--data", str(problems(tmp_path)), "-o", str(folder))
    assert lintseq(*asked, "--tasks", "2")[0] == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "Mini_0.jsonl",
        "Mini_1.jsonl",
        "samples.jsonl",
    ]
    code, _, error = lintseq(*asked, "--tasks", "4")
    assert (code, error) == (
        3,
        "lintseq: error: 4 tasks: humaneval has 3 here; ask for 1 to 3\n",
    )


def test_the_guard_is_compared_with_plain_sampling(lintseq: Lintseq, tmp_path: Path) -> None:
    plain, guarded = tmp_path / "plain.jsonl", tmp_path / "guarded.jsonl"
    assert lintseq("Sum.", *TINY, "--stepwise", "-n", "2", "-o", str(plain))[0] == 0
    given = ("--guard", "lint", "--retries", "2", "-o", str(guarded))
    assert lintseq("Sum.", *TINY, "--stepwise", "-n", "2", *given)[0] == 0
    code, said, _ = lintseq(str(tmp_path), command="guard")
    assert code == 0
    assert said == (
        "1 prompt(s), at most 120 tokens a side, an edit drawn again up to 2 times\n"
        "                                     plain     guarded\n"
        "tokens                                 120         120\n"
        "of them rejected                         0           0\n"
        "samples                                  2           2\n"
        "sound samples                            0           0\n"
        "different sound programs                 0           0\n"
        "prompts with a sound one                 0           0\n"
    )
    report = json.loads(lintseq(str(tmp_path), "--json", command="guard")[1])
    assert (report["budget"], report["plain"]["n_sound"]) == (120, 0)
    code, _, error = lintseq(str(plain), command="guard")
    assert (code, error) == (
        3,
        "lintseq: error: 'Sum.': 1 plain and 0 guarded traces; give one of each\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((*TINY,), 2, "give an INSTRUCTION, or --benchmark"),
        (("Sum.", "--task", "HumanEval/0", *TINY), 2, "need --benchmark"),
        (("Sum.", "--tasks", "2", *TINY), 2, "need --benchmark"),
        (
            ("-b", "pocket", "--task", "Pocket/1", "--tasks", "2", "-o", "x", *TINY),
            2,
            "--task names problems, --tasks counts them: give one of the two",
        ),
        (("-b", "humaneval", *TINY), 2, "give a folder, -o FOLDER"),
        (
            ("-b", "nothing", "-o", "x", *TINY),
            3,
            "unknown benchmark 'nothing': one of basics, humaneval",
        ),
        (("Sum.", "--guard", "lint", *TINY), 2, "it checks edits, so it needs --stepwise"),
        (("Sum.", "--stop", "x", "--stepwise", *TINY), 2, "edits end by themselves"),
        (("Sum.", "--top-p", "2", *TINY), 3, "top_p is 2.0; expected above 0 and at most 1"),
        (("", *TINY), 3, "the instruction is empty; say what to write"),
        (("x" * 2_000, *TINY), 3, "the prompt has 2,001 tokens, and the context of tiny is 1,024"),
        (("Sum.", "-o", "/nowhere/t.jsonl", *TINY), 3, "No such file or directory; check the path"),
        (("Sum.", "--backend", "vllm", "--model", "tiny"), 3, "pip install 'lintseq-core[vllm]'"),
        (("Sum.", "--model", "./nothing-here"), 3, "give a folder, a Hub name or 'tiny'"),
    ],
)
def test_bad_input_is_one_line_that_says_what_to_do(
    lintseq: Lintseq, arguments: tuple[str, ...], code: int, message: str
) -> None:
    found, said, error = lintseq(*arguments)
    assert (found, said) == (code, "")
    assert error.startswith("lintseq: error: ")
    assert error.count("\n") == 1
    assert message in error


def run(*arguments: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "lintseq_core", "generate", *arguments],
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"} | environment,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_without_torch_the_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError(name='torch')\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    code, said, error = run("Sum.", "--model", "./somewhere", PYTHONPATH=path)
    assert (code, said) == (3, "")
    assert error == "lintseq: error: torch is not installed: pip install 'lintseq-core[train]'\n"
    code, said, error = run("Sum.", *TINY, PYTHONPATH=path)
    assert (code, said) == (3, "")
    assert error == "lintseq: error: torch is not installed: pip install 'lintseq-core[train]'\n"


def test_without_the_hub_one_line_names_what_works(tmp_path: Path) -> None:
    code, said, error = run(
        "Sum.", "--model", "nobody/nothing", HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path)
    )
    assert (code, said) == (3, "")
    assert error.count("\n") == 1
    assert "'tiny'" in error
    assert "lintseq models fetch smollm2-135m" in error


def test_a_pipe_gets_steps_and_nothing_else() -> None:
    code, said, error = run("Sum.", *TINY, "--stepwise", "-f", "json")
    assert code == 0
    assert [json.loads(line)["kind"] for line in said.splitlines()] == ["trace", "step", "end"]
    # On a slow machine progress is shown, and torch may have something to say; we have not.
    assert "lintseq: " not in error
