"""Results and traces are read by what they hold, however they are packed, encoded or laid out."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lintseq_core.errors import LintSeqError
from lintseq_core.generation.trace_reading import read_trace
from lintseq_core.results.formats.reading import Input, open_input
from lintseq_core.results.formats.recognise import identify, recognise
from lintseq_core.results.samples.store import Store
from lintseq_core.viewer import rows, traces
from lintseq_core.viewer.rows import read_sequences
from lintseq_core.viewer.traces import looks_like_trace, read_traces
from tests.unit.results.samples.files import build

pytest.importorskip("pyarrow", reason="stores need pyarrow, which comes with the extra dashboard")

ROOT = Path(__file__).resolve().parents[3]
FILES = ROOT / "tests" / "data" / "row_files"
FORMATS = ROOT / "tests" / "data" / "formats"
TRACE = ROOT / "tests" / "data" / "traces" / "count_vowels.tiny-short.jsonl"


def as_list(data: bytes) -> bytes:
    return json.dumps([json.loads(line) for line in data.splitlines()], indent=1).encode()


def pretty(data: bytes) -> bytes:
    return b"".join(
        json.dumps(json.loads(line), indent=2).encode() + b"\n" for line in data.splitlines()
    )


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "utf-16": lambda data: data.decode().encode("utf-16"),
    "list": as_list,
    "pretty": pretty,
    "glued": lambda data: data.replace(b"\n", b""),
    "cr": lambda data: data.replace(b"\n", b"\r"),
    "marked": lambda data: b"".join(
        b"\xef\xbb\xbf" + line for line in data.splitlines(keepends=True)
    ),
}
LINES = [
    "human_eval.jsonl", "human_eval_results.jsonl", "codex_eval_predictions.jsonl",
    "pylintseq.jsonl", "evalplus.jsonl", "bigcodebench.jsonl", "samples_humaneval.jsonl",
    "lintseq.jsonl",
]  # fmt: skip
DOCUMENTS = [
    "evalplus.eval_results.json", "bigcodebench_eval_results.json", "generations_humaneval.json",
    "inspect.json",
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("file", LINES)
@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".jsonl.gz"])
def test_rows_are_the_same_in_every_layout(
    file: str, change: str, suffix: str, tmp_path: Path
) -> None:
    plain = recognise(Input(FORMATS / file, "f"))
    path = tmp_path / f"f{suffix}"
    path.write_bytes(CHANGES[change]((FORMATS / file).read_bytes()))
    changed = recognise(Input(path, "f"))
    assert changed.format.name == plain.format.name
    found = list(changed.samples())
    expected = list(plain.samples())
    assert [(one.task_id, one.sample_id, one.text, one.passed) for one in found] == [
        (one.task_id, one.sample_id, one.text, one.passed) for one in expected
    ]
    about = build(tmp_path, path)
    assert (about.n_rows, about.n_bad_rows) == (len(expected), 0)
    store = Store(tmp_path / "store")
    assert store.column("number").tolist()[-1] >= 1
    first = expected[0].task_id
    of_first = [one.text for one in expected if one.task_id == first]
    assert [one.text for one in store.samples(first)] == of_first


@pytest.mark.parametrize("change", ["gzip", "utf-16"])
@pytest.mark.parametrize("file", DOCUMENTS)
def test_documents_are_read_packed_and_in_utf_16(file: str, change: str, tmp_path: Path) -> None:
    plain = recognise(Input(FORMATS / file, file))
    path = tmp_path / file
    path.write_bytes(CHANGES[change]((FORMATS / file).read_bytes()))
    changed = recognise(Input(path, file))
    assert changed.format.name == plain.format.name
    assert list(changed.samples()) == list(plain.samples())


@pytest.mark.parametrize("name", ["utf16.jsonl", "list.json", "glued.jsonl", "cr_only.jsonl", "bom_mid.jsonl"])  # fmt: skip
def test_results_that_were_laid_out_oddly_are_read(name: str, tmp_path: Path) -> None:
    path = FILES / f"results_{name}"
    with open_input(str(path)) as source:
        samples = list(recognise(source).samples())
    assert [one.passed for one in samples] == [False, True] * 3
    about = build(tmp_path, path)
    assert (about.format, about.n_rows, about.n_bad_rows) == ("human-eval-results", 6, 0)


def test_a_row_of_a_list_is_named_with_its_row_and_line(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text('[\n{"task_id": "a", "completion": "x"},\n\n{"task_id": "a", "completion": 1}]')
    with pytest.raises(LintSeqError, match=r"^f, row 2 \(line 4\): field 'completion' is a number"):
        list(recognise(Input(path, "f")).samples())


def test_a_single_object_over_lines_is_a_row_or_a_document(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(json.dumps({"task_id": "a", "completion": "x"}, indent=1))
    assert [one.text for one in recognise(Input(path, "f")).samples()] == ["x"]
    path.write_text(json.dumps({"a": 1}, indent=1))
    with pytest.raises(LintSeqError, match=r"^f: unknown format: the document has 'a'"):
        identify(Input(path, "f"))


@pytest.mark.parametrize("change", CHANGES)
def test_a_trace_is_the_same_in_every_layout(change: str, tmp_path: Path) -> None:
    data = CHANGES[change](TRACE.read_bytes())
    path = tmp_path / "t.json"
    path.write_bytes(data)
    assert read_trace(path) == read_trace(TRACE)
    assert looks_like_trace(data)
    (read,), faults = read_traces(data, "t")
    assert faults == ()
    assert read.trace == read_trace(TRACE)


@pytest.mark.parametrize("change", CHANGES)
def test_sequences_are_the_same_in_every_layout(change: str) -> None:
    from lintseq_core import Program, get_linter, sample_paths

    program = Program.from_text("import os\nx = [1]\nfor y in x:\n    print(os.sep, y)\n")
    sequences = list(sample_paths(program, seed=1, n_paths=3, linter=get_linter("pyflakes")))
    data = "".join(f"{one.to_json()}\n" for one in sequences).encode()
    assert read_sequences(CHANGES[change](data), "f", max_rows=9) == read_sequences(
        data, "f", max_rows=9
    )


def test_a_small_file_that_unpacks_to_any_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = gzip.compress(TRACE.read_bytes() + b"\n" * 9_000_000)
    for module in (traces, rows):
        monkeypatch.setattr(module, "MAX_UNPACKED_BYTES", 8 << 20)
    said = "f: unpacks to more than 8 MiB; not read"
    assert not looks_like_trace(data)
    assert read_traces(data, "f") == ((), (said,))
    assert read_sequences(data, "f", max_rows=9) == ((), (said,))


@pytest.mark.parametrize("name", ["t.jsonl", "t.json", "t.jsonl.gz"])
def test_the_dashboard_takes_a_trace_for_one_whatever_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "dashboard"))
    from dashboard.files.given import read_given

    for change in CHANGES.values():
        path = tmp_path / name
        path.write_bytes(change(TRACE.read_bytes()))
        given = read_given(json.dumps([str(path)]))
        assert (len(given.traces), given.faults, given.programs) == (1, (), {})
