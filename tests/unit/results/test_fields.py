"""A row that does not fit what its format declares: which field, and in which words."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from msgspec import UNSET, UnsetType, ValidationError, convert, structs

from lintseq_core.errors import LONGEST_WORD
from lintseq_core.execution.verdict import Flag
from lintseq_core.results.formats.export import EXPORT_NAMES
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.fields import (
    Fields,
    Index,
    Number,
    OneSample,
    TaskId,
    other_fields,
    read_fields,
)
from lintseq_core.results.formats.recognise import FORMATS
from lintseq_core.results.sample import Sample


class Row(OneSample):
    task_id: TaskId
    passed: bool
    text: str | None = None
    flag: Flag | None = None
    names: list[str] | None = None
    index: Index | UnsetType = UNSET
    scores: dict[str, Any] | None = None


class Entry(Fields):
    id: TaskId
    number: Number = 1
    answers: list[list[str | None] | str | None] | None = None
    graded: list[bool] | None = None
    score: float | None = None


GOOD = {"task_id": 7, "passed": True}


@pytest.mark.parametrize(
    ("row", "field", "sentence"),
    [
        ({}, "task_id", "no field 'task_id' (it has nothing)"),
        ({"a": 1, "b": 2}, "task_id", "no field 'task_id' (it has a, b)"),
        (GOOD | {"task_id": None}, "task_id", "field 'task_id' is null, expected a string"),
        (GOOD | {"task_id": True}, "task_id", "field 'task_id' is true or false, expected a string"),
        (GOOD | {"task_id": 1.5}, "task_id", "field 'task_id' is a number, expected a string"),
        (GOOD | {"task_id": []}, "task_id", "field 'task_id' is a list; write one row a sample and repeat the task_id"),
        ({"task_id": "a"}, "passed", "field 'passed' is missing, expected true or false"),
        (GOOD | {"passed": None}, "passed", "field 'passed' is null, expected true or false"),
        (GOOD | {"passed": [1]}, "passed", "field 'passed' is a list, expected true or false"),
        (GOOD | {"passed": 1}, "passed", "field 'passed' is a number, expected true or false"),
        (GOOD | {"text": {}}, "text", "field 'text' is an object, expected a string"),
        (GOOD | {"flag": "\ud800"}, "flag", "flag '\\ud800' is unknown; one of flaky, fallback, opaque_value, reference_failed"),
        (GOOD | {"flag": 3}, "flag", "field 'flag' is a number, expected a string"),
        (GOOD | {"names": "a"}, "names", "field 'names' is a string, expected a list of strings"),
        (GOOD | {"names": ["a", 3]}, "names", "field 'names' holds a number, expected strings"),
        (GOOD | {"index": None}, "index", "field 'index' is None, expected a number from 0"),
        (GOOD | {"index": -1}, "index", "field 'index' is -1, expected a number from 0"),
        (GOOD | {"index": 1.0}, "index", "field 'index' is 1.0, expected a number from 0"),
        (GOOD | {"index": True}, "index", "field 'index' is True, expected a number from 0"),
        (GOOD | {"index": "\ud800"}, "index", "field 'index' is '\\ud800', expected a number from 0"),
        (GOOD | {"index": 1 << 53}, "index", "field 'index' is 9007199254740992, expected at most 9,007,199,254,740,991"),
        (GOOD | {"index": 10**400}, "index", "field 'index' is 100000000000000000...0000000000000000000, expected at most 9,007,199,254,740,991"),
        (GOOD | {"scores": [3]}, "scores", "field 'scores' is a list, expected an object"),
    ],
)  # fmt: skip
def test_the_first_field_that_does_not_fit_is_named(
    row: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(FormatError) as caught:
        read_fields(Row, row, "f, row 2")
    assert (caught.value.field, str(caught.value)) == (field, f"f, row 2: {sentence}")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (3, "a number, expected an object"),
        ({"id": ["a"]}, "field 'id' is a list, expected a string"),
        ({"id": "a", "number": 0}, "field 'number' is 0, expected a number from 1"),
        ({"id": "a", "answers": "x"}, "field 'answers' is a string, expected a list"),
        ({"id": "a", "answers": [["x"], [{}]]}, "field 'answers' holds an object, expected strings"),
        ({"id": "a", "answers": [[["x"]]]}, "field 'answers' holds a list, expected strings"),
        ({"id": "a", "answers": [3, "x"]}, "field 'answers' holds a number, expected strings"),
        ({"id": "a", "graded": True}, "field 'graded' is true or false, expected a list of true or false"),
        ({"id": "a", "graded": [True, None]}, "field 'graded' holds null, expected true or false"),
        ({"id": "a", "score": "1"}, "field 'score' is a string, expected a number"),
    ],
)  # fmt: skip
def test_only_a_row_of_one_sample_is_to_be_written_as_several(row: Any, sentence: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_fields(Entry, row, "f")
    assert str(caught.value) == f"f: {sentence}"


ODD = [
    None, True, 3, -1, 10**400, 1.5, "x", "passed", "\ud800", [], [3], [None], [[3]], ["x"], [[["x"]]],
    {}, {"a": 1}, {"\ud800": 1},
]  # fmt: skip


def kinds(of: type[Fields]) -> list[type[Fields]]:
    return [kind for one in of.__subclasses__() for kind in (one, *kinds(one))]


def fits(value: Any, kind: Any) -> bool:
    try:
        convert(value, kind)
    except (ValidationError, UnicodeEncodeError):
        return False
    return True


@pytest.mark.parametrize(
    "kind", kinds(Fields), ids=lambda kind: f"{kind.__module__}.{kind.__name__}"
)
def test_what_does_not_fit_a_field_of_any_format_is_named(kind: type[Fields]) -> None:
    fields = structs.fields(kind)
    fine = {one.name: next(value for value in ODD if fits(value, one.type)) for one in fields}
    for field in fields:
        for value in ODD:
            row = fine | {field.name: value}
            if fits(value, field.type):
                assert isinstance(read_fields(kind, row, "f"), kind)
            else:
                with pytest.raises(FormatError) as caught:
                    read_fields(kind, row, "f")
                assert caught.value.field == field.name


def test_any_text_and_any_other_name_is_read() -> None:
    row = {"\ud800": {"\udfff": 1}, "task_id": "\ud800", "passed": False, "flag": "flaky"}
    assert read_fields(Row, row, "f") == Row("\ud800", False, flag=Flag.FLAKY)
    assert other_fields(row, Row.__struct_fields__) == {"\ud800": {"\udfff": 1}}
    assert other_fields({"task_id": 3, "b": 1}, Row.__struct_fields__) == {"task_id": 3, "b": 1}


def test_a_fault_is_a_sentence_that_can_be_printed_and_taken_along() -> None:
    fault = Fault("f\n, row 2", "field 'x' is a list", "write one row a sample", field="x")
    assert str(fault) == "f\\n, row 2: field 'x' is a list; write one row a sample"
    assert str(Fault("", "no file")) == "no file"
    assert len(str(Fault("f", "x" * 10_000))) == len("f: ") + LONGEST_WORD
    assert fault.with_remarks(["a", "b"]).remedy == "write one row a sample; a; b"
    assert str(Fault("f", "odd").with_remarks(["a"])) == "f: odd; a"
    error = pickle.loads(pickle.dumps(FormatError(fault)))
    assert (error.fault, error.field, str(error)) == (fault, "x", str(fault))


def test_a_sample_is_a_value() -> None:
    sample = Sample("T/0", 3, completion="x", extra={"b": 1, "a": 2})
    for same in (
        pickle.loads(pickle.dumps(sample)),
        copy.deepcopy(sample),
        structs.replace(sample),
    ):
        assert same == sample and list(same.extra) == ["b", "a"]
    assert structs.replace(sample, completion=None) != sample
    assert Sample("T/0", 3).extra == {} and Sample("T/0", 3).extra is not Sample("T/0", 3).extra
    assert repr(sample).startswith("Sample(task_id='T/0', sample_id=3, place='', completion='x', ")
    with pytest.raises(AttributeError):
        sample.task_id = "T/1"  # type: ignore[misc]


def test_what_has_a_writer_can_be_chosen_and_nothing_else() -> None:
    written = {one.name for one in FORMATS if one.row_of or one.document_of or one.write}
    assert set(EXPORT_NAMES) == written and len(EXPORT_NAMES) == len(written)
