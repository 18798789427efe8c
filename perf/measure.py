"""Measures everything the project says about speed and memory, and writes perf/RESULTS.md.

    python perf/measure.py [sampling] [lengths] [building]

Ratios come from one run. Without a name all parts are measured; RESULTS.md is written only then.
"""

from __future__ import annotations

import datetime
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import building
import lengths
import pyflakes
import sampling
from tables import Table

from lintseq_core import __version__

RESULTS = Path(__file__).with_name("RESULTS.md")
FEW = 24  # programs for the authors' package: about half a CPU second a sequence


def machine() -> str:
    """Processor, cores, memory and versions, as far as this system tells."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    pages = (
        os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    )
    return (
        f"{name}, {os.cpu_count()} cores, {pages / 2**30:.0f} GiB, {platform.system()}; "
        f"Python {platform.python_version()}, pyflakes {pyflakes.__version__}, "
        f"lintseq-core {__version__}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts: dict[str, Callable[[], Table]] = {
            "sampling": lambda: sampling.measure(folder, few=FEW),
            "lengths": lengths.measure,
            "building": lambda: building.measure(folder),
        }
        asked = sys.argv[1:]
        if unknown := set(asked) - set(parts):
            sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
        start = time.perf_counter()
        tables = []
        for part in asked or parts:
            tables.append(parts[part]())
            print(tables[-1].markdown(), flush=True)
    if not asked:
        head = [
            "# Measured speed and memory",
            "",
            f"Written by `make perf` on {datetime.date.today().isoformat()} "
            f"in {time.perf_counter() - start:,.0f} s: {machine()}.",
            "",
            "Shared machines are noisy: trust the ratios, which come from this one run.",
            "",
        ]
        RESULTS.write_text("\n".join(head) + "\n" + "\n".join(t.markdown() for t in tables))


if __name__ == "__main__":
    main()
