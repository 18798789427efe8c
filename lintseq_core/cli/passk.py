"""`lintseq passk`: pass@k of results and its family, with intervals and what limits them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

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
    from lintseq_core.results.scores.family import Metric
    from lintseq_core.results.scores.pass_at_k import Comparison, Score
    from lintseq_core.results.scores.tally import Tally

Report = dict[str, Any]
MetricName = Literal[
    "pass@k", "pass^k", "g-pass@k", "mg-pass@k", "bayes@n", "majority@k", "best@k", "pass@cost"
]


@dataclass(frozen=True, slots=True)
class _What(OptionGroup):
    """What is computed of the samples."""

    name: Annotated[
        MetricName,
        typer.Option(
            "--metric",
            help="pass@k: one of k passes; pass^k: all do; g-pass@k: a share TAU does; mg-pass@k: "
            "that over TAU from a half; bayes@n: chance of one; majority@k: the most frequent "
            "behaviour; best@k: the best by a field; pass@cost: K is a budget.",
        ),
    ] = "pass@k"
    tau: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="The share of k samples of g-pass@k.")
    ] = 0.5
    cost: Annotated[
        float | None,
        typer.Option(metavar="C", help="What a sample costs, for pass@cost; K in the same unit."),
    ] = None
    by: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="A number in each row, high is best, for best@k."),
    ] = None
    seeds: Annotated[
        bool, typer.Option("--seeds", help="RESULTS are of one model trained from several seeds.")
    ] = False

    def metric(self) -> Metric:
        """The metric; LintSeqError where it lacks a number."""
        from lintseq_core.results.scores.family import read_metric

        if self.name == "best@k" and self.by is None:
            raise LintSeqError("best@k: which field of the rows is their score? --by FIELD")
        return read_metric(self.name, tau=self.tau, cost=self.cost)


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
    what: _What,
    how: _How,
    as_json: JsonOption = False,
) -> None:
    """Print pass@k, the unbiased estimate, averaged over problems, with 95 % intervals.

    Or another metric of repeated sampling, likewise.

    Refuses where rows are undecided (harness_error, no verdict) or missing that the run record
    promises. A file without record is scored as far as it goes, and its counts are shown.

    \b
    lintseq passk results.jsonl
    lintseq passk samples.jsonl_results.jsonl --k 1,5,50 --json
    lintseq passk --compare edits.jsonl whole.jsonl --k 1,10
    lintseq passk results.jsonl --metric g-pass@k --tau 0.75 --k 4,8
    lintseq passk results.jsonl --metric pass@cost --cost 210 --k 1000,10000
    """
    ks = _draws(k)
    files = results or []
    if not files and compare is None:
        raise typer.BadParameter("name a file of results, or two with --compare")
    if [*files, *(compare or ())].count("-") > 1:
        raise typer.BadParameter("standard input can be read only once; name files")
    if what.seeds and len(files) < 2:
        raise typer.BadParameter("--seeds: name the results of two seeds at least")
    metric = what.metric()
    reports: dict[str, Report] = {}
    if what.seeds:
        reports["all seeds"] = _report_of_seeds(files, ks, what, how)
    else:
        for name in files:
            reports |= _report(name, ks, what, how)
    compared = None
    if compare is not None:
        compared = _compare(compare, metric.draws(ks), what, how)
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


def _read(
    name: str, how: _How, by: str | None = None
) -> tuple[Tally, RunRecord | None, SampleFile]:
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
        found = tally(samples, opened.name, how.tests, by)
    whole = name != "-" and how.temperature is None
    record = find_record(Path(name)) if whole else None
    try:
        check_complete(found, record)
    except ScoreError as error:
        raise ScoreError(error.fault.with_remarks(file_remarks(file.meta))) from None
    return found, record, file


def _report(name: str, ks: tuple[int, ...], what: _What, how: _How) -> dict[str, Report]:
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
    found, record, file = _read(name, how, what.by)
    metric = what.metric()
    scores = score(found, metric.draws(ks), metric=metric)
    report = _scores(scores, metric, found)
    is_plain = metric.name == "pass@k"
    report |= {
        "problems": len(found.task_ids),
        "samples": found.n_samples,
        "samples_per_problem": [min(found.n), max(found.n)],
        "tests": found.suite or "all",
        "format": file.format.title,
        "is_complete": record is not None and bool(record.promised),
        "verdicts": dict(found.verdicts),
        "isolation": dict(found.isolation),
        "integrity": dict(found.integrity),
        "remarks": [
            *remarks(found, record, ks if is_plain else ()),
            *([] if is_plain else _reasons(scores, metric)),
            *file_remarks(file.meta),
        ],
    }
    if how.by_problem:
        counts = zip(found.task_ids, found.n, found.c, strict=True)
        report["by_problem"] = {task: {"samples": n, "passed": c} for task, n, c in counts}
    return {found.name: report}


def _report_of_seeds(names: list[str], ks: tuple[int, ...], what: _What, how: _How) -> Report:
    from lintseq_core.results.scores.pass_at_k import score_of_seeds
    from lintseq_core.results.scores.tally import check_comparable

    seeds = [_read(name, how, what.by)[0] for name in names]
    for one in seeds[1:]:
        check_comparable(seeds[0], one)
    metric = what.metric()
    scores = score_of_seeds(seeds, metric.draws(ks), metric=metric)
    remark = f"interval over {len(seeds)} seeds and over the problems that all of them have"
    return _scores(scores, metric) | {
        "seeds": names,
        "remarks": [remark, *_reasons(scores, metric)],
    }


def _scores(scores: list[Score], metric: Metric, found: Tally | None = None) -> Report:
    """The numbers of a report: each score by its name, then what is said of each."""
    from lintseq_core.metrics.repeated_sampling import bayes_at_n

    named = {metric.at(one.k): one for one in scores}
    report: Report = {name: _number(one.value) for name, one in named.items()}
    report["intervals"] = {name: _pair(one.low, one.high) for name, one in named.items()}
    report["standard_errors"] = {name: _number(one.standard_error) for name, one in named.items()}
    if any(one.simulation_error for one in scores):
        report["simulation_errors"] = {name: one.simulation_error for name, one in named.items()}
    if metric.name == "bayes@n" and found is not None:
        deviation = bayes_at_n(found.n, found.c).standard_deviation
        report["posterior_standard_deviation"] = _number(deviation)
    return report | {"level": scores[0].level}


def _reasons(scores: list[Score], metric: Metric) -> list[str]:
    """Why a score or its interval is missing, and what simulating leaves open."""
    reasons = [one.reason for one in scores if math.isnan(one.value)]
    worst = max((one.simulation_error for one in scores), default=0.0)
    if worst > 0:
        reasons.append(
            f"simulated where behaviours are many: standard error up to {100 * worst:.2f} points"
        )
    return list(dict.fromkeys(reasons))


def _reported(name: str, scores: Mapping[str, Mapping[str, float]]) -> dict[str, Report]:
    remark = "reported by the file: it holds no verdicts, so other k and intervals cannot be told"
    return {
        f"{name}: {task}": {**values, "intervals": None, "remarks": [remark]}
        for task, values in scores.items()
    }


def _compare(names: tuple[str, str], ks: list[int], what: _What, how: _How) -> Report:
    from lintseq_core.results.scores.pass_at_k import compare
    from lintseq_core.results.scores.tally import check_comparable

    a, b = (_read(name, how, what.by)[0] for name in names)
    metric = what.metric()
    check_comparable(a, b)
    shared = len(set(a.task_ids) & set(b.task_ids))
    if not shared:
        raise LintSeqError(
            f"{names[0]} and {names[1]}: no problem in common; compare runs of one benchmark"
        )
    report: Report = {"a": names[0], "b": names[1], "shared_problems": shared}
    report |= {f"tests_{side}": one.suite for side, one in (("a", a), ("b", b)) if one.suite}
    for one in compare(a, b, ks, seed=how.seed, metric=metric):
        report[metric.at(one.k)] = _difference(one)
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
    width = max(10, *(len(key) + 1 for key in report if _is_score(key)))
    for key, value in report.items():
        if _is_score(key):
            line = f"  {key:<{width}}{_percent(value):>8}"
            if report["intervals"] is not None and value is not None:
                line += _band(report["intervals"][key])
            lines.append(line)
    if "posterior_standard_deviation" in report:
        deviation = _percent(report["posterior_standard_deviation"])
        lines.append(f"  posterior standard deviation {deviation}, with these problems")
    for part in ("isolation", "integrity"):
        if report.get(part):
            counted = ", ".join(f"{level}: {n:,}" for level, n in sorted(report[part].items()))
            lines.append(f"  {part:<10} {counted}")
    lines += [f"  note: {remark}" for remark in report["remarks"]]
    for task, counts in report.get("by_problem", {}).items():
        lines.append(f"  {counts['passed']:>6,} of {counts['samples']:>6,}  {task}")
    return "\n".join(lines)


def _comparison_text(report: Report) -> str:
    keys = [key for key in report if _is_score(key)]
    width = max(10, *(len(key) + 1 for key in keys))
    lines = [
        f"A: {report['a']}{_tests(report.get('tests_a', 'all'))}",
        f"B: {report['b']}{_tests(report.get('tests_b', 'all'))}",
        f"{report['shared_problems']:,} problem(s) in common",
        f"  {'':<{width}}{'A':>8}{'B':>8}{'A - B':>9}",
    ]
    for key in keys:
        one = report[key]
        gap = one["difference"]
        line = f"  {key:<{width}}{_percent(one['a']):>8}{_percent(one['b']):>8}"
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


def _is_score(key: str) -> bool:
    """Whether a report says a metric under `key`: "pass@10", "pass^10"."""
    return "@" in key or "^" in key


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
