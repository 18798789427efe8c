"""The exercise "predict the next edit": what the browser is given."""

from __future__ import annotations

import json

import pytest

from lintseq_core import LintSeqError, Program, sample_path, sample_randseq
from lintseq_core.edits.legal import legal_edits
from lintseq_core.viewer import build_predict_payload
from tests.conftest import PROJECT

PROGRAM = Program.from_text("# sums\na = 1\n\nb = a + a\nprint(b)\n")


def test_a_round_holds_every_edit_with_its_share_and_its_reasons() -> None:
    sequence = sample_path(PROGRAM, seed=0)

    payload = build_predict_payload(sequence, title="sums")

    assert (payload["format"], payload["version"], payload["title"]) == (
        "lintseq-predict",
        1,
        "sums",
    )
    assert payload["free"] == [0, 2] and payload["lines"] == list(PROGRAM.lines)
    first = payload["rounds"][0]
    # Step 0 has nothing to come but the comment and the blank line.
    assert first["step"] == 1
    told = {tuple(lines): (share, root, [payload["sentences"][n] for n in why])
            for lines, share, root, why in first["edits"]}  # fmt: skip
    assert told.keys() == {(1,), (1, 3), (1, 3, 4)}
    assert sum(share for share, _, _ in told.values()) == pytest.approx(1, abs=1e-5)
    assert told[1, 3, 4][1:] == (
        1,
        ["Line 4 uses `a`, which line 2 brings.", "Line 5 uses `b`, which line 4 brings."],
    )


def test_the_edit_of_the_sequence_is_named_in_every_round() -> None:
    program = Program.from_file(PROJECT / "assets" / "programs" / "prime_search.py")
    for seed in range(5):
        sequence = sample_path(program, seed=seed)
        payload = build_predict_payload(sequence)
        for one in payload["rounds"]:
            inserted = {n for n, birth in enumerate(sequence.birth_steps) if birth == one["step"]}
            assert set(one["edits"][one["drawn"]][0]) == inserted - set(payload["free"])
            assert len(one["edits"]) <= len(legal_edits(sequence, steps=[one["step"]])[one["step"]])


def test_edits_that_differ_in_blank_lines_alone_are_one() -> None:
    program = Program.from_file(PROJECT / "assets" / "programs" / "prime_search.py")
    payload = build_predict_payload(sample_path(program, seed=0))
    for one in payload["rounds"]:
        keys = [tuple(lines) for lines, *_ in one["edits"]]
        assert len(set(keys)) == len(keys)
        assert not set().union(*keys) & set(payload["free"])


def test_steps_can_be_chosen() -> None:
    payload = build_predict_payload(sample_path(PROGRAM, seed=0), steps=[1])
    assert [one["step"] for one in payload["rounds"]] == [1]


def test_equal_exercises_have_one_id_and_are_json() -> None:
    one, other = (build_predict_payload(sample_path(PROGRAM, seed=0)) for _ in range(2))
    assert one["id"] == other["id"] and json.loads(json.dumps(one)) == other


def test_what_cannot_be_an_exercise_is_said_in_words() -> None:
    import random

    with pytest.raises(LintSeqError, match="no step of this sequence can be an exercise"):
        build_predict_payload(sample_path(PROGRAM, seed=0), steps=[0])
    with pytest.raises(LintSeqError, match="programs up to 400 lines, this one has 401"):
        long = Program.from_text("".join(f"a{n} = 1\n" for n in range(401)))
        build_predict_payload(sample_randseq(long, rng=random.Random(0)))
