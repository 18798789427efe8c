"""Files that are damaged, mixed, huge or hostile: one line that names row and field, no crash."""

from __future__ import annotations

import json
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow
import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.results.formats import inspect_logs
from lintseq_core.results.formats.reading import Input, open_input
from lintseq_core.results.formats.recognise import recognise

GOOD = '{"task_id": "HumanEval/0", "completion": "x = 1"}\n'


def complaint(path: Path, form: str | None = None) -> str:
    """What is said about the file at `path`."""
    with pytest.raises(LintSeqError) as caught:
        list(recognise(Input(path, path.name), form).samples())
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("content", "form", "message"),
    [
        (b"", None, "f: empty; expected samples or results"),
        (b" \n\n\t\n", None, "f: empty; expected samples or results"),
        (b"\xef\xbb\xbf", None, "f: empty; expected samples or results"),
        (
            b"task_id,completion\n",
            None,
            "f: starts with 'task_id,completion\\n', which is neither JSON nor a known archive; "
            "expected JSON lines, a JSON document, .parquet, .eval, or a folder of .py files",
        ),
        (
            GOOD.encode() + b'{"task_id": "HumanEval/1", "complet\n' + GOOD.encode(),
            None,
            "f, row 2, character 36: not JSON (Invalid control character at); "
            "correct or remove the row",
        ),
        (
            GOOD.encode() + b'{"task_id": "Huma',
            None,
            "f, row 2, character 13: not JSON (Unterminated string starting at); "
            "the file ends within the row: copy it again, or remove the row",
        ),
        (GOOD.encode() + b"[1]\n", None, "f, row 2: a list, expected a JSON object"),
        (GOOD.encode() + b"null\n", None, "f, row 2: null, expected a JSON object"),
        (
            GOOD.encode() + b'{"task_id": "a", "completion": "\xe9"}\n',
            None,
            "f, row 2: not UTF-8 (byte 33 is 0xe9); convert the file to UTF-8",
        ),
        (
            GOOD.encode() + b'{"task_id": "a", "completion": 1}\n',
            None,
            "f, row 2: field 'completion' is a number, expected a string",
        ),
        (
            GOOD.encode() + b'{"task_id": ["a"], "completion": "b"}\n',
            None,
            "f, row 2: field 'task_id' is a list; write one row a sample and repeat the task_id",
        ),
        (
            b'{"task_id": "a", "solution": ["x", "y"]}\n',
            None,
            "f, row 1: field 'solution' is a list; write one row a sample and repeat the task_id",
        ),
        (
            GOOD.encode() + b'{"doc": {}, "resps": [["x"]]}\n',
            None,
            "f, row 2: no field 'task_id' (it has doc, resps)",
        ),
        (
            GOOD.encode() + b'{"task_id": "a", "text": "b"}\n',
            None,
            "f, row 2: no field 'completion' or 'solution' (it has task_id, text)",
        ),
        (
            b'{"task_id": "a", "completion": "b", "passed": "yes"}\n',
            None,
            "f, row 1: field 'passed' is a string, expected true or false",
        ),
        (
            b'{"task_id": "a", "verdict": "solved"}\n',
            None,
            "f, row 1: verdict 'solved' is unknown; one of passed, wrong_answer, exception, "
            "syntax_error, exited_early, timeout_cpu, timeout_wall, memory, output_limit, "
            "disk_limit, crashed, no_calls, tampered, protocol_violation, judge_limit, "
            "harness_error",
        ),
        (
            b'{"task_id": "a", "sample_id": 9007199254740992}\n',
            None,
            "f, row 1: field 'sample_id' is 9007199254740992, expected at most "
            "9,007,199,254,740,991",
        ),
        (
            b'{"task_id": "a", "sample_id": -1}\n',
            None,
            "f, row 1: field 'sample_id' is -1, expected a number from 0",
        ),
        (
            b'{"doc": {}, "doc_id": 1, "resps": "x"}\n',
            None,
            "f, row 1: field 'resps' is a string, expected a list",
        ),
        (
            b'{"doc": {}, "resps": [["x"]]}\n',
            None,
            "f, row 1: no name of the problem in doc.task_id or doc_id",
        ),
        (
            b'{"doc": {}, "doc_id": 1, "resps": [["x"]], "pass@1": "1.0"}\n',
            None,
            "f, row 1: field 'pass@1' is a string, expected a number",
        ),
        (b'[["x", 1]]', "bigcode-harness", "f, item 1, program 2: a number, expected a string"),
        (b'[["x"], "y"]', None, "f, item 2: a string, expected a list of programs"),
        (b'[["x"], ["y"', None, "f, character 13: not JSON (Expecting ',' delimiter); the file ends too early: copy it again"),
        (b'[["x"], ["y"]', None, "f, character 14: expected ',' or ']'; the file ends too early: copy it again"),
        (b'{"task_id": "a", "completion": "b", "n": ' + b"1" * 5000 + b"}\n", None, "f, row 1: not JSON that can be read (Exceeds the limit (4300 digits) for integer string conversion: value has 5000 digits; use sys.set_int_max_str_digits() to increase the limit)"),
        (
            b'{"eval": {"a": [{"base_status": "pass"}, {"base_status": null}]}}',
            None,
            "f, a, sample 2: field 'base_status' is null, expected a string",
        ),
        (
            b'{"eval": {"a": [{"base_status": "pass"}], "b": 3}}',
            None,
            "f, b: a number, expected a list",
        ),
        (
            b'{"eval": {"a": [{"base_status": "pass"}]}} {}',
            "evalplus-results",
            "f, character 44: text after the end of the document",
        ),
        (
            b'{"eval": {"task": "t", "run_id": "r"}, "samples": [{"id": "a", "scores": {"s": {"value": "P"}}}]}',
            None,
            "f, sample 1: the score 'P' is neither right nor wrong (1 or 0; C, yes, true; I, N, no, false); if another scorer decides, choose it (--scorer)",
        ),
        (
            b'{"eval": {"task": "t", "run_id": "r"}, "samples": [{"id": "a", "epoch": 0}]}',
            None,
            "f, sample 1: field 'epoch' is 0, expected a number from 1",
        ),
        (
            b'{"eval": {"task": "t", "run_id": "r"}, "samples": null}',
            None,
            "f: no sample in it (a .json log of Inspect)",
        ),
        (
            b'{"edit_path": "x", "index": 0}\n',
            None,
            "f, row 1: edit_path: expected a list of strings",
        ),
        (b"\x1f\x8b\x08broken", None, "f: the gzip data is damaged"),
        (b"PK\x03\x04broken", None, "f: the archive is damaged (File is not a zip file); copy it again"),
        (b"PAR1broken", None, "f: not a Parquet file that can be read: "),
    ],
)  # fmt: skip
def test_bad_content_is_one_line_with_place_and_remedy(
    content: bytes, form: str | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    said = complaint(path, form)
    assert said.startswith(message)
    assert said == message or message.endswith((": ", "damaged"))


def test_nesting_without_end_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(GOOD + '{"task_id": "a", "completion": ' + "[" * 200_000 + "\n")
    assert complaint(path) == "f, row 2: nested too deeply; no known format looks so"
    path.write_text("[" * 200_000)
    assert complaint(path).startswith("f: unknown format: a list. Looked for ")
    path.write_text('[["x"], ' + "[" * 200_000)
    assert complaint(path) == "f, character 9: nested too deeply"


def test_a_line_of_50_mb_is_read_and_one_of_70_mb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f"
    for size in (50_000_000, 70_000_000):
        path.write_text(json.dumps({"task_id": "a", "completion": "x" * size}) + "\n" + GOOD)
        if size < 64 << 20:
            samples = list(recognise(Input(path, "f")).samples())
            assert [len(sample.completion or "") for sample in samples] == [size, 5]
        else:
            assert complaint(path) == (
                "f, row 1: longer than 64 MiB; expected one JSON object a line, and line breaks "
                "between them"
            )


def test_a_document_without_end_of_a_value_is_refused_before_it_fills_memory(
    tmp_path: Path,
) -> None:
    path = tmp_path / "f"
    with path.open("w") as file:
        file.write('[["x"], ["')
        for _ in range(140):
            file.write("y" * 1_000_000)
    assert complaint(path) == "f, character 9: a value of more than 64 MiB"


def test_a_folder_without_programs_and_a_missing_file_say_so(tmp_path: Path) -> None:
    (tmp_path / "HumanEval_0").mkdir()
    assert "unknown format: a folder without folders of .py files. " in complaint(tmp_path)
    missing = r"nowhere: no such file or folder; check the path"
    with pytest.raises(LintSeqError, match=missing), open_input(str(tmp_path / "nowhere")):
        pass


def test_a_program_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "HumanEval_0").mkdir()
    (tmp_path / "HumanEval_0" / "0.py").write_bytes(b"x = '\xe9'\n")
    name = tmp_path.name
    assert complaint(tmp_path) == f"{name}/HumanEval_0/0.py: not UTF-8; convert the file to UTF-8"


