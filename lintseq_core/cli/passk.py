"""`lintseq passk`: pass@k of results, with intervals and what limits them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lintseq_core.cli.options import (
    JsonOption,
    OptionGroup,
    ScorerOption,
    TemperatureOption,
    TestsOption,
    grouped,
)
from lintseq_core.cli.shell import Progress, write_utf8
from lintseq_core.errors import LintSeqError
from lintseq_core.json_text import json_text

if TYPE_CHECKING:  # typer looks only into the annotations of `passk`
    from lintseq_core.results.formats.recognise import SampleFile
    from lintseq_core.results.record import RunRecord
    from lintseq_core.results.scores.pass_at_k import Comparison
    from lintseq_core.results.scores.tally import Tally

Report = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _How(OptionGroup):
    """Which samples count, and what is said of them."""

    tests: TestsOption = "all"
    scorer: ScorerOption = None
    temperature: TemperatureOption = None
    by_problem: Annotated[
        bool, typer.Option("--problems", help="Also how many samples of each problem pass.")
    ] = False
    origin: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="FORMAT", help="Format of RESULTS. Default: told by content."
        ),
    ] = None
    seed: Annotated[int, typer.Option(min=0, help="Of the permutation test.")] = 0


@grouped
def passk(
    results: Annotated[
        list[str] | None,
        typer.Argument(metavar="RESULTS...", help="Results of lintseq or of another tool, or -."),
    ] = None,
    k: Annotated[
        str, typer.Option("--k", metavar="K,K...", help="How many draws; any numbers.")
    ] = "1,10,100",
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="Also test the difference of two runs."),
    ] = None,
    *,
    how: _How,
    as_json: JsonOption = False,
) -> None:
    """Print pass@k, the unbiased estimate, averaged over problems, with 95 % intervals.

    Refuses where rows are undecided (harness_error, no verdict) or missing that the run record
    promises. A file without record is scored as far as it goes, and its counts are shown.

    \b
    lintseq passk results.jsonl
    lintseq passk samples.jsonl_results.jsonl --k 1,5,50 --json
    lintseq passk --compare edits.jsonl whole.jsonl --k 1,10
    """
    ks = _draws(k)
    files = results or []
    if not files and compare is None:
        raise typer.BadParameter("name a file of results, or two with --compare")
    if [*files, *(compare or ())].count("-") > 1:
        raise typer.BadParameter("standard input can be read only once; name files")
    reports: dict[str, Report] = {}
    for name in files:
        reports |= _report(name, ks, how)
    compared = None
    if compare is not None:
        compared = _compare(compare, ks, how)
    write_utf8()
    if as_json:
        print(json_text(_document(reports, compared)))
        return
    parts = [_text(name, report) for name, report in reports.items()]
    if compared is not None:
        parts.append(_comparison_text(compared))
    print("\n\n".join(parts))


def _draws(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(re.fullmatch(r"[1-9][0-9]{0,8}", part) for part in parts):
        raise typer.BadParameter(f"--k {text!r}: whole numbers from 1, as in --k 1,10,100")
    return tuple(sorted({int(part) for part in parts}))


def _read(name: str, how: _How) -> tuple[Tally, RunRecord | None, SampleFile]:
    """The counted results in `name`, complete or refused, their record, and the file.

    The samples of one temperature are no complete set: no record is looked at.
    """
    from lintseq_core.results.formats.reading import open_input
    from lintseq_core.results.formats.recognise import recognise
    from lintseq_core.results.sample import samples_at
    from lintseq_core.results.scores.remarks import file_remarks
    from lintseq_core.results.scores.tally import ScoreError, check_complete, find_record, tally

    with open_input(name) as opened, Progress() as progress:
        file = recognise(opened, how.origin, scorer=how.scorer)
        samples = progress.through(file.samples(), "rows read")
        if how.temperature is not None:
            samples = samples_at(how.temperature, samples, opened.name)
        found = tally(samples, opened.name, how.tests)
    whole = name != "-" and how.temperature is None
    record = find_record(Path(name)) if whole else None
    try:
        check_complete(found, record)
    except ScoreError as error:
        raise ScoreError(error.fault.with_remarks(file_remarks(file.meta))) from None
    return found, record, file


def _report(name: str, ks: tuple[int, ...], how: _How) -> dict[str, Report]:
    """Reports by name: one, or one a task for a file of summed-up scores."""
    from lintseq_core.results.formats import bigcode_harness
    from lintseq_core.results.formats.reading import open_input
    from lintseq_core.results.formats.recognise import recognise
    from lintseq_core.results.scores.pass_at_k import score
    from lintseq_core.results.scores.remarks import file_remarks, remarks

    if name != "-" and Path(name).exists():
        with open_input(name) as opened:
            if recognise(opened, how.origin).format is bigcode_harness.SCORES:
                return _reported(name, bigcode_harness.read_scores(opened))
    found, record, file = _read(name, how)
    scores = score(found, ks)
    report: Report = {f"pass@{one.k}": _number(one.value) for one in scores}
    report["intervals"] = {f"pass@{one.k}": _pair(one.low, one.high) for one in scores}
    report["standard_errors"] = {f"pass@{one.k}": _number(one.standard_error) for one in scores}
    report |= {
        "level": scores[0].level,
        "problems": len(found.task_ids),
        "samples": found.n_samples,
        "samples_per_problem": [min(found.n), max(found.n)],
        "tests": found.suite or "all",
        "format": file.format.title,
        "is_complete": record is not None and bool(record.promised),
        "verdicts": dict(found.verdicts),
        "isolation": dict(found.isolation),
        "integrity": dict(found.integrity),
        "remarks": [*remarks(found, record, ks), *file_remarks(file.meta)],
    }
    if how.by_problem:
        counts = zip(found.task_ids, found.n, found.c, strict=True)
        report["by_problem"] = {task: {"samples": n, "passed": c} for task, n, c in counts}
    return {found.name: report}


def _reported(name: str, scores: Mapping[str, Mapping[str, float]]) -> dict[str, Report]:
    remark = "reported by the file: it holds no verdicts, so other k and intervals cannot be told"
    return {
        f"{name}: {task}": {**values, "intervals": None, "remarks": [remark]}
        for task, values in scores.items()
    }


def _compare(names: tuple[str, str], ks: tuple[int, ...], how: _How) -> Report:
    from lintseq_core.results.scores.pass_at_k import compare
    from lintseq_core.results.scores.tally import check_comparable

    a, b = (_read(name, how)[0] for name in names)
    check_comparable(a, b)
    shared = len(set(a.task_ids) & set(b.task_ids))
    if not shared:
        raise LintSeqError(
            f"{names[0]} and {names[1]}: no problem in common; compare runs of one benchmark"
        )
    report: Report = {"a": names[0], "b": names[1], "shared_problems": shared}
    report |= {f"tests_{side}": one.suite for side, one in (("a", a), ("b", b)) if one.suite}
    for one in compare(a, b, ks, seed=how.seed):
        report[f"pass@{one.k}"] = _difference(one)
    return report


def _difference(one: Comparison) -> Report:
    interval = one.paired.difference
    return {
        "a": _number(one.a),
        "b": _number(one.b),
        "difference": _number(interval.estimate),
        "interval": _pair(interval.low, interval.high),
        "p_value": _number(one.paired.p_value),
        "unlike": one.paired.n_unlike,
        "problems": interval.n_problems,
        "only_a": one.paired.n_only_a,
        "only_b": one.paired.n_only_b,
    }


def _document(reports: Mapping[str, Report], compared: Report | None) -> Report:
    if compared is None and len(reports) == 1:
        return next(iter(reports.values()))
    document: Report = {"runs": dict(reports)} if reports else {}
    return document | ({} if compared is None else {"compare": compared})


def _text(name: str, report: Report) -> str:
    lines = [name]
    if "problems" in report:
        counts = f"{report['samples']:,} samples of {report['problems']:,} problem(s)"
        lines[0] += f": {counts} ({report['format']}{_tests(report['tests'])})"
    for key, value in report.items():
        if key.startswith("pass@"):
            line = f"  {key:<10}{_percent(value):>8}"
            if report["intervals"] is not None and value is not None:
                line += _band(report["intervals"][key])
            lines.append(line)
    for what in ("isolation", "integrity"):
        if report.get(what):
            counted = ", ".join(f"{level}: {n:,}" for level, n in sorted(report[what].items()))
            lines.append(f"  {what:<10} {counted}")
    lines += [f"  note: {remark}" for remark in report["remarks"]]
    for task, counts in report.get("by_problem", {}).items():
        lines.append(f"  {counts['passed']:>6,} of {counts['samples']:>6,}  {task}")
    return "\n".join(lines)


def _comparison_text(report: Report) -> str:
    lines = [
        f"A: {report['a']}{_tests(report.get('tests_a', 'all'))}",
        f"B: {report['b']}{_tests(report.get('tests_b', 'all'))}",
        f"{report['shared_problems']:,} problem(s) in common",
        f"  {'':<10}{'A':>8}{'B':>8}{'A - B':>9}",
    ]
    for key, one in report.items():
        if not key.startswith("pass@"):
            continue
        gap = one["difference"]
        line = f"  {key:<10}{_percent(one['a']):>8}{_percent(one['b']):>8}"
        line += "       –" if gap is None else f"{100 * gap:>+9.1f}"
        if one["p_value"] is not None:
            line += f"{_band(one['interval'])}   p = {one['p_value']:.4f}"
            if not one["unlike"]:
                line += ": equal on every problem"
        if one["only_a"] or one["only_b"]:
            line += (
                f"   ({one['problems']} problems; only A {one['only_a']}, only B {one['only_b']})"
            )
        lines.append(line)
    lines.append(
        "  95 % intervals: over problems, docs/intervals.md; p: sign-flip permutation over problems"
    )
    return "\n".join(lines)


def _tests(suite: str) -> str:
    """Which tests of EvalPlus decide, after a comma; "" for results of other tools."""
    from lintseq_core.results.scores.tally import SUITE_NAMES

    return f", {SUITE_NAMES[suite]}" if suite in SUITE_NAMES else ""


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _band(interval: list[float] | None) -> str:
    from lintseq_core.metrics.intervals import TOO_FEW

    if interval is None:
        return f"   {TOO_FEW}"
    return f"   [{100 * interval[0]:.1f}, {100 * interval[1]:.1f}]"


def _number(value: float) -> float | None:
    """`value`, or None for NaN, which JSON does not know."""
    return None if math.isnan(value) else value


def _pair(low: float, high: float) -> list[float] | None:
    return None if math.isnan(low) else [low, high]
