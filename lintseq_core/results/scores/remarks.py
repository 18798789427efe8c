"""What a reader of a pass@k must know, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lintseq_core.results.formats.format import REMARKS
from lintseq_core.results.formats.inspect_logs import STATUS
from lintseq_core.results.record import RunRecord
from lintseq_core.results.scores.tally import Tally
from lintseq_core.results.styles import doubt

_PROBLEMS = {"Basics": 24, "HumanEval": 164, "BigCodeBench": 1_140}
"""Problems of benchmarks whose task_ids tell them and that have one size."""


def remarks(found: Tally, record: RunRecord | None, ks: Sequence[int]) -> tuple[str, ...]:
    """One sentence for each thing that limits what the scores of `found` mean."""
    return tuple(
        remark
        for remark in (
            _partial(found, record),
            _too_few(found, ks),
            _unequal(found),
            _single(found, ks),
            _repeated(found),
            _copies(found, ks),
            _isolation(found),
            _integrity(found),
            _flaky(found),
            _style(found, record),
            _reference(found),
        )
        if remark
    )


def file_remarks(meta: Mapping[str, Any]) -> tuple[str, ...]:
    """One sentence for each thing that a file as a whole says of its verdicts, once it is read."""
    status = meta.get(STATUS, "success")
    broken = f"the log says {status!r} of its run: samples may be missing"
    return (*meta.get(REMARKS, ()), *([broken] if status != "success" else []))


def _partial(found: Tally, record: RunRecord | None) -> str:
    missing = _missing(found)
    if record is not None and record.promised:
        return missing
    here = f"{_count(len(found.task_ids), 'problem')} and {_count(found.n_samples, 'sample')}"
    said = f"no run record says how many rows to expect: scored on {here}"
    return f"{said}; {missing}" if missing else said


def _missing(found: Tally) -> str:
    """That some problems of the benchmark have no row; "" if none, or if its size is not known."""
    benchmark = {task_id.partition("/")[0] for task_id in found.task_ids}
    name = next(iter(benchmark)) if len(benchmark) == 1 else ""
    absent = _PROBLEMS.get(name, 0) - len(found.task_ids)
    return (
        f"{absent:,} of the {_PROBLEMS[name]:,} problems of {name} are missing"
        if absent > 0
        else ""
    )


def _too_few(found: Tally, ks: Sequence[int]) -> str:
    short = [k for k in ks if k > min(found.n)]
    if not short:
        return ""
    parts = []
    for k in short:
        fewer = sum(n < k for n in found.n)
        if fewer == len(found.n):
            parts.append(f"pass@{k} needs {k} samples a problem and no problem has as many")
        else:
            parts.append(
                f"pass@{k} leaves out {_count(fewer, 'problem')} with fewer than {k} samples"
            )
    return "; ".join(parts)


def _unequal(found: Tally) -> str:
    least, most = min(found.n), max(found.n)
    if least == most:
        return ""
    return f"unequal numbers of samples, {least} to {most} a problem; every problem weighs the same"


def _single(found: Tally, ks: Sequence[int]) -> str:
    if max(found.n) > 1:
        return ""
    return (
        "one sample a problem: pass@1 is the share of problems solved, and nothing can be said "
        "about larger k; draw more samples at a temperature above 0"
    )


def _repeated(found: Tally) -> str:
    if not found.repeated:
        return ""
    repeat = "repeats" if found.repeated == 1 else "repeat"
    rows = f"{_count(found.repeated, 'row')} that {repeat} a sample with the same verdict"
    return f"{rows}: each sample is counted once"


def _copies(found: Tally, ks: Sequence[int]) -> str:
    if not found.copies:
        return ""
    if found.copies == found.texts - len(found.task_ids) and max(found.n) > 1:
        return (
            "all samples of a problem are one text, as from greedy decoding: larger k say "
            "nothing that pass@1 does not"
        )
    return (
        f"{found.copies:,} of {found.texts:,} samples have the text of an earlier sample of "
        "their problem"
    )


def _isolation(found: Tally) -> str:
    weak = {level: n for level, n in sorted(found.isolation.items()) if level < "L3"}
    if not weak:
        return ""
    levels = ", ".join(f"{n:,} at {level}" for level, n in weak.items())
    return f"programs ran with less isolation than L3: {levels}"


def _integrity(found: Tally) -> str:
    weak = {level: n for level, n in sorted(found.integrity.items()) if level < "I2"}
    if not weak:
        return ""
    levels = ", ".join(f"{n:,} at {level}" for level, n in weak.items())
    return f"decided beside the program, which could have forged the verdict: {levels}"


def _flaky(found: Tally) -> str:
    flaky = found.flags.get("flaky", 0)
    if not flaky:
        return ""
    return f"timed out at first, then decided by running alone: {_count(flaky, 'sample')}"


def _style(found: Tally, record: RunRecord | None) -> str:
    """What style the samples were read in, where it was told from them; and reason to doubt it."""
    config = {} if record is None else record.config
    style = str(config.get("style", ""))
    detected = config.get("style_from", {})
    said = ""
    if isinstance(detected, dict) and detected.get("detected") and style != "completion":
        said = f"read in the style {style!r}, which was told from the samples"
    if not style and not sum(found.c) and found.style_votes.get("instruction"):
        votes = found.style_votes
        said = (
            f"no sample passes, and {votes['instruction']:,} of {sum(votes.values()):,} texts are "
            "answers with code fences: were these run as code? lintseq evaluate takes the code out"
        )
    return "; ".join(filter(None, (said, doubt(found.uncompiled, found.n_samples, style))))


def _reference(found: Tally) -> str:
    unmeasured = found.flags.get("reference_failed", 0)
    if not unmeasured:
        return ""
    return (
        "timed out at first, with the default limit, as the reference solution does not pass here: "
        f"{_count(unmeasured, 'sample')}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
