"""`lintseq generate --backend server` as a user meets it: options, notes, going on after a failure."""

from __future__ import annotations

from pathlib import Path

import pytest

from lintseq_core.generation.server_client import KEY_VARIABLE, LiveAnswers
from lintseq_core.generation.trace_reading import read_trace
from tests.integration.test_generate import Lintseq, lintseq, problems
from tests.model_server import Answer, Body, as_json, serve, written
from tests.serving import free_port
from tests.unit.generation.test_stepwise import GOOD, PROGRAM

__all__ = ["lintseq"]  # the fixture
COLD = ("--backend", "server", "--model", "m", "--temperature", "0")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LiveAnswers, "wait", lambda self, seconds: None)
    monkeypatch.delenv(KEY_VARIABLE, raising=False)


def test_edits_are_shown_as_they_come_with_what_the_server_leaves_out(lintseq: Lintseq) -> None:
    with serve(lambda path, body: written(GOOD)) as server:
        code, said, notes = lintseq("Double.", *COLD, "--base-url", server.url, "--stepwise")
    assert code == 0
    assert "Step 2" in said
    assert "log-probability" not in said
    note = "lintseq: note: the server gives no log-probabilities: traces have none\n"
    assert notes.endswith(note)  # on a slow machine progress is shown


def test_a_server_is_looked_over_before_anything_is_asked_of_it(lintseq: Lintseq) -> None:
    warm = ("--backend", "server", "--model", "m")
    with serve(lambda path, body: written("x = 1\n")) as server:
        code, _, notes = lintseq("Do.", *warm, "--base-url", server.url)
    assert code == 0
    assert "note: the server ignores temperature or seed: two seeds give one text" in notes


def test_a_benchmark_goes_on_where_the_server_failed(lintseq: Lintseq, tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    n_left = 3

    def answer(path: str, body: Body) -> Answer:
        nonlocal n_left
        n_left -= 1
        if n_left < 0:
            return as_json({"error": {"message": "out of credit"}}, 402)
        return written(f"x = {n_left}\n")

    with serve(answer) as server:
        asked = (
            *COLD, "--base-url", server.url, "--parallel", "1", "--batch-size", "1", "-n", "2",
            "-b", "humaneval", "--data", str(problems(tmp_path)), "-o", str(folder),
        )  # fmt: skip
        code, _, error = lintseq(*asked)
        assert code == 3
        assert "humaneval Mini/1: " in error
        assert "it answers 402 (out of credit)" in error
        assert not (folder / "samples.jsonl").exists()
        assert len(server.asked) == 4
        paid = (folder / "Mini_1.jsonl").read_bytes()
        n_left = 3
        code, said, _ = lintseq(*asked)
        assert (code, said.count("2 samples")) == (0, 3)
        assert len(server.asked) == 4 + 3  # those that were missing
        assert (folder / "Mini_1.jsonl").read_bytes().startswith(paid)
        assert len((folder / "samples.jsonl").read_text().splitlines()) == 6
        assert lintseq(*asked)[0] == 0
        assert len(server.asked) == 7


def test_a_trace_that_broke_off_is_gone_on_with(lintseq: Lintseq, tmp_path: Path) -> None:
    file = tmp_path / "trace.jsonl"
    with serve(lambda path, body: written(GOOD)) as server:
        asked = ("Double.", *COLD, "--base-url", server.url, "--stepwise", "-o", str(file))
        assert lintseq(*asked, "-n", "3", "--batch-size", "1", "--parallel", "1")[0] == 0
        whole = file.read_bytes()
        rows = whole.splitlines(keepends=True)
        file.write_bytes(b"".join(rows[:5]) + b'{"kind": "st')  # within the second sample
        again = (*asked, "-n", "3", "--batch-size", "1", "--parallel", "1")
        code, said, notes = lintseq(*again)
        assert code == 0
        assert f"{file} has 1 of 3 samples: going on" in notes
        assert said.count("Sample ") == 3
        assert len(server.asked) == 3 + 2
        trace = read_trace(file)
        assert [s.end.program for s in trace.samples if s.end] == [PROGRAM] * 3
        code, _, error = lintseq(*again)
        assert (code, "exists; choose another name" in error) == (3, True)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("--backend", "server", "--model", "m"), "--backend server needs it"),
        (("--backend", "server", "--base-url", "URL"), "the server's name for it is needed"),
        (("--base-url", "URL", "--model", "tiny"), "it needs --backend server"),
        (("--parallel", "2", "--model", "tiny"), "it needs --backend server"),
        ((*COLD, "--base-url", "URL", "--guard", "lint", "--stepwise"), "a server draws by itself"),
        ((*COLD, "--base-url", "URL", "--dtype", "float32"), "has loaded the model its own way"),
        ((*COLD, "--base-url", "URL", "--device", "cpu"), "has loaded the model its own way"),
        (
            (*COLD, "--base-url", "URL", "--endpoint", "chat", "--stepwise"),
            "edits are always asked for as completions",
        ),
        (("--gpus", "2", "--model", "tiny"), "it needs --backend vllm"),
        (("--memory-share", "0.5", *COLD, "--base-url", "URL"), "it needs --backend vllm"),
    ],
)
def test_options_that_say_nothing_are_refused(
    lintseq: Lintseq, given: tuple[str, ...], message: str
) -> None:
    code, said, notes = lintseq("Do.", *given)
    assert (code, said) == (2, "")
    assert message in " ".join(notes.replace("│", " ").split())


def test_a_server_that_is_not_there_is_one_line(lintseq: Lintseq) -> None:
    url = f"http://localhost:{free_port()}/v1"
    code, said, error = lintseq("Do.", *COLD, "--base-url", url)
    assert (code, said, error.count("\n")) == (3, "", 1)
    assert error.startswith(f"lintseq: error: nothing answers at {url}")


def test_the_dashboard_is_told_a_server_by_both_options_or_none(lintseq: Lintseq) -> None:
    for given in (("--base-url", "http://localhost:8000/v1"), ("--model", "m")):
        code, _, error = lintseq(*given, command="dashboard")
        assert (code, "go together" in error) == (2, True)
    code, _, error = lintseq(
        "--base-url", "http://u:p@localhost/v1", "--model", "m", command="dashboard"
    )
    assert (code, "keys belong in LINTSEQ_SERVER_KEY" in error) == (3, True)
