"""Edit sequences: what is derived from birth steps, and the JSON rows they are stored as."""

from __future__ import annotations

import copy
import json
import platform
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintseq_core import EditSequence, Hunk, Program, RecordError, apply_edits, sample_path
from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding, Leftover
from lintseq_core.edits.words import describe_edit, describe_line

PROGRAM = Program.from_text("# Twice.\ndef f(x):\n    return 2 * x\n\nprint(f('é'))\n")
SEQUENCE = EditSequence(
    program=PROGRAM,
    birth_steps=(0, 1, 1, 0, 2),
    reasons=(
        Leftover(),
        Drawn(),
        Dependent(1, "block"),
        Leftover(),
        FromFinding("UndefinedName", ("f",), 1, (1,)),
    ),
    method="lintseq",
    linter_name="pyflakes",
    linter_version="3.2.0",
    indent_bias=1,
    seed=7,
    path_index=2,
    python_version="3.11.7",
)
RECORD: dict[str, Any] = {
    "schema_version": 1,
    "program_id": PROGRAM.id,
    "method": "lintseq",
    "linter": {"name": "pyflakes", "version": "3.2.0"},
    "indent_bias": 1,
    "compat": None,
    "seed": 7,
    "path_index": 2,
    "python_version": "3.11.7",
    "lines": ["# Twice.", "def f(x):", "    return 2 * x", "", "print(f('é'))"],
    "birth_steps": [0, 1, 1, 0, 2],
    "reasons": [
        {"kind": "leftover"},
        {"kind": "drawn"},
        {"kind": "dependent", "of": 1, "relation": "block"},
        {"kind": "leftover"},
        {
            "kind": "finding",
            "code": "UndefinedName",
            "arguments": ["f"],
            "round": 1,
            "absent": [1],
        },
    ],
}

# --- derived -------------------------------------------------------------------------------------


def test_states_hunks_edits_and_model_text_follow_from_birth_steps() -> None:
    assert SEQUENCE.n_edits == 3
    assert list(SEQUENCE.states()) == [
        "",
        "# Twice.\n\n",
        "# Twice.\ndef f(x):\n    return 2 * x\n\n",
        PROGRAM.text,
    ]
    assert SEQUENCE.hunks() == (
        (Hunk(1, ("# Twice.", ""), 0),),
        (Hunk(2, ("def f(x):", "    return 2 * x"), 1),),
        (Hunk(5, ("print(f('é'))",), 4),),
    )
    texts = (
        "@@ -0,0 +1,2 @@\n+# Twice.\n+",
        "@@ -1,0 +2,2 @@\n+def f(x):\n+    return 2 * x",
        "@@ -4,0 +5 @@\n+print(f('é'))",
    )
    assert SEQUENCE.edits() == texts
    assert SEQUENCE.to_model_text("Go.", "</s>") == (
        f"Go.\n<|diff|>{texts[0]}\n<|diff|>{texts[1]}\n<|diff|>{texts[2]}\n<|diff|>\n<|diff|></s>"
    )
    assert SEQUENCE.to_model_text().startswith(f"\n<|diff|>{texts[0]}")


def test_each_state_is_the_one_before_with_the_edit_applied() -> None:
    states = list(SEQUENCE.states())
    for before, edit, after in zip(states, SEQUENCE.hunks(), states[1:], strict=False):
        assert apply_edits([edit], base=before) == after


def test_a_sequence_remembers_the_running_python() -> None:
    made = EditSequence(PROGRAM, (0,) * 5, (Drawn(),) * 5, "randseq")
    assert made == replace(
        SEQUENCE,
        birth_steps=(0,) * 5,
        reasons=(Drawn(),) * 5,
        method="randseq",
        linter_name="none",
        linter_version="0",
        indent_bias=None,
        seed=None,
        path_index=None,
        python_version=platform.python_version(),
    )


# --- JSON ----------------------------------------------------------------------------------------


def test_a_sequence_is_one_readable_line_of_json() -> None:
    text = SEQUENCE.to_json()
    assert json.loads(text) == RECORD
    assert list(json.loads(text)) == list(RECORD)
    assert "\n" not in text
    assert "é" in text


@pytest.mark.parametrize("record", [SEQUENCE.to_json(), RECORD, json.dumps(RECORD, indent=2)])
def test_a_record_is_read_back_as_the_sequence(record: str | dict[str, Any]) -> None:
    assert EditSequence.from_json(record) == SEQUENCE


