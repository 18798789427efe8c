"""The command answers at once, and loads nothing heavy for it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ["-m", "lintseq_core", "sample", "assets/programs/inventory_report.py"]


def best_of(count: int, *arguments: str) -> float:
    """Seconds, the least of `count` runs of this Python."""
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True
        )
        seconds.append(time.perf_counter() - start)
    return min(seconds)


@pytest.mark.timing
def test_sampling_a_60_line_program_takes_under_half_a_second_with_start_up() -> None:
    assert 55 <= (ROOT / SAMPLE[-1]).read_text().count("\n") <= 65
    best_of(1, *SAMPLE)
    sample, bare = best_of(8, *SAMPLE), best_of(8, "-c", "pass")
    assert sample < 0.5
    assert sample <= 25 * bare


def test_sampling_loads_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from lintseq_core.cli import app\n"
        f"app({SAMPLE[2:]!r}, standalone_mode=False)\n"
        "heavy = {'numpy', 'torch', 'streamlit', 'plotly', 'pandas', 'pylint', 'pydantic'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"
