"""Measures what the project says about speed and memory, and writes perf/RESULTS.md.

    python perf/measure.py [PART ...]

Each part is one run, and its ratios come from that run; without names all are measured, which takes
half an hour or more. A part replaces its own section of RESULTS.md, with the machine and the date.
"""

from __future__ import annotations

import datetime
import importlib
import os
import platform
import re
import sys
import tempfile
import time
from pathlib import Path

from tables import Table

from lintseq_core import __version__

RESULTS = Path(__file__).with_name("RESULTS.md")
sys.path.insert(0, str(RESULTS.parents[1]))  # the explorer's part drives pages as its tests do
PARTS = (
    "sampling",
    "lengths",
    "building",
    "execution",
    "metrics",
    "explorer",
    "passk_page",
    "data_page",
    "generation",
    "pocket",
    "batching",
    "training",
    "memory",
)
"""Modules beside this one with `measure(folder) -> Table`. The last four need torch, the three
before them Chromium."""
ON_GPU = ("gpu",)
"""Measured only when asked for."""
HEAD = """# Measured speed and memory

Written by `make perf`, a section for each part. Shared machines are noisy: trust the ratios,
which come from the one run of their section.
"""


def machine() -> str:
    """Processor, cores, memory and versions, as far as this system tells."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(
            r"^model name\s*:\s*(.+)$", info.read_text(encoding="utf-8"), re.MULTILINE
        )
        name = found[1] if found else name
    memory = ""
    if hasattr(os, "sysconf"):
        n_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        memory = f", {n_bytes / 2**30:.0f} GiB"
    return (
        f"{name}, {os.cpu_count()} cores{memory}, {platform.system()}; "
        f"Python {platform.python_version()}, lintseq-core {__version__}"
    )


def sections() -> dict[str, str]:
    """The sections of RESULTS.md by part."""
    if not RESULTS.exists():
        return {}
    text = RESULTS.read_text(encoding="utf-8")
    found = re.split(r"^<!-- (\w+) -->\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


def measure(part: str) -> str:
    """The section of one part."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        table: Table = importlib.import_module(part).measure(Path(folder))
    wall_s = time.perf_counter() - start
    today = datetime.date.today().isoformat()
    return f"{table.markdown()}\n{today}, {wall_s:,.0f} s: {machine()}.\n\n"


def main() -> None:
    asked = sys.argv[1:]
    every = (*PARTS, *ON_GPU)
    if unknown := set(asked) - set(every):
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    for part in asked or PARTS:
        section = measure(part)
        print(section, flush=True)
        known = sections() | {part: section}
        # Stripped: else each writing adds a blank line to every section.
        named = ((name, known[name].rstrip()) for name in every if name in known)
        text = "".join(f"\n<!-- {name} -->\n{body}\n" for name, body in named)
        RESULTS.write_text(f"{HEAD}{text}".rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
