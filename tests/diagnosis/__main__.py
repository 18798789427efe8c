"""Measures how well faults of harnesses are told, and writes the table of docs/diagnosis.md.

    python -m tests.diagnosis --data FOLDER [--seed 1] [--write] [--allow-execution]

FOLDER holds HumanEvalPlus.jsonl.gz, MbppPlus.jsonl.gz and mbpp.jsonl. With --allow-execution only
answers count that pass their tests, in boxes, before a fault is put into them. Detector and injector
were written with the faults of seed 0 in view: another seed says how well they do where nobody looked.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from lintseq_core.benchmarks import get_benchmark
from lintseq_core.results.diagnosis.diagnose import diagnose
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.record import installed_versions
from lintseq_core.results.sample import Sample
from tests.diagnosis.injector import ALL
from tests.diagnosis.measuring import PAIRS, SHARES, Corpus, Found, corpora, measure, whole_text

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "diagnosis.md"
START, END = "<!-- measured -->\n", "<!-- end of measured -->\n"


def only_passing(corpus: Corpus) -> Corpus:
    """`corpus` without the answers that do not pass their tests."""
    from lintseq_core.execution import pool
    from lintseq_core.execution.selfcheck import choose
    from lintseq_core.execution.verdict import Isolation

    backend, _ = choose(Isolation.BOX)
    passed: set[int] = set()
    try:
        pool.run(
            (
                pool.Task(at, whole_text(one), corpus.problems.named(one.task_id).tests)
                for at, one in enumerate(corpus.answers)
            ),
            backend,
            lambda key, outcome: passed.add(key) if outcome.verdict == "passed" else None,
            workers=pool.default_workers(),
        )
    finally:
        backend.close()
    kept = [one for at, one in enumerate(corpus.answers) if at in passed]
    ids = {one.task_id for one in kept}
    problems = corpus.problems.select(one for one in corpus.problems if one.task_id in ids)
    return replace(corpus, answers=kept, problems=problems)


def recalls(all_corpora: list[Corpus], folder: Path, seed: int) -> list[str]:
    """Two tables: by kind and share, and by tool."""
    found: dict[tuple[str, float], Found] = defaultdict(Found)
    by_tool: dict[str, Found] = defaultdict(Found)
    for corpus in all_corpora:
        for kind in ALL:
            for share in SHARES:
                counts = measure(corpus, (kind,), share, folder, seed)
                if counts is not None:
                    _add(found[kind, share], counts[kind])
                    _add(by_tool[f"{corpus.tool}, {corpus.name}"], counts[kind])
    pairs: dict[str, list[float]] = defaultdict(list)
    for corpus in (all_corpora[1], all_corpora[3]):  # whole programs can have every fault
        for pair in PAIRS:
            for kind, count in (measure(corpus, pair, 0.3, folder, seed) or {}).items():
                pairs[kind].append(count.recall)
    heads = [f"{share:.0%} of samples" for share in SHARES]
    lines = [
        f"| fault | {' | '.join(heads)} | in pairs | worst pair |",
        f"|---|{'---|' * (len(SHARES) + 2)}",
    ]
    for kind in ALL:
        cells = [_percent(found[kind, share]) for share in SHARES]
        both = pairs[kind]
        cells += [f"{statistics.mean(both):.1%}", f"{min(both):.0%}"] if both else ["–", "–"]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    lines += ["", "| file of | found of all kinds | named and not injected |", "|---|---|---|"]
    for tool, count in by_tool.items():
        lines.append(f"| {tool} | {_percent(count)} | {count.others:,} |")
    return lines


def _add(total: Found, more: Found) -> None:
    total.injected += more.injected
    total.named += more.named
    total.others += more.others


def _percent(count: Found) -> str:
    return f"{count.recall:.1%} of {count.injected:,}" if count.injected else "–"


def alarms(all_corpora: list[Corpus]) -> list[str]:
    """A table of sets in which nothing is wrong."""
    lines = ["| clean set | samples | kinds named |", "|---|---|---|"]
    for corpus in all_corpora:
        for what, strips in (("as published", False), ("ends stripped", True)):
            rows = [
                Sample(one.task_id, 0, solution=one.reference.rstrip() if strips else one.reference)
                for one in corpus.problems
            ]
            found = diagnose(rows, corpus.benchmark, corpus.problems)
            name = f"solutions of {corpus.benchmark.name}, {what}"
            line = f"| {name} | {len(rows):,} | {', '.join(found.shares) or 'none'} |"
            if line not in lines:
                lines.append(line)
    pocket = get_benchmark("pocket")
    tasks = pocket.problems()
    found = diagnose(
        (Sample(one.task_id, 0, solution=one.reference) for one in tasks), pocket, tasks
    )
    lines.append(f"| solutions of pocket | {len(tasks):,} | {', '.join(found.shares) or 'none'} |")
    basics = get_benchmark("basics")
    for path in shipped_samples():
        file = recognise(Input(path, path.name))
        found = diagnose(file.samples(), basics, basics.problems())
        named = ", ".join(found.shares) or "none"
        lines.append(f"| samples of a model: {path.stem} | {len(found.samples):,} | {named} |")
    return lines


def shipped_samples() -> Iterable[Path]:
    """The files of samples of real models that ship."""
    return sorted((ROOT / "assets" / "generations" / "samples").glob("*.jsonl"))


def speed() -> str:
    """How long 20 samples of each problem of HumanEval take, in CPU time."""
    benchmark = get_benchmark("humaneval")
    problems = benchmark.problems()
    samples = [
        Sample(one.task_id, number, completion=f"{one.reference[len(one.prompt) :]}# {number}\n")
        for one in problems
        for number in range(20)
    ]
    start = time.process_time()
    diagnose(samples, benchmark, problems)
    took = time.process_time() - start
    return f"{len(samples):,} samples, 20 of each problem of HumanEval: {took:.1f} s of CPU time."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--write", action="store_true", help="put the tables into docs/diagnosis.md"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the faults that are drawn")
    parser.add_argument("--allow-execution", action="store_true")
    chosen = parser.parse_args()
    all_corpora = corpora(chosen.data)
    which = "Answers were not run before."
    if chosen.allow_execution:
        before = sum(len(one.answers) for one in all_corpora)
        all_corpora = [only_passing(one) for one in all_corpora]
        after = sum(len(one.answers) for one in all_corpora)
        which = f"Of {before:,} answers the {after:,} that pass their tests when whole were taken."
    with tempfile.TemporaryDirectory() as folder:
        recall = recalls(all_corpora, Path(folder), chosen.seed)
    versions = installed_versions()
    made = (
        f"{datetime.now(UTC):%Y-%m-%d}, Python {versions['python']}, faults of seed {chosen.seed}. "
        f"{which}"
    )
    text = "\n".join([*recall, "", *alarms(all_corpora), "", speed(), "", made, ""])
    print(text)
    if chosen.write:
        page = PAGE.read_text(encoding="utf-8")
        head, _, rest = page.partition(START)
        PAGE.write_text(f"{head}{START}\n{text}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