@pytest.mark.parametrize(
    "sequence",
    [
        replace(SEQUENCE, compat="upstream", indent_bias=None),
        replace(SEQUENCE, seed=None, path_index=None),
        replace(SEQUENCE, seed=-1, path_index=0, indent_bias=3),
        sample_path(PROGRAM, seed=3),
        sample_path(PROGRAM, seed=3, path_index=9, method="randseq"),
        EditSequence(Program("\x0cx = '\u2028<|diff|>'\n"), (0,), (Drawn(),), "randseq"),
    ],
)
def test_any_sequence_survives_json(sequence: EditSequence) -> None:
    assert EditSequence.from_json(sequence.to_json()) == sequence


def test_fields_of_later_releases_and_a_missing_id_do_no_harm() -> None:
    record = copy.deepcopy(RECORD)
    record["note"] = {"new": 1}
    record["linter"]["arguments"] = ["--strict"]
    for reason in record["reasons"]:
        reason["since"] = "2.0"
    del record["program_id"]
    assert EditSequence.from_json(record) == SEQUENCE


MISSING = object()


def at(*path: str | int, to: object = MISSING) -> Callable[[dict[str, Any]], None]:
    """A change of one value of a record; without `to`, the field is removed."""

    def change(record: Any) -> None:
        for key in path[:-1]:
            record = record[key]
        if to is MISSING:
            del record[path[-1]]
        else:
            record[path[-1]] = to

    return change


FINDING = RECORD["reasons"][4]
# what is changed in a sound record -> the message
MALFORMED = [
    (at("schema_version"), "schema_version is None; this release reads 1; write the row with `lintseq sample --format json`"),
    (at("schema_version", to=2), "schema_version is 2; this release reads 1; write the row with `lintseq sample --format json`"),
    (at("schema_version", to="1"), "schema_version is '1'; this release reads 1; write the row with `lintseq sample --format json`"),
    (at("lines"), "lines: expected list, found None"),
    (at("lines", to="x = 1"), "lines: expected list, found 'x = 1'"),
    (at("lines", to=[]), "lines: expected one string per line, none with a newline in it"),
    (at("lines", 0, to=1), "lines: expected one string per line, none with a newline in it"),
    (at("lines", 0, to="a\nb"), "lines: expected one string per line, none with a newline in it"),
    (at("lines", 0, to="# Thrice."), "program_id is not the sha256 of lines: the row was changed"),
    (at("program_id", to=None), "program_id is not the sha256 of lines: the row was changed"),
    (at("birth_steps"), "birth_steps: expected list, found None"),
    (at("birth_steps", to={"0": 0}), "birth_steps: expected list, found {'0': 0}"),
    (at("birth_steps", to=[0, 1]), "birth_steps: 2 for 5 lines"),
    (at("birth_steps", 3, to=-1), "birth_steps[3]: -1 is no edit of 5 lines"),
    (at("birth_steps", 3, to=5), "birth_steps[3]: 5 is no edit of 5 lines"),
    (at("birth_steps", 3, to=True), "birth_steps[3]: True is no edit of 5 lines"),
    (at("birth_steps", 3, to=0.0), "birth_steps[3]: 0.0 is no edit of 5 lines"),
    (at("birth_steps", 3, to=None), "birth_steps[3]: None is no edit of 5 lines"),
    (at("birth_steps", to=[0, 1, 1, 0, 4]), "birth_steps: edit 2 inserts no line"),
    (at("birth_steps", to=[1, 1, 1, 1, 1]), "birth_steps: edit 0 inserts no line"),
    (at("reasons", to=None), "reasons: expected list, found None"),
    (at("reasons", 0), "reasons: 4 for 5 lines"),
    (at("reasons", 0, to=None), "reasons[0]: not a reason for a line of 5: None"),
    (at("reasons", 1, to="drawn"), "reasons[1]: not a reason for a line of 5: 'drawn'"),
    (at("reasons", 1, to={}), "reasons[1]: not a reason for a line of 5: {}"),
    (at("reasons", 2, "kind", to="child"), "reasons[2]: not a reason for a line of 5: {'kind': 'child', 'of': 1, 'relation': 'block'}"),
    (at("reasons", 2, "of", to=5), "reasons[2]: not a reason for a line of 5: {'kind': 'dependent', 'of': 5, 'relation': 'block'}"),
    (at("reasons", 2, "of", to=-1), "reasons[2]: not a reason for a line of 5: {'kind': 'dependent', 'of': -1, 'relation': 'block'}"),
    (at("reasons", 2, "relation", to="near"), "reasons[2]: not a reason for a line of 5: {'kind': 'dependent', 'of': 1, 'relation': 'near'}"),
    (at("reasons", 4, "absent"), "reasons[4]: not a reason for a line of 5: {'kind': 'finding', 'code': 'UndefinedName', 'arguments': ['f'], 'round': 1}"),
    (at("reasons", 4, "arguments", to=[1]), "reasons[4]: not a reason for a line of 5: " + str(FINDING | {"arguments": [1]})),
    (at("reasons", 4, "round", to="1"), "reasons[4]: not a reason for a line of 5: " + str(FINDING | {"round": "1"})),
    (at("reasons", 4, "absent", to=[5]), "reasons[4]: not a reason for a line of 5: " + str(FINDING | {"absent": [5]})),
    # something is always absent: sentences name it
    (at("reasons", 4, "absent", to=[]), "reasons[4]: not a reason for a line of 5: " + str(FINDING | {"absent": []})),
    (at("method"), "method: None is neither 'lintseq' nor 'randseq'"),
    (at("method", to=["lintseq"]), "method: ['lintseq'] is neither 'lintseq' nor 'randseq'"),
    (at("compat", to="pylintseq"), "compat: 'pylintseq' is neither null nor 'upstream'"),
    (at("linter"), "linter: expected dict, found None"),
    (at("linter", to="pyflakes"), "linter: expected dict, found 'pyflakes'"),
    (at("linter", "name"), "linter.name: expected str, found None"),
    (at("linter", "version", to=3), "linter.version: expected str, found 3"),
    (at("indent_bias", to="1"), "indent_bias: expected int | None, found '1'"),
    (at("indent_bias", to=True), "indent_bias: expected int | None, found True"),
    (at("seed", to=0.5), "seed: expected int | None, found 0.5"),
    (at("path_index", to=[0]), "path_index: expected int | None, found [0]"),
    (at("python_version"), "python_version: expected str, found None"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "message"), MALFORMED)
