"""Take pictures of the explorer: `make screenshots`, or `python assets/make/figures.py`.

It serves this checkout's explorer and drives Chromium. It renews the figures that README and docs
show, and takes every page at three sizes in both themes into build/screenshots/, to be looked at.
Names after the command take those figures alone, `screens` the pages alone. The figures of
JupyterLab (notebook_*.png) are taken by `tests/notebooks/test_lab_browser.py`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.chromium import FLAGS, find_chromium  # noqa: E402
from tests.serving import free_port, serve_command, wait_until_healthy  # noqa: E402

FIGURES = ROOT / "assets" / "figures"
SCREENS = ROOT / "build" / "screenshots"
SIZES = ((1440, 900), (1024, 768), (390, 844))
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PLACES = {
    "overview": "",
    "lessons": "lessons",
    "lesson": "lessons?lesson=the_idea&at=2",
    "one_sequence": "trajectories",
    "many_sequences": "trajectories?lab=Many+sequences",
    "linter_race": "trajectories?lab=Linter+race",
    "predict": "trajectories?lab=Predict",
    "one_sample": "generations",
    "all_samples": "generations?see=All+samples",
    "prefix_tree": "generations?see=Prefix+tree",
    "two_models": "generations?see=Two+models",
    "write_now": "generations?from=Write+now",
    "pass_at_k": "pass_at_k",
    "difference": "pass_at_k?passk_view=Difference+of+two",
    "problems": "pass_at_k?passk_view=Problem+by+problem",
    "planner": "pass_at_k?passk_view=How+many+samples%3F",
    "estimator": "pass_at_k?passk_view=The+estimator",
    "diversity": "diversity",
    "diversity_problem": "diversity?div_view=One+problem",
    "data": "data",
    "statistics": "data?data_view=Statistics",
    "import": "data?data_view=Import",
    "docs": "docs",
    "not_here": "trajectory",
}
"""Pages, and views of pages, by the name of their picture."""
SETTLE_MS = 2_500
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
    Figure("xray", "trajectories?program=coin_change&step=4", height=620),
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
        "generations?task=Pocket/0&model=pocket-lintseq&sample=1",
        width=1200,
        height=900,
    ),
    Figure(
        "generations_tree",
        "generations?see=Prefix+tree&task=Pocket/0&model=pocket-lintseq",
        width=1200,
        height=960,
    ),
    Figure("pass_at_k", "pass_at_k?beyond=500", height=1250),
    Figure(
        "diversity",
        "diversity?div_view=One+problem&div_task=Pocket/0&alike=Tree&same=Behaviour",
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


def open_page(page: Page, url: str, address: str, size: tuple[int, int]) -> None:
    """Show what is at `address`, drawn to its end."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{url}/{address}")
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-test-script-state=notRunning]", state="attached")
    page.wait_for_timeout(SETTLE_MS)


def take(page: Page, url: str, figure: Figure) -> Path:
    """Write one figure."""
    open_page(page, url, figure.address, (figure.width, figure.height))
    if figure.prepare is not None:
        figure.prepare(page)
        page.wait_for_timeout(SETTLE_MS)
    path = FIGURES / f"{figure.name}.png"
    page.screenshot(path=path)
    return path


def take_screens(browser: Browser, url: str) -> Iterator[Path]:
    """Write a picture of each place at each size in each theme."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        page = browser.new_page(reduced_motion="reduce", color_scheme=theme)
        for size in SIZES:
            for name, address in PLACES.items():
                open_page(page, url, address, size)
                path = SCREENS / f"{name}_{size[0]}_{theme}.png"
                page.screenshot(path=path)
                yield path
        page.close()


def main(names: list[str]) -> None:
    """Take the figures called `names`, or all and the screens."""
    unknown = set(names) - {figure.name for figure in PICTURES} - {"screens"}
    if unknown:
        sys.exit(f"no such picture: {', '.join(sorted(unknown))}")
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        page = browser.new_page(reduced_motion="reduce")
        for figure in PICTURES:
            if not names or figure.name in names:
                print(take(page, url, figure))
        if not names or "screens" in names:
            for path in take_screens(browser, url):
                print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
