"""`lintseq dashboard` serves the explorer on the files named, and says why it cannot."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from dashboard.files.given import MAX_FAULTS, read_given
from lintseq_core import Program, sample_path
from lintseq_core.cli.dashboard import MAX_UPLOAD_MB, find_dashboard, serve_command
from tests.dashboard.conftest import ROOT
from tests.serving import free_port, wait_until_healthy

pytestmark = pytest.mark.feature("lintseq dashboard")

COMMAND = [sys.executable, "-m", "lintseq_core", "dashboard"]


def test_it_serves_and_ends_when_told(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("a = 1\n", encoding="utf-8")
    port = free_port()
    process = subprocess.Popen(
        [*COMMAND, "mine.py", "--port", str(port)],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        wait_until_healthy(process, f"http://localhost:{port}/_stcore/health")
        with urllib.request.urlopen(f"http://localhost:{port}/trajectories") as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        assert process.wait(timeout=20) is not None
    with socket.socket() as probe:
        assert probe.connect_ex(("localhost", port)) != 0  # nothing is left behind


def test_it_listens_on_this_machine_alone_unless_told() -> None:
    command = serve_command(find_dashboard(), "localhost", 8501)

    assert find_dashboard() == ROOT / "dashboard" / "streamlit_app.py"
    assert command[command.index("--server.address") + 1] == "localhost"


def test_it_takes_uploads_as_large_as_the_pages_offer() -> None:
    command = serve_command(find_dashboard(), "localhost", 8501)

    assert int(command[command.index("--server.maxUploadSize") + 1]) == MAX_UPLOAD_MB


def test_what_cannot_be_served_is_one_line() -> None:
    with socket.create_server(("localhost", 0)) as taken:
        port = str(taken.getsockname()[1])
        for arguments, told in (
            (["nosuch.py"], "lintseq: error: nosuch.py: no such file or folder; check the path\n"),
            (
                ["--port", port],
                f"lintseq: error: port {port} of localhost cannot be used; choose another with --port\n",
            ),
        ):
            done = subprocess.run(
                [*COMMAND, *arguments], check=False, capture_output=True, text=True
            )
            assert (done.returncode, done.stderr) == (3, told)


def test_folders_are_read_and_links_out_of_them_are_not(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "outside.py").write_text("secret = 1\n", encoding="utf-8")
    (inside / "link.py").symlink_to(tmp_path / "outside.py")
    (inside / "a.py").write_text("a = 1\n", encoding="utf-8")
    (inside / "notes.txt").write_text("x", encoding="utf-8")
    sequence = sample_path(Program.from_text("a = 1\n"), seed=0)
    (inside / "rows.jsonl").write_text(sequence.to_json(), encoding="utf-8")

    given = read_given(json.dumps([str(inside)]))

    assert list(given.programs) == [str(inside / "a.py")]
    assert given.sequences == {str(inside / "rows.jsonl"): (sequence,)}
    assert given.faults == ()


@pytest.mark.parametrize("content", [b"\0", b"def f(:", b"\xff", b""], ids=repr)
def test_a_file_that_is_no_program_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.py").write_bytes(content)

    given = read_given(json.dumps([str(tmp_path / "bad.py")]))

    assert given.programs == {} and len(given.faults) == 1
    assert "bad.py" in given.faults[0]


def test_many_bad_rows_are_summed_up(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("{}\n" * 100, encoding="utf-8")

    faults = read_given(json.dumps([str(tmp_path)])).faults

    assert len(faults) == MAX_FAULTS + 1 and faults[-1] == "and 80 more"