def test_a_malformed_record_is_refused_by_its_field(
    change: Callable[[dict[str, Any]], None], message: str
) -> None:
    record = copy.deepcopy(RECORD)
    change(record)
    for form in (record, json.dumps(record)):
        with pytest.raises(RecordError) as caught:
            EditSequence.from_json(form)
        assert str(caught.value) == message


NO_RECORD = [
    ("", "not JSON: Expecting value at character 1"),
    ("{", "not JSON: Expecting property name enclosed in double quotes at character 2"),
    ("[]", "expected a JSON object, found list"),
    ("null", "expected a JSON object, found NoneType"),
    ('"x = 1"', "expected a JSON object, found str"),
    ("1", "expected a JSON object, found int"),
]


@pytest.mark.parametrize(("text", "message"), NO_RECORD)
def test_what_is_no_record_is_refused(text: str, message: str) -> None:
    with pytest.raises(RecordError) as caught:
        EditSequence.from_json(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["[" * 200_000, "1" * 5000])
def test_json_that_python_refuses_is_a_record_error(text: str) -> None:
    with pytest.raises(RecordError, match=r"^not JSON: "):
        EditSequence.from_json(text)


def test_a_lone_surrogate_in_a_record_is_a_record_error() -> None:
    record = RECORD | {"lines": [*RECORD["lines"][:4], "print(f('\udcff'))"]}
    with pytest.raises(RecordError, match=r"^lines: "):
        EditSequence.from_json(json.dumps(record))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 6) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@given(st.sampled_from(sorted(RECORD.keys() - {"program_id"})), json_values)
def test_any_other_value_of_a_field_is_read_or_refused(field: str, value: object) -> None:
    record = copy.deepcopy(RECORD) | {field: value}
    if field == "lines":
        del record["program_id"]
    try:
        sequence = EditSequence.from_json(json.dumps(record))
    except RecordError:
        return
    assert EditSequence.from_json(sequence.to_json()) == sequence


def test_a_row_may_leave_its_reasons_out() -> None:
    without = replace(SEQUENCE, reasons=())
    assert json.loads(SEQUENCE.to_json(with_reasons=False)) == {
        key: value for key, value in RECORD.items() if key != "reasons"
    }
    assert EditSequence.from_json(SEQUENCE.to_json(with_reasons=False)) == without
    assert describe_edit(without, 0)[0].endswith(": the file does not say why.")
    assert describe_line(without, 0) == "is part of this edit; the file does not say why"