def archive(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "name", ["../../evil.json", "samples/../../evil.json", "/etc/evil.json", "samples\\..\\evil"]
)
def test_an_archive_with_a_path_that_leads_out_is_not_read(name: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "log.eval", {"samples/a_epoch_1.json": b'{"id": "a"}', name: b"{}"})
    assert complaint(path) == (
        f"log.eval: the entry {name!r} leads out of the archive; no Inspect log has such names, "
        "so it is not read"
    )
    assert [one.name for one in tmp_path.iterdir()] == ["log.eval"]


def test_a_zip_bomb_in_one_entry_is_stopped_at_the_row_limit(tmp_path: Path) -> None:
    path = archive(tmp_path / "log.eval", {"samples/a_epoch_1.json": b" " * (65 << 20)})
    assert path.stat().st_size < 100_000
    assert complaint(path) == (
        "log.eval, samples/a_epoch_1.json: unpacks to more than 64 MiB; not read"
    )


def test_a_zip_bomb_whose_header_lies_is_stopped_too(tmp_path: Path) -> None:
    path = archive(tmp_path / "log.eval", {"samples/a_epoch_1.json": b" " * (65 << 20)})
    data = path.read_bytes()
    path.write_bytes(data.replace((65 << 20).to_bytes(4, "little"), (9).to_bytes(4, "little")))
    assert complaint(path).startswith("log.eval")


