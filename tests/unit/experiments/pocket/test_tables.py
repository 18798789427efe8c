"""Tables and judgements, from counts whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lintseq_core.edits.formats import UNIFIED
from lintseq_core.experiments.claims import Claim, Judgement
from lintseq_core.experiments.pocket import claims
from lintseq_core.experiments.pocket.study import LINTSEQ, RANDSEQ, WHOLE, Cell
from lintseq_core.experiments.pocket.tables import (
    Counted,
    format_row,
    judgements,
    pilot_score,
    tables,
)
from tests.unit.experiments.pocket.made import STUDY, counted, counts, task

PAPERS, PLACED = LINTSEQ[UNIFIED], LINTSEQ["placed"]
ARMS = (WHOLE, PAPERS, PLACED, RANDSEQ)


def judged(cells: Counted, claim: Claim) -> Judgement:
    (found,) = [one for one in judgements(cells, STUDY) if one.claim is claim]
    return found


def solving(*arms: object) -> Counted:
    """These arms solve all, the others nothing."""
    return counted(ARMS, lambda cell, _: cell.asked.n_samples if cell.arm in arms else 0)


def halves(cell: Cell, index: int) -> int:
    return cell.asked.n_samples // 2 if index % 2 else 0


@pytest.mark.parametrize(
    ("claim", "better", "worse"),
    [
        (claims.LINTER_HELPS, PAPERS, RANDSEQ),
        (claims.EDITS_HELP, PAPERS, WHOLE),
        (claims.FORMAT_MATTERS, PLACED, PAPERS),
    ],
)
def test_a_claim_holds_where_one_arm_solves_all_and_the_other_nothing(
    claim: Claim, better: object, worse: object
) -> None:
    found = judged(solving(better), claim)
    assert (found.verdict, found.effect.estimate) == ("holds", 100)
    found = judged(solving(worse), claim)
    assert (found.verdict, found.effect.estimate) == ("does not hold", -100)


@pytest.mark.parametrize("claim", claims.CLAIMS)
def test_without_a_difference_no_claim_can_be_told(claim: Claim) -> None:
    for solved in (halves, lambda cell, _: cell.asked.n_samples, lambda *_: 0):
        assert judged(counted(ARMS, solved), claim).verdict == "cannot be told"


def test_harder_tasks_are_judged_apart() -> None:
    def solved(cell: Cell, _: int) -> int:
        return cell.asked.n_samples if (cell.tasks == "harder") == (cell.arm is PAPERS) else 0

    cells = counted(ARMS, solved)
    assert judged(cells, claims.LINTER_HELPS).verdict == "does not hold"
    harder = [one for one in judgements(cells, STUDY) if "(harder tasks)" in one.claim.statement]
    assert [one.verdict for one in harder] == ["holds", "holds", "cannot be told"]
    scores = [row for row in tables(cells)["scores"].rows() if row["asked"] == "harder"]
    assert {(row["arm"], row["pass_at_k"]) for row in scores if row["reading"] == "lenient"} == {
        (arm.name, float(arm is PAPERS)) for arm in ARMS
    }


def test_growth_is_from_one_try_to_fifty() -> None:
    def solved(cell: Cell, _: int) -> int:
        return cell.asked.n_samples // 10 if cell.arm is PAPERS else cell.asked.n_samples

    found = judged(counted(ARMS, solved), claims.EDITS_GROW)
    assert (found.verdict, found.effect.estimate) == ("holds", pytest.approx(90))


def test_correct_programs_are_more_diverse_where_as_many_have_more_trees() -> None:
    cells = counted(ARMS, lambda cell, _: cell.asked.n_samples)
    for cell, one in cells.items():
        if cell.arm is PAPERS:
            trees = [(1,) * (each.n - index % 3) + (1 + index % 3,) * (index % 3 > 0)
                     for index, each in enumerate(one.tasks)]  # fmt: skip
            tasks = [
                replace(each, passed_trees=t) for each, t in zip(one.tasks, trees, strict=True)
            ]
            cells[cell] = replace(one, tasks=tuple(tasks))
    found = judged(cells, claims.MORE_DIVERSE)
    assert found.verdict == "holds" and 3 < found.effect.estimate <= 4


def test_the_gap_closes_where_edits_catch_up() -> None:
    def solved(cell: Cell, index: int) -> int:
        late = cell.tokens == STUDY.tokens
        return cell.asked.n_samples if cell.arm is WHOLE or (late and index) else 0

    found = judged(counted(ARMS, solved), claims.GAP_CLOSES)
    assert found.verdict == "holds" and found.effect.estimate == pytest.approx(97.5)


def test_the_gap_does_not_close_where_edits_fall_back() -> None:
    def solved(cell: Cell, index: int) -> int:
        late = cell.tokens == STUDY.tokens
        return cell.asked.n_samples if cell.arm is WHOLE or not late or not index else 0

    assert judged(counted(ARMS, solved), claims.GAP_CLOSES).verdict == "does not hold"


@pytest.mark.parametrize(
    ("missing", "claim"),
    [
        (RANDSEQ, claims.LINTER_HELPS),
        (WHOLE, claims.EDITS_HELP),
        (WHOLE, claims.EDITS_GROW),
        (WHOLE, claims.MORE_DIVERSE),
        (PLACED, claims.FORMAT_MATTERS),
        (WHOLE, claims.GAP_CLOSES),
    ],
)
def test_what_was_not_run_is_untold(missing: object, claim: Claim) -> None:
    cells = counted([arm for arm in ARMS if arm is not missing], halves)
    found = judged(cells, claim)
    assert found.verdict == "cannot be told"
    assert "does not have" in found.words or "no format better" in found.words


def test_a_claim_is_of_the_seeds_that_are_done() -> None:
    cells = {cell: one for cell, one in solving(PAPERS).items() if cell.seed == 1}
    assert "1 seed an arm" in judged(cells, claims.LINTER_HELPS).words
    assert "points, 95% interval" in judged(cells, claims.LINTER_HELPS).words
    assert judged(cells, claims.LINTER_HELPS).verdict == "cannot be told"
    assert "3 seeds an arm" in judged(solving(PAPERS), claims.LINTER_HELPS).words


def test_tables_have_the_scores_of_every_setting() -> None:
    found = tables(counted((WHOLE, PAPERS), halves))
    scores = list(found["scores"].rows())
    assert len(scores) == 13 + 26  # 2 + 2 + 3 + 3 + 3 of each arm and reading
    at_one = [row for row in scores if row["k"] == 1 and row["reading"] == "lenient"]
    assert [row["pass_at_k"] for row in at_one] == pytest.approx([0.25] * len(at_one))
    assert {row["by_seed"] for row in at_one} == {"0.2500 0.2500 0.2500"}
    assert all(row["low"] < 0.25 < row["high"] for row in at_one)
    assert {row["reading"] for row in scores if row["arm"] == "whole"} == {"lenient"}
    strict = [row for row in scores if row["reading"] == "strict" and row["k"] == 1]
    assert {round(row["pass_at_k"], 2) for row in strict} == {0.1, 0.12}
    assert {row["k"] for row in scores if row["trained_tokens"] < STUDY.tokens} == {1, 10}
    programs = {row["arm"]: row for row in found["programs"].rows()}
    assert programs["whole"]["well_formed"] is None
    assert programs[PAPERS.name]["well_formed"] == 0.98
    assert {row["difference"] for row in found["differences"].rows()} == {0.0}


def test_formats_are_ranked_by_what_they_solve_in_ten_tries() -> None:
    some, most = (counts(task(i, 50, 10 + more) for i in range(9)) for more in (0, 20))
    assert 0 < pilot_score(some) < pilot_score(most) < 1
    nats = {"nats": {"content": 9.0}, "texts": 3, "tokens": {"content": 30, "count": 3}}
    row = format_row("placed", 0.01, some, nats)
    assert (row["nats of content"], row["nats of count"], row["tokens of count"]) == (3, 0, 1)
    assert row["pass@1"] == pytest.approx(0.2) and row["strict pass@1"] == pytest.approx(0.1)
    assert (row["tasks"], row["samples"], row["well_formed"]) == (9, 450, 0.98)
    assert row["low@10"] < row["pass@10"] < row["high@10"]
