"""What 100 million programs cost, from the measured rate of the datatrove pipeline in one process.

python perf/scale_cost.py [ROWS.jsonl] [--programs 100000000]

Without a file, the rows are mined from the standard library. docs/scale.md quotes the output.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import platform
import shutil
import tempfile
import time
from pathlib import Path

from lintseq_core.data.mining.mined_set import mine_dataset
from lintseq_core.data.scale import edit_pipeline
from lintseq_core.data.settings import BuildSettings

MOST_ROWS = 5_000


def measure(source: Path, folder: Path, samples: int) -> tuple[int, float, int, int]:
    """Programs, CPU seconds, bytes out, bytes out packed, of one pass over `source`."""
    settings = BuildSettings("response", "instruction", samples=samples, dedup=False)
    reader, step, writer = edit_pipeline(str(source), str(folder), settings)
    start = time.process_time()
    for _ in writer.run(step.run(reader.run())):
        pass
    seconds = time.process_time() - start
    made = (folder / "00000.jsonl").read_bytes()
    programs = step.stats["programs"].total
    return programs, seconds, len(made), len(gzip.compress(made, 6))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rows", type=Path, nargs="?", help="JSONL with instruction and response")
    parser.add_argument("--programs", type=int, default=100_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "source"
        source.mkdir()
        if arguments.rows is None:
            mine_dataset(["stdlib"], source / "rows.jsonl")
            (source / "rows.jsonl.report.json").unlink()
        else:
            with arguments.rows.open("rb") as rows, (source / "rows.jsonl").open("wb") as few:
                few.writelines(itertools.islice(rows, MOST_ROWS))
        print(f"Python {platform.python_version()}, {platform.machine()}, one process")
        print("| s | programs | CPU s | programs / CPU s | KB / program | KB packed |", end="")
        print(f" CPU hours for {arguments.programs:,} | TB packed |")
        print("|---|---|---|---|---|---|---|---|")
        for samples in (1, 5):
            folder = Path(name) / f"edits_{samples}"
            programs, seconds, size, packed = measure(source, folder, samples)
            hours = arguments.programs / programs * seconds / 3600
            terabytes = arguments.programs / programs * packed / 1e12
            print(
                f"| {samples} | {programs:,} | {seconds:.1f} | {programs / seconds:,.0f} "
                f"| {size / programs / 1e3:.1f} | {packed / programs / 1e3:.2f} "
                f"| {hours:,.0f} | {terabytes:.2f} |"
            )
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