def test_a_zip_bomb_of_many_entries_is_stopped_by_their_sum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspect_logs, "MAX_ARCHIVE_BYTES", 1 << 20)
    sample = b'{"id": "a", "epoch": %d}' + b" " * 300_000
    entries = {f"samples/a_epoch_{i}.json": sample % i for i in range(1, 6)}
    path = archive(tmp_path / "log.eval", entries)
    assert "unpacks to more than 0 GiB; not read further" in complaint(path)


def packed_by(path: Path, method: int, packed: bytes, size: int, crc: int) -> Path:
    """An archive of one sample that says to be packed by `method`: `packed`, of `size` bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("samples/a_epoch_1.json", packed)
    data = bytearray(path.read_bytes())
    for start in (data.index(b"PK\x03\x04") + 8, data.index(b"PK\x01\x02") + 10):
        data[start : start + 2] = method.to_bytes(2, "little")
        data[start + 6 : start + 10] = crc.to_bytes(4, "little")
        data[start + 14 : start + 18] = size.to_bytes(4, "little")
    path.write_bytes(data)
    return path


def zstd(content: bytes) -> bytes:
    packed: bytes = pyarrow.compress(content, codec="zstd", asbytes=True)
    return packed


def test_a_compression_that_nothing_here_reads_says_what_to_do(tmp_path: Path) -> None:
    path = packed_by(tmp_path / "log.eval", 98, b"PPMd", 9, 0)
    assert "turn the log into JSON first: inspect log convert --to json" in complaint(path)


def deflated(path: Path, content: bytes) -> Path:
    return archive(path, {"samples/a_epoch_1.json": content})


def packed_by_zstd(path: Path, content: bytes) -> Path:
    return packed_by(path, 93, zstd(content), len(content), zlib.crc32(content))


@pytest.mark.parametrize("pack", [deflated, packed_by_zstd])
def test_a_zip_bomb_is_not_unpacked_beyond_the_limit(
    pack: Callable[[Path, bytes], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pack(tmp_path / "log.eval", b" " * (60 << 20))
    monkeypatch.setattr(inspect_logs, "MAX_ROW_BYTES", 1 << 20)
    tracemalloc.start()
    said = complaint(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said == "log.eval, samples/a_epoch_1.json: unpacks to more than 1 MiB; not read"
    assert peak < 8 << 20


@pytest.mark.parametrize(
    "damage", [lambda packed: b"no zstd", lambda packed: packed[:-3], lambda packed: b""]
)
def test_damaged_zstd_is_an_error_in_words(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    sample = b'{"id": "a", "epoch": 1}' * 9
    broken = damage(zstd(sample))
    path = packed_by(tmp_path / "log.eval", 93, broken, len(sample), zlib.crc32(sample))
    assert complaint(path).startswith("log.eval: the archive is damaged (")


def test_zstd_of_other_content_than_its_header_says_is_damaged(tmp_path: Path) -> None:
    sample = b'{"id": "a", "epoch": 1}'
    path = packed_by(tmp_path / "log.eval", 93, zstd(sample), len(sample), 0)
    assert complaint(path).startswith("log.eval: the archive is damaged (")
