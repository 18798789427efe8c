"""What `make soak` is made of, for seconds: it meets what it looks for."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.dashboard.conftest import ROOT
from tests.serving import free_port, wait_until_healthy
from tests.soak import visitors
from tests.soak.__main__ import Soak
from tests.soak.kills import Job, data_rows, repeat
from tests.soak.memory import MARK, Memory, left_over
from tests.soak.windows import Window

pytestmark = pytest.mark.feature("Reliability")

WRITER = """
import sys, time, pathlib
path = pathlib.Path(sys.argv[1])
n = len(path.read_text()) if path.exists() else 0
while n < 30:
    with path.open("a") as file:
        file.write({sign})
    n += 1
    time.sleep(0.02)
"""


def visit(url: str, met: visitors.Visits, *, seed: int, seconds: float) -> None:
    """A visitor in a thread: in the tests' own, Playwright's event loop is running."""
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, visitors.visit(url, met, seed=seed, until=until)).result()


def test_a_visitor_reads_every_page_it_asks_for(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "THINK_S", 0.05)
    met = visitors.Visits()

    visit(server_url, met, seed=3, seconds=4)

    assert met.sessions >= 1 and len(met.seconds) >= 2
    assert met.faults == []


def test_a_visitor_sees_an_exception_on_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "THINK_S", 0.1)
    script = tmp_path / "app.py"
    script.write_text("raise ValueError('what went wrong')\n")
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    process = subprocess.Popen([*command, "--server.headless", "true"], stdout=subprocess.PIPE)
    try:
        wait_until_healthy(process, f"http://localhost:{port}/_stcore/health")
        met = visitors.Visits()
        visit(f"http://localhost:{port}", met, seed=0, seconds=0.1)
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert any("ValueError" in fault for fault in met.faults)


@pytest.mark.parametrize(("sign", "wrong"), [("'x'", False), ("str(n % 10 or time.time())", True)])
def test_a_killed_command_is_repeated_and_its_rows_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: str, wrong: bool
) -> None:
    monkeypatch.setattr("tests.soak.kills.SHORTEST_S", 0.1)
    monkeypatch.setattr("tests.soak.kills.MEAN_S", 0.2)
    job = Job("writer")

    def command(path: Path) -> list[str]:
        return [sys.executable, "-S", "-c", WRITER.replace("{sign}", sign), str(path)]

    until = time.monotonic() + 4
    repeat(job, command, data_rows, tmp_path / "out", os.environ, seed=1, until=until)

    assert job.kills >= 1 and job.rounds >= 1
    assert bool(job.faults) is wrong


def test_the_views_that_visitors_ask_for_are_those_of_the_pages() -> None:
    for page, views in visitors.VIEWS.items():
        text = (ROOT / "dashboard" / "app_pages" / f"{page}.py").read_text("utf-8")
        unknown = [view for view in views if f'"{view}"' not in text]
        assert unknown == (["none of them"] if page == "generations" else [])


def test_the_laboratories_that_visitors_ask_for_are_those_of_the_page() -> None:
    text = (ROOT / "dashboard" / "app_pages" / "trajectories.py").read_text("utf-8")
    *known, hostile = visitors.LABS
    assert all(f'"{lab}"' in text for lab in known) and hostile not in text


def test_what_was_never_tried_is_a_fault() -> None:
    soak = Soak(30, jobs=[Job("evaluate")], windows=[Window()], memory=Memory([1.0] * 8))
    assert soak.faults() == [
        "evaluate: no run came to its end", "no visitor saw a page", "a window did nothing",
    ]  # fmt: skip


def test_memory_is_flat_or_not() -> None:
    assert Memory([50.0] * 10 + [100.0] * 10 + [104.0] * 20).is_flat()
    grown = Memory([50.0] * 10 + [100.0] * 10 + [120.0] * 20)
    assert not grown.is_flat()
    assert grown.quarters() == (50.0, 100.0, 120.0, 120.0)


def test_a_process_that_lives_on_is_named() -> None:
    environment = {**os.environ, MARK: "of-this-test"}
    asleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = subprocess.Popen(asleep, env=environment, cwd=ROOT)
    try:
        (named,) = left_over("of-this-test", patience_s=0.2)
        assert "time.sleep(60)" in named
    finally:
        process.kill()
        process.wait()
    assert left_over("of-this-test", patience_s=5) == []
