"""Two real Chromium windows: keys in the player, good and hostile uploads, lessons."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as NotSeen

from tests.chromium import FLAGS, find_chromium

FORMATS = Path(__file__).resolve().parents[1] / "data" / "formats"
GOOD = ("human_eval_results.jsonl", "evalplus.jsonl", "lintseq.jsonl", "inspect.json")
HOSTILE = {
    "bomb.jsonl": b'{"task_id": "' + b"<img src=x onerror=window.P=1>" * 2_000 + b'"}\n',
    "pickle.jsonl": b"\x80\x04\x95 a pickle",
    "deep.json": b"[" * 100_000,
    "zip.eval": b"PK\x03\x04" + b"\0" * 4_000,
    "parquet.parquet": b"PAR1" + b"\xff" * 4_000,
    "lines.jsonl": b"\n" * 200_000,
    "numbers.jsonl": json.dumps({"task_id": "T/0", "sample_id": 10**400, "passed": True}).encode(),
}
PATIENCE_MS = 120_000


@dataclass(slots=True)
class Window:
    """What one window did."""

    keys: int = 0
    uploads: int = 0
    faults: list[str] = field(default_factory=list)


def drive(url: str, window: Window, *, seed: int, until: float) -> None:
    """One window until the clock (time.monotonic) says `until`."""
    rng = random.Random(seed)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        while time.monotonic() < until:
            context = browser.new_context(reduced_motion="reduce")
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.on("pageerror", lambda error: window.faults.append(f"script: {error}"[:200]))
            for _ in range(6):
                if time.monotonic() >= until:
                    break
                action = rng.choice((step_keys, upload_good, upload_hostile, look_at_lesson))
                try:
                    action(page, url, rng, window)
                    if page.get_by_test_id("stException").count():
                        window.faults.append(f"{page.url}: an exception is shown")
                    if page.evaluate("window.P") is not None:
                        window.faults.append(f"{page.url}: text of a file was run")
                except NotSeen as error:
                    told = str(error).partition("\n")[0]
                    shown = page.get_by_test_id("stException")
                    seen = shown.first.inner_text() if shown.count() else page.url
                    window.faults.append(f"{action.__name__}: {told} {seen}"[:300])
            context.close()
        browser.close()


def step_keys(page: Page, url: str, rng: random.Random, window: Window) -> None:
    """Plays a program with the keys, as far as each is shown."""
    page.goto(f"{url}/trajectories?program=matrix_sum&seed={rng.randrange(100)}")
    player = page.locator(".lsp")
    player.wait_for()
    player.focus()
    for key in ["ArrowRight"] * 12 + ["Home", "End", "ArrowLeft"]:
        player.press(key)
        window.keys += 1


def upload_good(page: Page, url: str, rng: random.Random, window: Window) -> None:
    """Uploads a file of a tool and imports it."""
    path = FORMATS / rng.choice(GOOD)
    _upload(page, url, path.name, path.read_bytes())
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("imported").first.wait_for()
    window.uploads += 1


def upload_hostile(page: Page, url: str, rng: random.Random, window: Window) -> None:
    """Uploads what is no samples file: an error in words, or rows that are left out."""
    name = rng.choice(list(HOSTILE))
    _upload(page, url, name, HOSTILE[name])
    page.get_by_test_id("stAlert").or_(page.get_by_test_id("stDataFrame")).first.wait_for()
    window.uploads += 1


def look_at_lesson(page: Page, url: str, rng: random.Random, window: Window) -> None:
    """Opens a lesson at a step."""
    page.goto(f"{url}/lessons?lesson=the_closure&at={rng.randrange(1, 8)}")
    page.locator(".lsl").wait_for()


def _upload(page: Page, url: str, name: str, content: bytes) -> None:
    page.goto(f"{url}/data?data_view=Import&data_way=Upload")
    field = page.locator("input[type=file]")
    field.first.wait_for(state="attached")
    field.first.set_input_files({"name": name, "mimeType": "application/json", "buffer": content})
