"""Bytes become rows, whatever they are named: a table of files and of what is read of them."""

from __future__ import annotations

import gzip
import io
import json
import random
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lintseq_core.data import row_files
from lintseq_core.data.row_files import RowFile, RowFileError, TooLong

A, B = {"a": "é \U0001f600\n}{"}, {"b": [1, {"c": None}]}
ONE, TWO = (json.dumps(row, ensure_ascii=False).encode() for row in (A, B))
BOTH = ONE + b"\n" + TWO + b"\n"
BOM = b"\xef\xbb\xbf"
PRETTY = b"".join(json.dumps(row, indent=2).encode() + b"\n" for row in (A, B))


def pair(
    first: tuple[int, int] = (1, 1), second: tuple[int, int] = (2, 2)
) -> list[tuple[int, int, Any]]:
    """Both rows, each at a row and a line."""
    return [(*first, A), (*second, B)]


def in_(encoding: str, data: bytes = BOTH) -> bytes:
    return data.decode().encode(encoding)


def bad(text: bytes) -> str:
    """Stands for a row that is no JSON."""
    return text.decode("utf-8", "replace")


# name: bytes -> rows, each with its number and line, or the sentence
FILES: dict[str, tuple[bytes, list[tuple[int, int, Any]] | str]] = {
    "lines": (BOTH, pair()),
    "lines without the last end": (BOTH[:-1], pair()),
    "lines with blank ones": (b"\n" + ONE + b"\n\n \t\r\n" + TWO, pair((2, 2), (5, 5))),
    "windows.jsonl": (BOTH.replace(b"\n", b"\r\n"), pair()),
    "mac.jsonl": (BOTH.replace(b"\n", b"\r"), pair()),
    "marked.jsonl": (BOM + BOTH, pair()),
    "joined.jsonl": (BOM + ONE + b"\n" + BOM + TWO + b"\n", pair()),
    "joined, glued": (BOM + ONE + BOM + TWO + b"\n", pair((1, 1), (2, 1))),
    "only a mark": (BOM, []),
    "a mark and a line": (BOM + b"\n" + ONE, [(2, 2, A)]),
    "empty": (b"", []),
    "blank": (b" \n\t\r\n", []),
    # packed, whatever the name says
    "rows.jsonl": (gzip.compress(BOTH), pair()),
    "rows.parquet": (gzip.compress(BOTH[:50]) + gzip.compress(BOTH[50:]), pair()),
    "plain.jsonl.gz": (BOTH, pair()),
    "packed and marked": (gzip.compress(in_("utf-16")), pair()),
    # encodings
    "utf-16": (in_("utf-16"), pair()),
    "utf-16-le without a mark": (in_("utf-16-le"), pair()),
    "utf-16-be with a mark": (b"\xfe\xff" + in_("utf-16-be"), pair()),
    "utf-16-be without a mark": (in_("utf-16-be"), pair()),
    "utf-32": (in_("utf-32"), pair()),
    "utf-32-be without a mark": (in_("utf-32-be"), pair()),
    "utf-16 with carriage returns": (in_("utf-16", BOTH.replace(b"\n", b"\r")), pair()),
    "utf-16 list": (in_("utf-16", b"[" + ONE + b",\n" + TWO + b"]"), pair((1, 1), (2, 2))),
    "utf-16 joined": (in_("utf-16") + in_("utf-16"), [*pair(), (3, 3, A), (4, 4, B)]),
    # lists, whatever the name says
    "list.json": (json.dumps([A, B]).encode(), pair((1, 1), (2, 1))),
    "list.jsonl": (b"[\n" + ONE + b",\n" + TWO + b"\n]\n", pair((1, 2), (2, 3))),
    "pretty list": (json.dumps([A, B], indent=1).encode(), pair((1, 2), (2, 5))),
    "list with a mark": (BOM + b" [" + ONE + b"\r," + TWO + b"] \n", pair((1, 1), (2, 1))),
    "empty list": (b"[ ]", []),
    "list of others": (b'[1, "x", null , [2], -3.5e7]', [(1, 1, 1), (2, 1, "x"), (3, 1, None), (4, 1, [2]), (5, 1, -3.5e7)]),
    "list with a bad item": (b'[{"a": tru}, ' + TWO + b"]", [(1, 1, bad(b'{"a": tru}')), (2, 1, B)]),
    # objects that are not one a line
    "pretty": (PRETTY, pair((1, 1), (2, 4))),
    "pretty without line ends between": (PRETTY.replace(b"\n}\n{", b"\n}{"), pair((1, 1), (2, 3))),
    "pretty with carriage returns": (PRETTY.replace(b"\n", b"\r"), pair((1, 1), (2, 4))),
    "one pretty object": (PRETTY[: -len(json.dumps(B, indent=2)) - 1], [(1, 1, A)]),
    "glued": (ONE + TWO, pair((1, 1), (2, 1))),
    "glued with spaces": (ONE + b" \t" + TWO, pair((1, 1), (2, 1))),
    "glued in the middle": (BOTH + ONE + TWO + b"\n" + ONE + b"\n", [*pair(), (3, 3, A), (4, 3, B), (5, 4, A)]),
    "glued and cut off": (BOTH + ONE + TWO[:-1], [*pair(), (3, 3, A), (4, 3, bad(TWO[:-1]))]),
    # a bad line is one bad row, and the others are read
    "a broken line": (ONE + b'\n{"a": 1,\n' + TWO, [(1, 1, A), (2, 2, bad(b'{"a": 1,')), (3, 3, B)]),
    "a broken first line": (b'{"a": 1,\n' + BOTH, [(1, 1, bad(b'{"a": 1,')), (2, 2, A), (3, 3, B)]),
    "text before the rows": (b"# rows\n" + BOTH, [(1, 1, bad(b"# rows")), (2, 2, A), (3, 3, B)]),
    "two values, of which one is none": (BOTH + ONE + b"}" + TWO + b"\n", [*pair(), (3, 3, bad(ONE + b"}" + TWO))]),
    "latin-1": (BOTH + b'{"a": "\xe9"}\n', [*pair(), (3, 3, bad(b'{"a": "\xe9"}'))]),
    # what ends early or is damaged, after the rows before it
    "cut list": (b"[" + ONE + b",\n" + TWO[:-4], "cut list, row 2 (line 2): the file ends within it; copy the file again, or end it there"),
    "list without end": (b"[" + ONE, "list without end, after row 1 (line 1): the list has no end; copy the file again, or end it there"),
    "list without comma": (b"[" + ONE + b"\n" + TWO + b"]", "list without comma, after row 1 (line 2): '{' where ',' or ']' is expected; it cannot be read further: correct the file"),
    "list with a comma at its end": (b"[" + ONE + b",]", "list with a comma at its end, after row 1 (line 1): no item after a comma; it cannot be read further: correct the file"),
    "text after a list": (b"[" + ONE + b"]\n[" + TWO + b"]", "text after a list, after row 1 (line 2): text after the end of the list; it cannot be read further: correct the file"),
    "list with an open string": (b'[{"a": "x\n"}]', "list with an open string, row 1 (line 1): a string that does not end on its line; it cannot be read further: correct the file"),
    "list with a wrong bracket": (b'[{"a": [1}]', "list with a wrong bracket, row 1 (line 1): a '}' that closes nothing; it cannot be read further: correct the file"),
    "cut pretty": (PRETTY[:-3], "cut pretty, row 2 (line 4): the file ends within it; copy the file again, or end it there"),
    "pretty, then text": (PRETTY + b"end", "pretty, then text, row 3 (line 12): 'e' where an object is expected; it cannot be read further: correct the file"),
    "cut.jsonl.gz": (gzip.compress(BOTH)[:-6], "cut.jsonl.gz, after row 2: the gzip data is damaged (Compressed file ended before the end-of-stream marker was reached); copy or download the file again"),
    "broken.gz": (b"\x1f\x8b\x08broken", "broken.gz: the gzip data is damaged (Compressed file ended before the end-of-stream marker was reached); copy or download the file again"),
    "odd utf-16": (in_("utf-16")[:-1], "odd utf-16: not UTF-16 throughout (truncated data), though it starts so; convert the file to UTF-8"),
    # what is something else
    "rows.csv": (b"instruction,output\nx,y\n", "rows.csv: starts with 'instruction,output\\nx', which is neither JSON nor Parquet; expected one JSON object a line, or a JSON list of objects"),
    "rows.zst": (b"\x28\xb5\x2f\xfdx", "rows.zst: packed by zstd, which is not unpacked here; unpack it first: zstd -d"),
    "rows.xz": (b"\xfd7zXZ\x00x", "rows.xz: packed by xz, which is not unpacked here; unpack it first: xz -d"),
    "rows.bz2": (b"BZh91AY&SY", "rows.bz2: packed by bzip2, which is not unpacked here; unpack it first: bunzip2"),
    "twice.gz": (gzip.compress(gzip.compress(BOTH)), "twice.gz: gzip data within gzip data; unpack it once: gunzip"),
    "rows.tar.gz": (gzip.compress(b"x" * 257 + b"ustar" + b"\0" * 99), "rows.tar.gz: a tar archive; unpack it and give the file in it"),
    "rows.arrow": (b"ARROW1\0\0", "rows.arrow: an Arrow file; save the table as Parquet"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\n", "pointer: a pointer of Git LFS, not the file itself; run: git lfs pull"),
    "page": (b"\n<!DOCTYPE html>", "page: a page of HTML, not the file itself; download it again"),
    "rows.zip": (b"PK\x03\x04", "rows.zip: a zip archive; unpack it and give the file in it"),
    "table": (b"PAR1", "table: a Parquet file; expected one JSON object a line, or a JSON list of objects"),
}  # fmt: skip


def read(file: RowFile) -> list[tuple[int, int, Any]]:
    """Every row with its number, its line and what it holds."""
    found = []
    for number, line_number, text in file.rows():
        assert isinstance(text, bytes)
        assert b"\n" not in text[:-1]
        try:
            held = json.loads(text.decode("utf-8"))
        except ValueError:
            held = bad(text.rstrip())
        found.append((number, line_number, held))
    return found


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_what_bytes_hold_comes_out_as_rows_or_as_one_sentence(
    name: str, piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_files, "_READ_BYTES", piece)
    data, expected = FILES[name]
    (tmp_path / "f").write_bytes(data)
    for source in (data, tmp_path / "f"):
        try:
            found: Any = read(RowFile(source, name, max_row_bytes=10_000))
        except RowFileError as error:
            found = str(error)
        assert found == expected


def test_rows_that_are_too_long_are_passed_over_unread() -> None:
    long = b'{"a": "' + b"\\n" * 3_000_000 + b'"}'
    rows = [b'{"b": 1}', long, b'{"b": 2}']
    for data, ends in (
        (b"\n".join(rows), 1),
        (b"[" + b",\n ".join(rows) + b"]", 0),
        (b"\n".join(row.replace(b": ", b":\n") for row in rows), 0),
    ):
        tracemalloc.start()
        found = [text for _, _, text in RowFile(data, max_row_bytes=20).rows()]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert [json.loads(found[at]) for at in (0, 2)] == [{"b": 1}, {"b": 2}]
        assert found[1] == TooLong(len(long) + ends)
        assert peak < 6 << 20


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    row = json.dumps({"a": "x" * 500})
    for start, between, end in (("", "\n", "\n"), ("[", ",\n", "]"), ("{}", "", "")):
        path = tmp_path / "rows"
        path.write_text(start + between.join([row] * 40_000) + end)
        tracemalloc.start()
        n_rows = sum(1 for _ in RowFile(path, max_row_bytes=1 << 20).rows())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert n_rows in (40_000, 40_001)
        assert peak < 6 << 20


def test_random_bytes_are_rows_or_one_sentence() -> None:
    random_ = random.Random(0)
    parts = [ONE, TWO, b"\n", b"\r", b" ", b"[", b"]", b",", b"{", b"}", b'"', b"\\", BOM, b"\0", b"\xff\xfe"]  # fmt: skip
    for _ in range(3_000):
        data = b"".join(random_.choices(parts, k=random_.randrange(12)))
        try:
            rows = list(RowFile(data, "f", max_row_bytes=1_000).rows())
        except RowFileError as error:
            assert "\n" not in str(error)
            assert str(error).startswith("f")
        else:
            assert [row.number for row in rows] == sorted({row.number for row in rows})


def test_a_real_archive_is_one() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("rows.jsonl", BOTH)
    assert RowFile(packed.getvalue(), max_row_bytes=100).layout == "zip"
