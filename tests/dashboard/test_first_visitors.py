"""Many people open a server that has just started, as a class does: no page meets half a module."""

from __future__ import annotations

import asyncio
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.dashboard.conftest import ROOT
from tests.serving import free_port, serve_command, wait_until_healthy
from tests.soak.visitors import run_page, session

pytestmark = pytest.mark.feature("Reliability")

SLOW_PANDAS = """
import sys, time
from importlib.abc import MetaPathFinder

class SlowPandas(MetaPathFinder):
    '''Half of pandas is there for a while, as on a slow disk.'''
    def find_spec(self, name, path=None, target=None):
        if name == "pandas.core.api":
            time.sleep(3)

sys.meta_path.insert(0, SlowPandas())
"""
PAGES = (
    ("data", ""), ("data", ""), ("pass_at_k", ""), ("diversity", ""), ("generations", "see=Prefix+tree"),
    ("trajectories", "lab=Many+sequences&program=coin_change"), ("lessons", ""), ("", ""),
)  # fmt: skip


def test_pages_that_are_opened_while_pandas_loads_show_no_exception(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLOW_PANDAS)
    port = free_port()
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    process = subprocess.Popen(
        serve_command(port), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    try:
        wait_until_healthy(process, f"http://localhost:{port}/_stcore/health")
        with ThreadPoolExecutor(1) as pool:  # Playwright's event loop may run in the tests' thread
            wrong = pool.submit(asyncio.run, _open_all(port)).result()
    finally:
        process.terminate()
        process.wait(timeout=20)
    assert wrong == []


async def _open_all(port: int) -> list[str]:
    async def one(page: str, query: str) -> list[str]:
        async with session(f"http://localhost:{port}") as line:
            return [f"{page}: {shown}" for shown in await run_page(line, page, query)]

    found = await asyncio.gather(*(one(page, query) for page, query in PAGES))
    return [shown for shows in found for shown in shows]
