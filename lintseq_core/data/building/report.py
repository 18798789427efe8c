"""The report beside a data set: what it is, what became of every row, and what it cost.

`OUT.report.json` is for programs (a later build reads there what `OUT` is), `OUT.report.md` says
the same to people. Whatever depends on the time stands here and not in the data set.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lintseq_core.data.building.items import COPY_KINDS, DROP_KINDS
from lintseq_core.data.building.partial import Request
from lintseq_core.data.building.tally import BuildTally
from lintseq_core.data.counts import TOKENS_ARE, Counts, describe
from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

REPORT_VERSION = 1
_BARS = 12
_BAR_WIDTH = 40


@dataclass(frozen=True, slots=True)
class BuildReport:
    """One finished data set."""

    request: Request
    output_name: str
    output_bytes: int
    output_sha256: str
    tally: BuildTally
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
                tally=BuildTally.from_dict(record["tally"]),
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
    path = report_path(output)
    with whole_file(path.with_suffix(".md")) as file:
        file.write(report_markdown(report).encode(errors="backslashreplace"))
    with whole_file(path) as file:
        file.write(json_text(report.to_dict(), indent=1).encode())


def report_markdown(report: BuildReport) -> str:
    """The report for people to read."""
    sections = [
        _heading(report),
        rows_section(report.tally),
        counts_section(report.tally.counts),
        _cost(report),
        _identity(report),
    ]
    return "\n".join(line for section in sections for line in section)


def _heading(report: BuildReport) -> Iterator[str]:
    counts = report.tally.counts
    yield f"# {report.output_name}"
    yield ""
    yield (
        f"{counts.rows:,} rows of {counts.programs:,} programs "
        f"from `{report.request.source['name']}`."
    )
    yield ""
    if report.command:
        yield from ("```", report.command, "```", "")


def rows_section(tally: BuildTally) -> Iterator[str]:
    """Rows in, programs out, drops by reason with their first rows."""
    dropped = tally.drops.total()
    yield "## Rows of the source"
    yield ""
    yield f"{tally.rows_read:,} read, {tally.counts.programs:,} used, {dropped:,} dropped."
    yield ""
    if tally.counts.blocks_left_out:
        yield (
            f"{tally.counts.blocks_left_out:,} code blocks of used rows were left out, as they do "
            "not compile, alone or joined with the others."
        )
        yield ""
    if tally.unused:
        yield f"Filled, and not used: {unused_fields(tally, 20)}."
        yield ""
    if not dropped:
        return
    yield "| dropped | reason | first rows |"
    yield "|---:|---|---|"
    for kind, count in tally.drops.most_common():
        rows = ", ".join(str(row) for row, _ in tally.examples[kind])
        yield f"| {count:,} | {kind}: {DROP_KINDS.get(kind, kind)} | {rows} |"
    yield ""
    for kind, _ in tally.drops.most_common():
        if kind not in COPY_KINDS:
            yield f"- {kind}: {_escape(tally.examples[kind][0][1])}"
    yield ""


def unused_fields(tally: BuildTally, most: int) -> str:
    """What rows hold that the data set does not: "lang (7 rows), id (1 row)"."""
    said = [
        f"{_escape(name)} ({count:,} row{'s' if count != 1 else ''})"
        for name, count in tally.unused.most_common(most)
    ]
    left = len(tally.unused) - most
    return ", ".join([*said, f"and {left:,} more"] if left > 0 else said)


def counts_section(counts: Counts) -> Iterator[str]:
    """Sizes of programs, sequences and edits, tokens, and what the linter says of the states."""
    yield "## Programs and edits"
    yield ""
    yield "| | n | mean | 10 % | median | 90 % | 99 % | most |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    for label, histogram in (
        ("lines per program", counts.lines_per_program),
        ("edits per sequence", counts.edits_per_sequence),
        ("lines per edit", counts.lines_per_edit),
    ):
        if histogram:
            d = describe(histogram)
            yield (
                f"| {label} | {d.count:,} | {d.mean:.2f} | {d.p10} | {d.median} | {d.p90} "
                f"| {d.p99} | {d.most} |"
            )
    yield ""
    if counts.program_tokens:
        ratio = counts.text_tokens / counts.program_tokens
        yield (
            f"Tokens ({TOKENS_ARE}): {counts.text_tokens:,} in the model texts, "
            f"{ratio:.2f} times those of the plain programs."
        )
    if counts.states:
        yield (
            f"States: {counts.states:,} linted (of one sequence each of some programs; the empty "
            f"one left out): {counts.states_clean / counts.states:.1%} without a finding, "
            f"{counts.states_without_new / counts.states:.1%} without a new one."
        )
    if counts.engine_sequences:
        whole = counts.engine_unmodelled / counts.engine_sequences
        single = counts.engine_linted / counts.engine_states if counts.engine_states else 0.0
        yield (
            f"Engine: {whole:.2%} of the sequences and {single:.2%} of the states of the others "
            "went to the reference."
        )
    yield ""
    for label, histogram in (
        ("Edits per sequence", counts.edits_per_sequence),
        ("Lines per edit", counts.lines_per_edit),
    ):
        if histogram:
            yield from (f"{label}:", "", "```", *bars(histogram), "```", "")


def bars(histogram: Mapping[int, int]) -> list[str]:
    """A bar of text for each value, the largest values together in the last."""
    values = sorted(histogram)
    shown = list(range(values[0], min(values[-1], values[0] + _BARS - 1) + 1))
    rows = [(f"{value}", histogram.get(value, 0)) for value in shown]
    if rest := sum(count for value, count in histogram.items() if value > shown[-1]):
        rows.append((f"{shown[-1] + 1}+", rest))
    most, total = max(count for _, count in rows), sum(histogram.values())
    width = max(len(label) for label, _ in rows)
    return [
        f"{label:>{width}} {'#' * round(_BAR_WIDTH * count / most)} {count / total:.1%}"
        for label, count in rows
    ]


def _cost(report: BuildReport) -> Iterator[str]:
    workers = f"{report.workers} worker process" + ("es" if report.workers != 1 else "")
    yield "## Cost"
    yield ""
    speed = report.rows_per_cpu_s
    rows = "" if math.isnan(speed) else f", {speed:,.0f} rows per CPU second"
    yield (
        f"{report.tally.cpu_s:.1f} CPU seconds of the workers{rows}. "
        f"{report.wall_s:.1f} seconds on the clock with {workers}."
    )
    if report.resumed_rows:
        yield f"An earlier run had done {report.resumed_rows:,} rows of the source."
    yield ""


def _identity(report: BuildReport) -> Iterator[str]:
    request = report.request
    yield "## What decides the bytes"
    yield ""
    yield f"- output sha256: `{report.output_sha256}` ({report.output_bytes:,} bytes)"
    yield f"- source sha256: `{request.source['sha256']}` ({request.source['n_bytes']:,} bytes)"
    for name, version in request.versions.items():
        yield f"- {name}: {version}"
    for name, value in request.settings.items():
        yield f"- {name}: {value}"
    if request.settings["near_dedup"] is None:
        yield (
            "\nNear-duplicates were not looked for (--near-dedup; needs the extra `data`); "
            "exact copies " + ("were removed." if request.settings["dedup"] else "were kept.")
        )
    yield ""


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
