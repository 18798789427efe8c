"""Every value of every known format replaced by an odd one: a line that names it, never a crash.

One file of each format is changed at one place at a time, then read, counted, made a table and
exported. What is damaged as a whole stands in test_foreign_files.py.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.data.rows import rows_of
from lintseq_core.errors import LONGEST_MESSAGE, LintSeqError
from lintseq_core.results.formats.bigcode_harness import read_scores
from lintseq_core.results.formats.export import EXPORT_NAMES, export
from lintseq_core.results.formats.fault import Fault
from lintseq_core.results.formats.reading import Input
from lintseq_core.results.formats.recognise import recognise
from lintseq_core.results.samples.importing import import_file
from lintseq_core.results.scores.tally import tally, tally_by_temperature

ODD = [
    10**400, -(10**400), 1 << 63, 1 << 60, -1, 0, 1e308, float("inf"), float("nan"), True, None, "",
    "\0", "\ud800", "a\nb\u2028c", "x" * 5_000, [], [[[]]], {}, {"": None}, [None, 1, "\udfff"],
]  # fmt: skip
N_ROWS, DEEPEST = 2, 5
IS_FULL = os.environ.get("HYPOTHESIS_PROFILE") == "full"
MOST_VERSIONS = 100_000 if IS_FULL else 100

FORMATS = Path(__file__).parents[1] / "data" / "formats"
FILES = sorted(
    path for path in (*FORMATS.glob("*.json*"), *(FORMATS / "made").glob("*.json*"))
    if path.stat().st_size < 200_000
)  # fmt: skip


def odd_versions(value: Any, depth: int = 0) -> Iterator[Any]:
    """`value` with one place of it replaced, for each place and each odd value."""
    if depth:
        yield from ODD
    if depth >= DEEPEST:
        return
    if isinstance(value, dict):  # of all names
        for name, inner in value.items():
            for odd in odd_versions(inner, depth + 1):
                yield {**value, name: odd}
    elif isinstance(value, list):
        for place, inner in enumerate(value[:N_ROWS]):
            for odd in odd_versions(inner, depth + 1):
                yield [*value[:place], odd, *value[place + 1 :]]


def changed_files(path: Path) -> Iterator[str]:
    """The texts of `path` with one odd value."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        yield from map(json.dumps, odd_versions(json.loads(text)))
        return
    first, *rest = text.splitlines()
    for odd in odd_versions(json.loads(first)):
        yield "\n".join([json.dumps(odd), *rest[: N_ROWS - 1]])


def some_changed_files(path: Path) -> list[str]:
    """At most `MOST_VERSIONS` of them, always the same."""
    texts = list(changed_files(path))
    return random.Random(0).sample(texts, min(len(texts), MOST_VERSIONS))


def faults_of(uses: Mapping[str, Callable[[], object]], text: str) -> list[str]:
    """What crashed, and on what; a LintSeqError is no fault if it can be printed."""
    wrong = []
    for name, use in uses.items():
        try:
            use()
        except LintSeqError as error:
            check_message(error)
        except Exception as error:
            wrong.append(f"{name}: {type(error).__name__}: {error}"[:150] + f" {text[:300]}")
    return wrong


def uses(path: Path, out: Path, number: int) -> dict[str, Callable[[], object]]:
    """What is done with a file of samples, by name; exports take turns by `number`."""

    def sound() -> Iterator[Any]:
        for sample in recognise(Input(path, path.name)).each():
            if not isinstance(sample, Fault):
                yield sample
            else:
                check_message(sample)

    found = {
        "count": lambda: tally(sound(), path.name),
        "count by temperature": lambda: tally_by_temperature(sound(), path.name),
        "scores": lambda: read_scores(Input(path, path.name)),
        "table": lambda: import_file(path, out / "table"),
    }
    to = EXPORT_NAMES[number % len(EXPORT_NAMES)]
    found[f"export to {to}"] = lambda: export(sound(), str(out / to), to, {})
    return found


def check_message(error: LintSeqError | Fault) -> None:
    message = str(error)
    assert len(message.splitlines()) == 1 and len(message) <= LONGEST_MESSAGE
    message.encode()  # no half characters


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FORMATS)))
def test_an_odd_value_is_read_or_named(path: Path, tmp_path: Path) -> None:
    changed = tmp_path / path.name
    wrong = []
    for number, text in enumerate(some_changed_files(path)):
        changed.write_text(text, encoding="utf-8")
        out = tmp_path / str(number)
        out.mkdir()
        wrong += faults_of(uses(changed, out, number), text)
    assert not wrong, f"{len(wrong)}: " + "\n".join(wrong[:20])


@pytest.mark.parametrize("layout", ["lintseq", "pylintseq", "messages", "prompt-completion"])
def test_an_odd_value_of_a_data_set_is_read_or_named(layout: str, tmp_path: Path) -> None:
    source, built = tmp_path / "source.jsonl", tmp_path / "built.jsonl"
    program = (
        "def total(numbers):\n    n = 0\n    for one in numbers:\n        n += one\n    return n\n"
    )
    source.write_text(json.dumps({"instruction": "Add up.", "response": program}) + "\n")
    command = [sys.executable, "-m", "lintseq_core", "dataset", "build", str(source), "-s", "2"]
    command += ["--layout", layout, "-o", str(built), *["--reasons"] * (layout == "lintseq")]
    subprocess.run(command, check=True, capture_output=True)
    changed = tmp_path / "changed.jsonl"

    def rows() -> None:
        for row in rows_of(changed):
            if isinstance(row, tuple):
                check_message(LintSeqError(row[1]))

    wrong = []
    for number, text in enumerate(some_changed_files(built)):
        changed.write_text(text, encoding="utf-8")
        table = partial(import_file, changed, tmp_path / str(number))
        wrong += faults_of({"read": rows, "table": table}, text)
    assert not wrong, f"{len(wrong)}: " + "\n".join(wrong[:20])
