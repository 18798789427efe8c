"""What every arm of the experiments comes to at the smallest size: training, samples, verdicts.

LINTSEQ_UPDATE_GOLDEN=1 writes the records anew.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.experiments.instruction_tuning import ONE
from lintseq_core.experiments.pipeline import by_heart
from lintseq_core.experiments.pipeline.arms import Arm
from lintseq_core.generation.sampling import SamplingSettings

HERE = Path(__file__).resolve().parent / "arms"
SHORT = SamplingSettings(temperature=1.0, top_p=0.95, max_tokens=64)
EVERY = (
    Arm("whole programs", "whole", 1, sampling=SHORT),
    Arm("LintSeq", "lintseq", 2, sampling=SHORT),
    Arm(ONE, "lintseq", 1, sampling=SHORT),
    Arm("RandSeq", "randseq", 2, sampling=SHORT),
    Arm("T 0.2, top-p 0.95, min-p 0", "lintseq", 2, sampling=SamplingSettings(0.2, 0.95, 0.0, 48)),
    Arm("T 1, top-p 1, min-p 0.05", "lintseq", 2, sampling=SamplingSettings(1.0, 1.0, 0.05, 48)),
)
"""Each way to teach and to draw that an experiment has in its profile `smoke`."""


@pytest.fixture(scope="module")
def outcome() -> by_heart.ArmsOutcome:
    found = by_heart.run_recipe(by_heart.smoke_recipe(EVERY))
    if found.isolation is None:
        pytest.skip("no box on this machine, so no verdict to compare")
    return found


def record_of(outcome: by_heart.ArmsOutcome, name: str) -> dict[str, Any]:
    (arm,) = (one for one in outcome.cells if one.cell.arm.name == name)
    frames = {
        "training": by_heart.training_frame(outcome),
        "scores": by_heart.score_frame(outcome, (1, 4)),
        "verdicts": by_heart.verdict_frame(outcome),
        "errors": by_heart.lint_frame(outcome),
        "diversity": by_heart.diversity_frame(outcome),
    }
    tables = {
        table: [row for row in frame.rows() if row["arm"] == name]
        for table, frame in frames.items()
    }
    texts = {task: [end.text for end in ends] for task, ends in arm.ends.items()}
    return {**tables, "losses": list(outcome.trainings[name].losses), "texts": texts}


@pytest.mark.parametrize("name", [arm.name for arm in EVERY])
def test_a_recorded_arm_is_trained_drawn_and_judged_again(outcome, name):
    record = record_of(outcome, name)
    file = HERE / f"{re.sub(r'[^a-zA-Z0-9.]+', '_', name)}.json"
    if os.environ.get("LINTSEQ_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    known = file.read_text(encoding="utf-8")
    # Sums of floats may end differently on another processor; what is drawn and judged may not.
    told = json.loads(json.dumps(record), parse_constant=str)
    assert told == json.loads(known, parse_constant=str, parse_float=close)


def close(text: str) -> Any:
    return pytest.approx(float(text), rel=1e-4)
