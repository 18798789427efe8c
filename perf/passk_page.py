"""The page pass@k with a file of 200,000 samples: import, first paint, control changes, memory.

Needs Chromium. What a control changes is timed in the browser, from the click to the chart that
answers it.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

from explorer import PAINT, REPEATS, add_times, new_page, server
from playwright.sync_api import Page, sync_playwright
from tables import Table

from lintseq_core.results.scores.simulated import simulate_run
from tests.chromium import FLAGS, find_chromium

N_PROBLEMS, N_SAMPLES = 164, 1_220
TEXT_BYTES = 1_100
PAINT_MS, CHANGE_MS, MEMORY_MB = 3_000, 300, 600

WHEN = """async ([text, change]) => {
  const plot = () => document.querySelector(".js-plotly-plot");
  const state = () => plot()?.data && JSON.stringify([plot().data.length, plot().data[0].z,
    plot().layout.xaxis.title, plot().layout.shapes]);
  const before = state();
  const find = [...document.querySelectorAll("button, [role=radio], [role=option]")];
  const target = find.find((node) => node.textContent.trim() === text);
  const start = performance.now();
  target.click();
  while (state() === before || !plot()) await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""


def measure(folder: Path) -> Table:
    """All figures of the page, in one run."""
    path = find_chromium()
    if path is None:
        sys.exit("no Chromium: install one (Debian: apt install chromium) or set CHROMIUM")
    table = Table("200,000 samples on the page pass@k", ["what", "median", "95th", "largest"])
    results = write_results(folder / "results.jsonl")
    megabytes = results.stat().st_size / 1e6
    table.notes.append(f"one file: {N_PROBLEMS * N_SAMPLES:,} samples, {megabytes:.0f} MB")
    with (
        sync_playwright() as playwright,
        server(results) as (url, pid),
    ):
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        start = time.perf_counter()
        page = _open(new_page(browser), url)
        table.notes.append(
            f"import, from the first visit to the chart: {time.perf_counter() - start:.1f} s"
        )
        page.context.close()
        paints, charts = [], []
        for _ in range(REPEATS):
            start = time.perf_counter()
            page = _open(new_page(browser), url)
            charts.append(1000 * (time.perf_counter() - start))
            paints.append(float(page.evaluate(PAINT)))
            page.context.close()
        add_times(table, "first paint after import", paints)
        add_times(table, "the chart after import", charts)
        slowest = _changes(_open(new_page(browser), url), table)
        memory = _peak_mb(pid)
        browser.close()
    painted = statistics.median(paints)
    for what, value, limit, unit in (
        ("first paint", painted, PAINT_MS, " ms"),
        ("the slowest control", slowest, CHANGE_MS, " ms"),
        ("memory of the server at its peak", memory, MEMORY_MB, " MB"),
    ):
        table.judge(what, value, f"target: {limit:,}{unit}", holds=value < limit, unit=unit)
    return table


def write_results(path: Path) -> Path:
    """Results with programs, as `lintseq evaluate` writes them of samples that hold whole ones."""
    run = simulate_run(
        "big", mean=0.2, spread=0.5, n_problems=N_PROBLEMS, n_samples=N_SAMPLES, seed=1
    )
    with path.open("w", encoding="utf-8") as file:
        for task, passes in zip(run.tally.task_ids, run.tally.c, strict=True):
            for sample in range(N_SAMPLES):
                verdict = "passed" if sample < passes else "wrong_answer"
                body = f"    total += {sample}\n" * (TEXT_BYTES // 20)
                row = {
                    "task_id": task, "sample_id": sample, "verdict": verdict,
                    "passed": sample < passes, "isolation": "L3", "integrity": "I2", "flags": [],
                    "solution": f"def solve(total):\n{body}    return total\n",
                }  # fmt: skip
                file.write(json.dumps(row) + "\n")
    return path


def _open(page: Page, url: str) -> Page:
    page.set_default_timeout(120_000)
    page.goto(f"{url}/pass_at_k")
    page.locator(".js-plotly-plot .scatterlayer .trace").first.wait_for()
    return page


def _changes(page: Page, table: Table) -> float:
    """The slowest median of the controls; each is used several times, there and back."""
    page.wait_for_timeout(500)
    slowest = 0.0
    for what, there, back, before in (
        ("choosing a run", "Simulated: whole programs", "Simulated: whole programs", ""),
        ("to the problems and back", "Problem by problem", "Curves", ""),
        ("order of the problems", "As numbered", "Hardest first", "Problem by problem"),
    ):
        if before:
            page.evaluate(WHEN, [before, ""])
            page.wait_for_timeout(500)
        page.evaluate(WHEN, [there, ""])  # what is worked out once
        page.wait_for_timeout(300)
        page.evaluate(WHEN, [back, ""])
        times = []
        for _ in range(REPEATS):
            for text in (there, back):
                page.wait_for_timeout(300)
                times.append(float(page.evaluate(WHEN, [text, ""])))
        add_times(table, what, times)
        slowest = max(slowest, statistics.median(times))
    return slowest


def _peak_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
