"""Notebooks in a real JupyterLab: opened, run, stepped with keys, the step read back in Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.serving import free_port

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks"
READY_S, RUN_MS = 90, 180_000
SHOWN = os.environ.get("LINTSEQ_LAB_PICTURES")  # a folder to put screenshots into

pytestmark = [pytest.mark.browser, pytest.mark.feature("Notebooks in JupyterLab")]


@pytest.fixture(scope="module")
def lab_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab on copies of the notebooks: it saves what it opens."""
    folder = tmp_path_factory.mktemp("notebooks")
    for name in ("00_quickstart", "01_algorithm"):
        for suffix in (".ipynb", ".py"):
            shutil.copy(FOLDER / f"{name}{suffix}", folder)
    port = free_port()
    home = tmp_path_factory.mktemp("home")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.token=", "--ServerApp.password=", "--ServerApp.port_retries=0"]
    command += [f"--ServerApp.root_dir={folder}"]
    asks = home / "settings" / "@jupyterlab" / "apputils-extension"
    asks.mkdir(parents=True)
    (asks / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    log = (home / "lab.log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
    try:
        url = f"http://localhost:{port}"
        deadline = time.monotonic() + READY_S
        while True:
            try:
                urllib.request.urlopen(f"{url}/api", timeout=2).close()
                break
            except OSError:
                said = (home / "lab.log").read_text(errors="replace")[-2000:]
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"JupyterLab did not start:\n{said}")
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    context.close()


def open_and_run(page: Page, lab_url: str, name: str) -> None:
    page.goto(f"{lab_url}/lab/tree/{name}.ipynb?reset")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Python 3").wait_for()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def ask(page: Page, code: str) -> str:
    """What a new last cell prints."""
    page.locator(".jp-Notebook .jp-Cell").last.locator(
        ".jp-InputPrompt, .jp-MarkdownOutput"
    ).first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    printed = page.locator(".jp-Notebook .jp-CodeCell .jp-OutputArea-output pre").last
    expect(printed).to_contain_text("answer:", timeout=RUN_MS)
    return (printed.text_content() or "").strip()


def test_the_quickstart_runs_and_the_step_of_the_keys_is_read_in_python(
    page: Page, lab_url: str
) -> None:
    open_and_run(page, lab_url, "00_quickstart")
    player = page.locator(".jp-OutputArea .lsp")
    player.wait_for(timeout=RUN_MS)
    # The cell after the player sets its step.
    page.locator("pre", has_text="sequence 1, after edit 3 of 7").first.wait_for(timeout=RUN_MS)
    player.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    if SHOWN:
        page.screenshot(path=str(Path(SHOWN) / "notebook_quickstart.png"))
    assert ask(page, 'print("answer:", player.step, player.index)') == "answer: 5 0"


def test_the_controls_of_the_lab_choose_and_the_player_steps(page: Page, lab_url: str) -> None:
    open_and_run(page, lab_url, "01_algorithm")
    player = page.locator(".jp-OutputArea .lsp").first
    player.wait_for(timeout=RUN_MS)
    page.get_by_label("Program").first.select_option("prime_search")
    expect(player).to_contain_text("prime_search", timeout=RUN_MS)
    player.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    if SHOWN:
        player.scroll_into_view_if_needed()
        page.screenshot(path=str(Path(SHOWN) / "notebook_lab.png"))
    answer = ask(page, 'print("answer:", lab.player.step, lab.program.value, lab.sequence.seed)')
    assert answer == "answer: 3 prime_search 0"
