"""The page Data on a file of 200,000 samples: import, search, memory, and clicks in Chromium.

Needs Chromium and the development environment. Programs are cut from the examples that ship and
changed by chance, so that texts differ; the file is written anew for each run.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from explorer import PAINT, served
from playwright.sync_api import Browser, Page, sync_playwright
from tables import Table as Results

from lintseq_core.results.samples.cache import store_folder
from lintseq_core.results.samples.importing import import_file
from lintseq_core.results.samples.store import Store
from lintseq_core.results.samples.structure import build_structure
from tests.chromium import FLAGS, find_chromium

ROOT = Path(__file__).resolve().parents[1]
N_TASKS, N_SAMPLES = 1_000, 200
N_CLICKS = 12
PATTERNS = (r"^\s*while\b", r"total_\d+", "(a|aa)+$", "zzzz")
CLICK = """async (place) => {
  const find = (root) => [...root.querySelectorAll("*")].filter((one) => one.shadowRoot)
    .map((one) => one.shadowRoot.querySelector(`[data-place="${place}"]`)).find(Boolean);
  const rows = () => [...document.querySelectorAll("p strong")].map((one) => one.textContent)
    .find((text) => /rows?$/.test(text)) ?? "";
  const before = rows();
  const start = performance.now();
  find(document).click();
  while (rows() === before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""


def measure(folder: Path) -> Results:
    """All figures of the page, in one run."""
    path = find_chromium()
    if path is None:
        sys.exit("no Chromium: install one (Debian: apt install chromium) or set CHROMIUM")
    results = Results("The page Data, 200,000 samples", ["what", "figure"])
    os.environ["LINTSEQ_CACHE"] = str(folder / "cache")
    file = folder / "samples.jsonl"
    write_samples(file)
    size_mb = file.stat().st_size / 1e6
    results.add("file", f"{size_mb:,.0f} MB, {N_TASKS * N_SAMPLES:,} rows")
    store = _import(results, file, size_mb)
    _search(results, store)
    os.environ["LINTSEQ_DASHBOARD_FILES"] = json.dumps([str(file)])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        _pages(results, browser)
        browser.close()
    return results


def write_samples(file: Path) -> None:
    """Samples with verdicts, of two models at two temperatures, 1.25 KB each on average."""
    rng = random.Random(0)
    programs = [one.read_text() for one in sorted((ROOT / "assets" / "programs").glob("*.py"))]
    lines = [program.split("\n") for program in programs]
    with file.open("w", encoding="utf-8") as out:
        for task in range(N_TASKS):
            for sample in range(N_SAMPLES):
                body = "".join(
                    f"{line}  # {rng.randrange(10**6)}\n" if line.strip() else "\n"
                    for line in rng.choice(lines)[:22]
                )
                text = (
                    f"def solve_{rng.randrange(10**6)}(total_{sample}):\n    return 1\n\n\n{body}"
                )
                verdict = rng.choice(("passed", "wrong_answer", "exception"))
                row = {"task_id": f"T/{task}", "sample_id": sample, "verdict": verdict}
                row |= {"isolation": "L3", "integrity": "I2", "flags": []}
                row |= {"model": rng.choice("ab"), "temperature": rng.choice((0.2, 0.8))}
                out.write(json.dumps(row | {"completion": text}) + "\n")


def _import(results: Results, file: Path, size_mb: float) -> Store:
    """Import here, then the trees, which the page waits for in a process of its own."""
    walls, cpus = [], []
    for attempt in range(3):
        scratch = file.parent / f"table{attempt}"
        wall, cpu = time.perf_counter(), time.process_time()
        about = import_file(file, scratch)
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
        if about.n_rows != N_TASKS * N_SAMPLES or about.n_bad_rows:
            sys.exit("the import lost rows")
    best, cpu = min(walls), min(cpus)
    results.add("import: rows, columns, texts", f"{best:.1f} s, {size_mb / best:,.0f} MB/s")
    results.add("import, CPU time of all threads", f"{cpu:.1f} s, {size_mb / cpu:,.0f} MB/CPU s")
    results.judge(
        "import", size_mb / best, "target: 40 MB/s", holds=size_mb / best >= 40, unit=" MB/s"
    )
    folder = store_folder(file)
    folder.parent.mkdir(parents=True)
    (file.parent / "table0").rename(folder)
    start = time.perf_counter()
    build_structure(folder)
    results.add(
        "syntax trees of all programs, in the background", f"{time.perf_counter() - start:.0f} s"
    )
    return Store(folder)


def _search(results: Results, store: Store) -> None:
    for pattern in PATTERNS:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            found = store.search(pattern)
            times.append(1000 * (time.perf_counter() - start))
        n = found.rows.size
        results.add(f"all programs searched for `{pattern}`, {n:,} rows", f"{min(times):.0f} ms")


def _pages(results: Results, browser: Browser) -> None:
    with served() as url, _watched() as memory:
        paints, firsts = [], []
        for _ in range(3):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(120_000)
            start = time.perf_counter()
            page.goto(f"{url}/data?data=samples.jsonl")
            page.locator("[data-row]").first.wait_for()
            paints.append(1000 * (time.perf_counter() - start))
            firsts.append(float(page.evaluate(PAINT)))
            clicks = _clicks(page) if len(paints) == 3 else []
            page.close()
        results.add(
            "rows on the screen, first visit of a server that has just started, then again",
            f"{paints[0]:.0f} ms, {min(paints[1:]):.0f} ms",
        )
        for what, value in (
            ("first contentful paint, slowest", max(firsts)),
            ("rows on the screen of a server in use", statistics.median(paints[1:])),
        ):
            results.judge(what, value, "target: 3,000 ms", holds=value < 3000, unit=" ms")
        middle = statistics.median(clicks)
        results.add(
            "a filter change, click to new count",
            f"median {middle:.0f} ms, largest {max(clicks):.0f} ms",
        )
        results.judge(
            "a filter change, median", middle, "target: 300 ms", holds=middle < 300, unit=" ms"
        )
    results.add("memory of the server, most", f"{memory[0] / 1e6:.0f} MB resident")
    results.judge(
        "memory of the server",
        memory[0] / 1e6,
        "target: 500 MB",
        holds=memory[0] < 500e6,
        unit=" MB",
    )


def _clicks(page: Page) -> list[float]:
    """Milliseconds from a click on a bar to the new number of rows."""
    page.wait_for_timeout(1000)
    places = ["verdict passed", "lines 20-21", "model a", "contains loop", "task T/3"]
    places = [one for one in places if page.locator(f'[data-place="{one}"]').count()]
    times = []
    for number in range(N_CLICKS):
        place = places[number % len(places)]
        times.append(float(page.evaluate(CLICK, place)))
        page.wait_for_timeout(700)
    return times


@contextmanager
def _watched() -> Iterator[list[int]]:
    """The most resident memory of the Streamlit server that this process has started."""
    most = [0]
    over = threading.Event()
    servers = [
        child for child in psutil.Process().children() if "streamlit" in " ".join(child.cmdline())
    ]

    def watch() -> None:
        while not over.wait(0.05):
            for server in servers:
                most[0] = max(most[0], server.memory_info().rss)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        over.set()
        watcher.join()
