"""docs/training.md and docs/generation.md say what is there."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
from typer.main import get_command

from lintseq_core.cli import app
from lintseq_core.generation.steps import SampleEnd
from lintseq_core.generation.trace import TraceHeader, event_record
from lintseq_core.training.metrics_log import StepMetrics
from tests.unit.generation.scripted import scripted_model, spelled
from tests.unit.generation.test_stepwise import GOOD
from tests.unit.generation.test_stepwise import run as run_stepwise

DOCS = Path(__file__).resolve().parents[2] / "docs"
TRAINING, GENERATION = ((DOCS / name).read_text() for name in ("training.md", "generation.md"))


def commands(text: str) -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    found = (re.search(r"(?:^| -m )lintseq(?:_core)? (.*)", line) for line in lines)
    return [match[1] for match in found if match]


@pytest.mark.parametrize("command", [*commands(TRAINING), *commands(GENERATION)])
def test_commands_name_real_options(command: str) -> None:
    words = shlex.split(command.split("#", maxsplit=1)[0])
    known = get_command(app).commands[words[0]]  # type: ignore[attr-defined]
    if hasattr(known, "commands"):
        known = known.commands[words[1]]
    options = {option for param in known.params for option in param.opts}
    assert {word for word in words if re.match(r"--?[a-z]", word)} <= options


def test_every_field_of_metrics_is_explained() -> None:
    table = TRAINING.partition("`metrics.jsonl`, one")[2].partition("\n\n`--tracker")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert named == [field.name for field in fields(StepMetrics)]


def test_every_field_of_a_trace_is_named() -> None:
    steps, ends = run_stepwise(scripted_model(spelled(GOOD)))
    rows = {kind: row for kind, row in re.findall(r"^\| `(\w+)`[^|]*\|(.*)\|$", GENERATION, re.M)}
    for event in (steps[0], ends[0]):
        record = event_record(event)
        kind = "end" if isinstance(event, SampleEnd) else "step"
        assert set(re.findall(r"`(\w+)`", rows[kind])) == record.keys() - {"kind"}
    named = set(re.findall(r"`(\w+)`", rows["trace"])) - {"stepwise", "whole"}
    assert named == {"schema_version", *(field.name for field in fields(TraceHeader))}
