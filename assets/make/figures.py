"""Take the pictures of the explorer that README and docs show: `python assets/make/figures.py`.

It serves this checkout's explorer and drives Chromium. Names after the command take those pictures
alone. xray.png and those of JupyterLab (notebook_*.png) are taken by hand.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.chromium import FLAGS, find_chromium  # noqa: E402
from tests.serving import free_port, serve_command, wait_until_healthy  # noqa: E402

FIGURES = ROOT / "assets" / "figures"
SETTLE_MS = 4_000
"""After a page says that it is done: charts and players draw once more."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One picture: a page, its size in pixels, and what is done there first."""

    name: str
    address: str
    width: int = 1280
    height: int = 1100
    prepare: Callable[[Page], object] | None = None


def point_at_line(page: Page) -> None:
    """Point at the line that most others need, so that its closure shows."""
    page.locator(".lsp-rows .lsp-row:has([data-line='2'])").hover()


PICTURES = (
    Figure(
        "what_if",
        "trajectories?program=matrix_sum&seed=0&step=7&whatif=on",
        height=860,
        prepare=point_at_line,
    ),
    Figure(
        "many_sequences",
        "trajectories?program=inventory_report&lab=Many+sequences&n=200",
        height=900,
    ),
    Figure("linter_race", "trajectories?program=inventory_report&lab=Compare+linters", height=1100),
    Figure(
        "generations_sample",
        "generations?task=longest_word&model=tiny-long&sample=10&step=5",
        width=1200,
        height=900,
    ),
    Figure(
        "generations_tree",
        "generations?see=Prefix+tree&task=longest_word&model=tiny-long",
        width=1200,
        height=960,
    ),
    Figure("pass_at_k", "pass_at_k?beyond=500", height=1250),
    Figure(
        "diversity",
        "diversity?div_view=One+problem&div_task=running_max&alike=Tree&same=Behaviour",
        width=1000,
        height=1451,
    ),
    Figure(
        "data",
        "data?data=examples_lintseq.jsonl+(ships)&where=2.loop&find=def+%5Cw%2B",
        height=1000,
    ),
)


@contextmanager
def served() -> Iterator[str]:
    """The address of this checkout's explorer while it is served."""
    port = free_port()
    process = subprocess.Popen(serve_command(port), cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_until_healthy(process, f"http://localhost:{port}/_stcore/health")
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait()


def take(page: Page, url: str, figure: Figure) -> None:
    """Write one picture."""
    page.set_viewport_size({"width": figure.width, "height": figure.height})
    page.goto(f"{url}/{figure.address}")
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-test-script-state=notRunning]", state="attached")
    page.wait_for_timeout(SETTLE_MS)
    if figure.prepare is not None:
        figure.prepare(page)
        page.wait_for_timeout(SETTLE_MS)
    page.screenshot(path=FIGURES / f"{figure.name}.png")


def main(names: list[str]) -> None:
    """Take the pictures called `names`, or all."""
    unknown = set(names) - {figure.name for figure in PICTURES}
    if unknown:
        sys.exit(f"no such picture: {', '.join(sorted(unknown))}")
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        page = browser.new_page(reduced_motion="reduce")
        for figure in PICTURES:
            if not names or figure.name in names:
                take(page, url, figure)
                print(FIGURES / f"{figure.name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
