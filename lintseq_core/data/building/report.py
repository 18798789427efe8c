"""The report beside a data set: what it is, what became of every row, and what it cost.

`OUT.report.json` is for programs (a later build reads there what `OUT` is), `OUT.report.md` says
the same to people. Whatever depends on the time stands here and not in the data set.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lintseq_core.data.building.partial import Request
from lintseq_core.data.building.tally import Tally
from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

REPORT_VERSION = 1


@dataclass(frozen=True, slots=True)
class BuildReport:
    """One finished data set."""

    request: Request
    output_name: str
    output_bytes: int
    output_sha256: str
    tally: Tally
    wall_s: float
    """Of the run that finished it; the CPU seconds in `tally` are those of all runs."""
    resumed_rows: int
    """Rows of the source that earlier, interrupted runs had done."""
    workers: int
    command: str

    @property
    def rows_per_cpu_s(self) -> float:
        """Rows written per CPU second of the workers; NaN where none was measured."""
        cpu_s = self.tally.cpu_s
        return self.tally.counts.rows / cpu_s if cpu_s else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """JSON-safe, read back by `from_dict`."""
        return {
            "report_version": REPORT_VERSION,
            "command": self.command,
            "output": {
                "name": self.output_name,
                "bytes": self.output_bytes,
                "sha256": self.output_sha256,
            },
            "request": asdict(self.request),
            "tally": self.tally.to_dict(),
            "run": {
                "wall_s": round(self.wall_s, 3),
                "resumed_rows": self.resumed_rows,
                "workers": self.workers,
            },
        }

    @classmethod
    def from_dict(cls, record: Any) -> BuildReport:
        """What `to_dict` wrote; LintSeqError if it is something else."""
        try:
            if record["report_version"] != REPORT_VERSION:
                raise LintSeqError(f"report_version is {record['report_version']!r}")
            return cls(
                request=Request.from_dict(record["request"]),
                output_name=record["output"]["name"],
                output_bytes=record["output"]["bytes"],
                output_sha256=record["output"]["sha256"],
                tally=Tally.from_dict(record["tally"]),
                wall_s=record["run"]["wall_s"],
                resumed_rows=record["run"]["resumed_rows"],
                workers=record["run"]["workers"],
                command=record["command"],
            )
        except (TypeError, KeyError, AttributeError, ValueError) as error:
            raise LintSeqError(f"not a report of a build: {type(error).__name__}") from None


def report_path(output: Path) -> Path:
    """Where the report of the data set `output` lies."""
    return output.with_name(f"{output.name}.report.json")


def read_report(output: Path) -> BuildReport:
    """The report of the data set `output`; LintSeqError if it cannot be understood."""
    path = report_path(output)
    try:
        return BuildReport.from_dict(json.loads(path.read_bytes()))
    except (ValueError, LintSeqError) as error:
        raise LintSeqError(f"{path}: {error}; --force overwrites it and the data set") from None


def write_report(report: BuildReport, output: Path) -> None:
    """Write both files; the one that programs read comes last."""
    from lintseq_core.data.building.report_text import report_markdown

    path = report_path(output)
    with whole_file(path.with_suffix(".md")) as file:
        file.write(report_markdown(report).encode(errors="backslashreplace"))
    with whole_file(path) as file:
        file.write(json_text(report.to_dict(), indent=1).encode())
