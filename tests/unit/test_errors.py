"""An error says in parts what its message says in a sentence."""

from __future__ import annotations

import pickle

import pytest

from lintseq_core import RecordError


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "no edit"),
        ({"field": "stop"}, "stop: no edit"),
        ({"place": "f, row 2"}, "f, row 2: no edit"),
        ({"field": "a[0].b", "place": "f", "remedy": "mend it"}, "f: a[0].b: no edit; mend it"),
    ],
)
def test_the_message_of_a_record_is_made_of_its_parts(parts: dict[str, str], message: str) -> None:
    error = RecordError("no edit", **parts)
    assert str(error) == message
    moved = error.at("elsewhere")
    assert (moved.what, moved.field, moved.remedy) == (error.what, error.field, error.remedy)
    assert moved.place == "elsewhere"


def test_an_error_of_a_record_comes_whole_from_another_process() -> None:
    error = RecordError("is missing", field="stop", place="f, row 2", remedy="write it")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), vars(copy)) == (str(error), vars(error))
    assert str(copy) == "f, row 2: stop is missing; write it"
