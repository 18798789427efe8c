"""Rows come out of every kind of file as they are, and bad ones do not stop the others."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.data.fields import FieldError, guess_fields, read_text_field
from lintseq_core.data.sources import RowSource, TooLong, file_format, identify
from lintseq_core.errors import LintSeqError

ROW = {"a": {"b": [{"c": "deep"}]}, "x.y": "dotted", "n": 3, "none": None, "text": "t"}


def rows(path: Path, most: int = 1000, **bounds: Any) -> list[Any]:
    return list(RowSource(path, max_row_bytes=most).rows(**bounds))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_lines_keep_their_numbers_and_blank_ones_are_no_rows(tmp_path: Path, name: str) -> None:
    data = b'{"a": 1}\n\n  \r\n\xff\nlast'
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert rows(path) == [(0, b'{"a": 1}\n'), (3, b"\xff\n"), (4, b"last")]
    assert rows(path, start=1, stop=4) == [(3, b"\xff\n")]


def test_a_line_that_is_too_long_is_passed_over_unread(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b"{}\n" + b"b" * 5_000_000 + b"\nccccc\n" + b"d" * 6)
    assert rows(path, most=5) == [
        (0, b"{}\n"),
        (1, TooLong(5_000_001)),
        (2, b"ccccc\n"),
        (3, TooLong(6)),
    ]


def test_a_damaged_gzip_file_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(b"{}\n{}\n")[:-6])
    with pytest.raises(
        LintSeqError, match=r"rows.jsonl.gz, after row \d: the gzip data is damaged"
    ):
        rows(path)


def test_parquet_rows_come_as_objects_of_the_columns_asked_for(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow: the extra 'data'")
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "rows.parquet"
    table = pyarrow.table({"code": ["x", None], "n": [1, 2], "rest": ["a", "b"]})
    parquet.write_table(table, path)
    source = RowSource(path, max_row_bytes=100, columns=("code", "absent"))
    assert list(source.rows()) == [(0, {"code": "x"}), (1, {"code": None})]
    assert rows(path, start=1) == [(1, {"code": None, "n": 2, "rest": "b"})]
    path.write_bytes(b"PAR1 is not enough")
    with pytest.raises(LintSeqError, match="not a Parquet file that can be read"):
        rows(path)


def test_parquet_without_pyarrow_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    path = tmp_path / "rows.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(LintSeqError, match=r"pip install 'lintseq-core\[data\]'"):
        rows(path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.jsonl", "jsonl"), ("A.JSONL.GZ", "jsonl.gz"), ("b.c.parquet", "parquet")],
)
def test_the_suffix_names_the_format(name: str, expected: str) -> None:
    assert file_format(Path(name)) == expected


@pytest.mark.parametrize("name", ["a.json", "a.csv", "jsonl", "a.gz"])
def test_an_unknown_suffix_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(LintSeqError, match=r"use one of .jsonl, .jsonl.gz, .parquet"):
        file_format(Path(name))


def test_a_folder_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LintSeqError, match="lintseq dataset mine"):
        identify(tmp_path)


FIELDS = {
    "text": "t",
    "x.y": "dotted",
    "a.b.0.c": "deep",
    "n": ("wrong_type", "field 'n' is a number, expected a string"),
    "none": ("wrong_type", "field 'none' is null, expected a string"),
    "a": ("wrong_type", "field 'a' is an object, expected a string"),
    "z": ("missing_field", "no field 'z'; the row has a, x.y, n, none, text"),
    "a.b.7.c": ("missing_field", "no field 'a.b.7.c'"),
    "text.x": ("missing_field", "no field 'text.x'"),
}


@pytest.mark.parametrize("path", FIELDS)
def test_fields_are_found_by_name_and_by_path(path: str) -> None:
    expected = FIELDS[path]
    if isinstance(expected, str):
        assert read_text_field(ROW, path) == expected
        return
    with pytest.raises(FieldError) as caught:
        read_text_field(ROW, path)
    assert (caught.value.kind, str(caught.value)) == expected


def test_a_row_that_is_no_object_says_what_it_is() -> None:
    with pytest.raises(FieldError, match="the row is a list, expected a JSON object"):
        read_text_field([1], "a")


@pytest.mark.parametrize(
    ("row", "guess"),
    [
        ({"instruction": "i", "input": "", "output": "o"}, ("instruction", "output")),
        ({"problem": "p", "solution": "s", "seed": "x"}, ("problem", "solution")),
        ({"text": "t", "code": "c"}, ("text", "code")),
        ({"prompt": "p", "completion": "c"}, ("prompt", "completion")),
        ({"source_instruction": "i", "source_response": "r"}, ("source_instruction", "source_response")),
        ({"instruction": 3, "x": "y"}, (None, None)),
        ({"messages": [{"role": "user", "content": "i"}]}, ("messages", "messages")),
        ({"conversations": [{"from": "human", "value": "i"}], "id": "x"}, ("conversations", "conversations")),
        ({"prompt": [{"role": "user"}], "completion": [{"role": "assistant"}]}, ("prompt", "completion")),
        ({"prompt": "p", "messages": [{"role": "user", "content": "i"}]}, ("messages", "messages")),
        ({"instruction": "i", "output": "o", "messages": [{"role": "user"}]}, ("instruction", "output")),
        ({"messages": [{"text": "x"}]}, (None, None)),
    ],
)  # fmt: skip
def test_common_names_of_fields_are_guessed(row: dict[str, Any], guess: tuple[str, str]) -> None:
    assert guess_fields([row]) == guess
