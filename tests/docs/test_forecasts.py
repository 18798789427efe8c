"""docs/forecasts.md: what it says of the models is what the program measures."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from docs import forecast_truths
from docs.forecast_truths import TRUTHS
from docs.forecasts import (
    LEAST_COVERAGE,
    SHARE,
    Cell,
    best_model,
    measure,
    measure_planning,
    page,
)
from lintseq_core.metrics.forecast import DEFAULT_MODEL, IS_RELIABLE, MODEL_NAMES, ModelName

PAGE = Path(__file__).resolve().parents[2] / "docs" / "forecasts.md"


def test_truths_share_no_code_with_the_models() -> None:
    tree = ast.parse(Path(forecast_truths.__file__).read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [one.name for one in node.names]
        )
    }
    assert imported == {"__future__", "collections", "dataclasses", "numpy"}
    assert len(TRUTHS) >= 5


@pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: truth.name)
def test_pass_at_k_of_a_truth_is_that_of_its_draws(truth: forecast_truths.Truth) -> None:
    rates = truth.draw(np.random.default_rng(0), 200_000)
    for k in (1, 20, 1_000):
        assert truth.solved(k) == pytest.approx((1 - (1 - rates) ** k).mean(), abs=4e-3)


def test_the_default_is_the_best_of_those_that_cover() -> None:
    def cell(model: ModelName, coverage: float, score: float) -> Cell:
        return Cell("t", model, coverage, 0.1, 0.0, score)

    first, second, third, _ = MODEL_NAMES
    cells = [cell(first, 0.95, 0.4), cell(second, 0.92, 0.3), cell(third, 0.89, 0.1)]
    assert best_model(cells) == second
    assert best_model([cell(first, 0.8, 0.4)]) is None and LEAST_COVERAGE == 0.9


def test_the_default_is_what_the_page_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = re.search(r"By this table the default is \*\*(.+?)\*\*", text)
    assert (named is not None) is IS_RELIABLE
    assert named is None or named[1] == DEFAULT_MODEL
    assert IS_RELIABLE or "No model holds the truth in 90% of runs" in text


def test_planned_draws_save_what_the_page_says() -> None:
    row = next(line for line in PAGE.read_text(encoding="utf-8").splitlines()
               if line.startswith("| Beta(0.3, 1.2) |") and "(±" in line)  # fmt: skip
    equal, equal_width, planned, planned_width = (
        re.findall(r"\| ([\d,]+) \| ([\d.]+)", row)[0]
        + (re.findall(r"\| ([\d,]+) \| ([\d.]+)", row)[1])
    )
    assert int(planned.replace(",", "")) <= 0.7 * int(equal.replace(",", ""))
    assert float(planned_width) <= float(equal_width)
    bias, error = map(float, re.search(r"([+-][\d.]+) \(± ([\d.]+)\)", row).groups())  # type: ignore[union-attr]
    assert abs(bias) <= 3 * error and SHARE <= 0.7


@pytest.mark.full
def test_the_page_is_what_the_program_measures() -> None:
    cells = measure(20)
    text = page(cells, [], measure_planning(10))
    assert text.splitlines()[:20] == PAGE.read_text(encoding="utf-8").splitlines()[:20]
    assert (best_model(cells) is not None) is IS_RELIABLE
