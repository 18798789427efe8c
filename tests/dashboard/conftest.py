"""The dashboard served to a real Chromium, once per test process."""

from __future__ import annotations

import functools
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from streamlit.components.v2 import manifest_scanner

from dashboard.files import loaders
from lintseq_core.cli.dashboard import FILES_VARIABLE
from tests.serving import free_port, serve_command, wait_until_healthy

ROOT = Path(__file__).resolve().parents[2]
TRACES = ROOT / "tests" / "data" / "traces"
"""What a test model wrote: its README.md says more."""
WRITER = ROOT / "assets" / "pocket" / "pocket-lintseq"
SOLVED = "Pocket/1"
"""At temperature 0 it writes a program for this task that passes, edit by edit."""
GIVEN_TRACES = json.dumps([str(path) for path in sorted(TRACES.glob("*.*.jsonl"))])


@pytest.fixture
def traces(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """The dashboard was started on the traces of the test model, whose tasks have known tests."""
    programs = ROOT / "assets" / "programs"
    from tests.dashboard.apps import forget_files

    known = tmp_path_factory.mktemp("known")
    tests, outcomes = known / "tests.jsonl", known / "outcomes.jsonl"
    theirs = (TRACES / "problems.jsonl").read_text()
    tests.write_text(theirs + (programs / "tests.jsonl").read_text())
    _, *rows = (programs / "outcomes.jsonl").read_text().splitlines(keepends=True)
    outcomes.write_text((TRACES / "results.jsonl").read_text() + "".join(rows))
    monkeypatch.setenv(FILES_VARIABLE, GIVEN_TRACES)
    monkeypatch.setattr(loaders, "TESTS", str(tests))
    monkeypatch.setattr(loaders, "OUTCOMES", str(outcomes))
    forget_files()
    yield TRACES
    forget_files()


@pytest.fixture(scope="session", autouse=True)
def _packages_are_read_once() -> Iterator[None]:
    """A server reads the metadata of all installed packages once; an AppTest each time: half of its time."""
    scan = functools.cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A window whose cache keeps Streamlit's scripts from one test to the next, and nothing else."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def page(window: BrowserContext) -> Iterator[Page]:
    """A page that must not log an error of its own script; it remembers nothing of other tests."""
    opened = window.new_page()
    opened.set_default_timeout(20_000)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    for other in window.pages:
        if other != opened:
            other.close()
    opened.goto("about:blank")  # what is there can write nothing more
    session = window.new_cdp_session(opened)
    session.send("Storage.clearDataForOrigin", {"origin": "*", "storageTypes": "all"})
    opened.close()
    window.clear_cookies()
    window.clear_permissions()
    assert errors == []


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page without a network that must log and ask for nothing."""
    context = browser.new_context(offline=True, reduced_motion="reduce")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda sent: wrong.append(sent.url) if not sent.url.startswith("file:") else None)  # fmt: skip
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    yield page
    context.close()
    assert wrong == []


@contextmanager
def served(**environment: str) -> Iterator[str]:
    """The address of the dashboard, served as `make dashboard` serves it, with `environment`."""
    port = free_port()
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    process = subprocess.Popen(
        serve_command(port),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONPATH": path, **environment},
    )
    try:
        wait_until_healthy(process, f"http://localhost:{port}/_stcore/health")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The address of the dashboard, served as `make dashboard` serves it."""
    with served() as url:
        yield url


@pytest.fixture(scope="session")
def traces_url() -> Iterator[str]:
    """The address of the dashboard, started on the traces of the test model."""
    with served(**{FILES_VARIABLE: GIVEN_TRACES}) as url:
        yield url
