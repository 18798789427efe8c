"""A build gives the same bytes however it runs, and never touches what is not its own."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import os
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest

from lintseq_core.data.building import dataset as build_module
from lintseq_core.data.building import partial as partial_module
from lintseq_core.data.building.copies import Copies
from lintseq_core.data.building.dataset import BuildOutcome, build_dataset, settings_for
from lintseq_core.data.building.items import Drop, Made
from lintseq_core.data.building.report import read_report
from lintseq_core.data.building.run import BuildProgress
from lintseq_core.data.counts import ProgramCounts
from lintseq_core.data.rows import DataRow, rows_of
from lintseq_core.data.settings import BuildSettings
from lintseq_core.errors import LintSeqError

BAD_ROWS = [b"not json", b'{"instruction": "x"}', b'{"instruction": "", "response": "x ="}']
SETTINGS = BuildSettings("response", "instruction", samples=2, shard_rows=8)


def made_rows(count: int) -> list[bytes]:
    """Small programs; every seventh is a copy of the first."""
    return [
        json.dumps({
            "instruction": f"Number {n}.",
            "response": f"def f{n % 7 and n}(x):\n    y = x + {n % 7 and n}\n    return y\n",
        }).encode()
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.jsonl"
    rows = made_rows(30)
    path.write_bytes(b"\n".join([*rows[:10], *BAD_ROWS, b"", *rows[10:]]))
    return path


def build(source: Path, name: str = "out.jsonl", **options: Any) -> BuildOutcome:
    settings = options.pop("settings", SETTINGS)
    options.setdefault("workers", 1)
    return build_dataset(source, source.with_name(name), settings, **options)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_data_set_and_its_report_are_all_that_stays(source: Path, tmp_path: Path) -> None:
    outcome = build(source)
    assert outcome.is_new
    assert files(tmp_path) == {
        "source.jsonl", "out.jsonl", "out.jsonl.report.json", "out.jsonl.report.md",
    }  # fmt: skip
    tally = outcome.report.tally
    assert tally.rows_read == 33
    assert tally.drops == {"duplicate": 4, "bad_json": 1, "missing_field": 1, "syntax": 1}
    assert tally.examples["syntax"] == [(13, "row 13, line 1: invalid syntax: 'x ='")]
    assert [row for row, _ in tally.examples["duplicate"]] == [8, 19, 26, 33]
    assert (tally.counts.programs, tally.counts.rows) == (26, 52)
    data = (tmp_path / "out.jsonl").read_bytes()
    assert outcome.report.output_sha256 == hashlib.sha256(data).hexdigest()
    assert outcome.report.output_bytes == len(data)
    assert read_report(tmp_path / "out.jsonl").to_dict() == outcome.report.to_dict()


def test_no_row_depends_on_the_number_of_workers(source: Path, tmp_path: Path) -> None:
    one = build(source, "one.jsonl", workers=1).report
    eight = build(source, "eight.jsonl", workers=8).report
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "eight.jsonl").read_bytes()
    assert replace(one.tally, cpu_s=0) == replace(eight.tally, cpu_s=0)


def test_a_row_depends_on_nothing_but_its_program_and_the_settings(
    source: Path, tmp_path: Path
) -> None:
    build(source)
    alone = tmp_path / "alone.jsonl"
    alone.write_bytes(made_rows(30)[29])
    build(alone, "alone_out.jsonl")
    last = (tmp_path / "out.jsonl").read_text().splitlines()[-1]
    single = (tmp_path / "alone_out.jsonl").read_text().splitlines()[-1]
    differing = {"index", "source_file"}
    rows = [json.loads(row) for row in (last, single)]
    assert {k: v for k, v in rows[0].items() if k not in differing} == {
        k: v for k, v in rows[1].items() if k not in differing
    }


def test_gzip_holds_the_same_rows_and_is_the_same_every_time(source: Path, tmp_path: Path) -> None:
    build(source)
    build(source, "one.jsonl.gz")
    build(source, "two.jsonl.gz")
    packed = (tmp_path / "one.jsonl.gz").read_bytes()
    assert packed == (tmp_path / "two.jsonl.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "out.jsonl").read_bytes()


@pytest.mark.parametrize("layout", ["lintseq", "pylintseq", "messages", "prompt-completion"])
def test_parquet_holds_the_same_rows_and_is_the_same_every_time(
    source: Path, tmp_path: Path, layout: Any
) -> None:
    pytest.importorskip("pyarrow", reason="needs pyarrow: the extra 'data'")
    settings = replace(SETTINGS, layout=layout, reasons=layout == "lintseq")
    build(source, settings=settings)
    build(source, "one.parquet", settings=settings)
    build(source, "two.parquet", settings=settings)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    from_json, from_parquet = rows_of(tmp_path / "out.jsonl"), rows_of(tmp_path / "one.parquet")
    for one, other in zip(from_json, from_parquet, strict=True):
        assert isinstance(one, DataRow)
        assert one == other


def test_parquet_is_a_source_too(source: Path, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow: the extra 'data'")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [json.loads(row) for row in made_rows(30)]
    table = pyarrow.Table.from_pylist([*rows[:10], {"instruction": "x", "response": None}])
    parquet.write_table(table, tmp_path / "source.parquet")
    report = build(tmp_path / "source.parquet", "p.jsonl").report
    assert report.tally.drops == {"duplicate": 1, "wrong_type": 1}
    build(source)
    expected = (tmp_path / "out.jsonl").read_text().replace("source.jsonl", "source.parquet")
    assert expected.startswith((tmp_path / "p.jsonl").read_text())


def test_built_again_it_says_so_and_writes_nothing(source: Path, tmp_path: Path) -> None:
    first = build(source)
    times = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    again = build(source, workers=2)
    assert (again.is_new, again.report.output_sha256) == (False, first.report.output_sha256)
    os.utime(source)  # touched is not changed
    assert not build(source).is_new
    times["source.jsonl"] = source.stat().st_mtime_ns
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == times


def test_other_settings_are_refused_with_the_difference_named(source: Path) -> None:
    build(source)
    with pytest.raises(LintSeqError) as caught:
        build(source, settings=replace(SETTINGS, seed=1, layout="messages", samples=3))
    assert str(caught.value) == (
        f"{source.with_name('out.jsonl')} exists and was built otherwise: samples 2 there, 3 now; "
        'seed 0 there, 1 now; layout "lintseq" there, "messages" now: '
        "choose another -o, or --force to overwrite it"
    )


def test_another_source_is_refused_and_force_overwrites(source: Path) -> None:
    build(source)
    source.write_bytes(made_rows(3)[0])
    with pytest.raises(LintSeqError, match=r"source n_bytes \d+ there, \d+ now; source sha256 "):
        build(source)
    assert build(source, force=True).report.tally.counts.programs == 1


def test_a_data_set_that_was_edited_is_refused(source: Path, tmp_path: Path) -> None:
    build(source)
    with (tmp_path / "out.jsonl").open("a") as file:
        file.write("{}\n")
    with pytest.raises(LintSeqError, match="was changed after it was built"):
        build(source)


def test_a_file_of_somebody_else_is_refused_and_left_alone(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("mine")
    with pytest.raises(LintSeqError, match="exists and has no report"):
        build(source)
    assert (tmp_path / "out.jsonl").read_text() == "mine"
    assert files(tmp_path) == {"source.jsonl", "out.jsonl"}
    (tmp_path / "out.jsonl").rename(tmp_path / "out.jsonl.report.json")
    with pytest.raises(LintSeqError, match="exists without its data set"):
        build(source)


def test_a_report_that_makes_no_sense_is_an_error_not_a_crash(source: Path, tmp_path: Path) -> None:
    build(source)
    for text in ("", "[]", '{"report_version": 1}', '{"report_version": 99}'):
        (tmp_path / "out.jsonl.report.json").write_text(text)
        with pytest.raises(LintSeqError, match=r"out.jsonl.report.json: .*--force overwrites it"):
            build(source)


class _Stop(Exception):
    pass


def _stop_after(rows: int) -> Any:
    def stop(done: BuildProgress) -> None:
        if done.rows_read >= rows:
            raise _Stop

    return stop


def stopped(source: Path, rows: int = 17, **options: Any) -> None:
    with pytest.raises(_Stop):
        build(source, on_progress=_stop_after(rows), **options)


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_a_stopped_build_goes_on_and_ends_with_the_same_bytes(
    source: Path, tmp_path: Path, name: str
) -> None:
    build(source, f"whole_{name}")
    stopped(source, name=name)
    assert not (tmp_path / name).exists()
    report = build(source, name, workers=2).report
    assert (tmp_path / name).read_bytes() == (tmp_path / f"whole_{name}").read_bytes()
    assert 0 < report.resumed_rows < report.tally.rows_read
    whole = read_report(tmp_path / f"whole_{name}").tally
    assert replace(report.tally, cpu_s=0) == replace(whole, cpu_s=0)


def test_an_unfinished_build_of_other_settings_is_refused_unless_forced(source: Path) -> None:
    stopped(source)
    other = replace(SETTINGS, seed=5)
    with pytest.raises(LintSeqError, match=r"holds an unfinished build .*: seed 0 there, 5 now: "):
        build(source, settings=other)
    assert build(source, settings=other, force=True).report.resumed_rows == 0


def test_force_goes_on_with_its_own_unfinished_build(source: Path, tmp_path: Path) -> None:
    (tmp_path / "out.jsonl").write_text("old")
    stopped(source, force=True)
    assert build(source, force=True).report.resumed_rows > 0


def test_a_source_that_changed_in_between_is_refused(source: Path) -> None:
    stopped(source)
    with source.open("ab") as file:
        file.write(b"\n{}")
    with pytest.raises(LintSeqError, match=r"unfinished build .*: source n_bytes "):
        build(source)


def test_a_source_that_changes_meanwhile_is_an_error(source: Path) -> None:
    def touch(done: BuildProgress) -> None:
        with source.open("ab") as file:
            file.write(b" ")

    with pytest.raises(LintSeqError, match="was changed while it was read"):
        build(source, on_progress=touch)


def test_a_file_that_appears_meanwhile_is_not_overwritten(source: Path, tmp_path: Path) -> None:
    with pytest.raises(LintSeqError, match="has appeared meanwhile"):
        build(source, on_progress=lambda done: (tmp_path / "out.jsonl").write_text("mine"))
    assert (tmp_path / "out.jsonl").read_text() == "mine"


def test_strict_stops_at_the_first_bad_row_and_lets_copies_pass(source: Path) -> None:
    with pytest.raises(LintSeqError) as caught:
        build(source, strict=True)
    assert str(caught.value).startswith(f"{source}, row 11: not JSON: Expecting value")
    assert str(caught.value).endswith("without --strict such rows are dropped and counted")
    copies = source.with_name("copies.jsonl")
    copies.write_bytes(b"\n".join(made_rows(10)))
    assert build(copies, "c.jsonl", strict=True).report.tally.drops == {"duplicate": 1}


def test_a_source_without_a_usable_row_is_an_error_that_says_why(
    source: Path, tmp_path: Path
) -> None:
    source.write_bytes(b"\n".join(BAD_ROWS[:2]))
    with pytest.raises(LintSeqError, match=r"no row could be used: 1 bad_json \(row 1: not JSON"):
        build(source)
    source.write_bytes(b"\n")
    with pytest.raises(LintSeqError, match=r"no row could be used: it has no row"):
        build(source)
    assert files(tmp_path) == {"source.jsonl"}


def test_a_full_disk_is_one_line_and_the_build_goes_on_later(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(source, "whole.jsonl")
    room = [25_000]

    class Disk:
        def __init__(self, file: IO[bytes]) -> None:
            self._file = file

        def write(self, data: bytes) -> int:
            room[0] -= len(data)
            if room[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self._file.write(data)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    @contextmanager
    def small(path: Path) -> Iterator[Any]:
        with whole(path) as file:
            yield Disk(file)

    whole = partial_module.whole_file
    monkeypatch.setattr(partial_module, "whole_file", small)
    with pytest.raises(LintSeqError) as caught:
        build(source)
    assert str(caught.value) == (
        f"{tmp_path / 'out.jsonl'}: no space left on the disk: make room and repeat the command, "
        "which goes on where it stopped"
    )
    assert not [name for name in files(tmp_path / "out.jsonl.partial") if name.endswith(".tmp")]
    monkeypatch.setattr(partial_module, "whole_file", whole)
    assert build(source).report.resumed_rows > 0
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()


def test_a_program_that_kills_its_worker_is_one_drop(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = (
        "import os, lintseq_core.data.building.items as items\n"
        "make = items.ItemMaker.make\n"
        "items.ItemMaker.make = lambda self, index, payload: (\n"
        "    os.kill(os.getpid(), 9) if index == 5 else make(self, index, payload))\n"
        "from lintseq_core.data.building.worker import main; main()"
    )
    monkeypatch.setattr("lintseq_core.data.building.workers._COMMAND", command)
    tally = build(source, workers=2).report.tally
    assert tally.drops["crashed"] == 1
    assert tally.examples["crashed"] == [
        (6, "row 6: the worker process died: out of memory, or a fault of the interpreter")
    ]
    assert tally.counts.programs == 25


def test_a_worker_that_cannot_start_is_an_error(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lintseq_core.data.building.workers._COMMAND", "raise SystemExit(3)")
    with pytest.raises(LintSeqError, match="a worker process could not start"):
        build(source)


def test_a_file_in_the_current_folder_cannot_stand_in_for_a_module(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    assert build(source).is_new


def test_near_duplicates_go_where_asked_for_and_the_number_of_workers_does_not_matter(
    tmp_path: Path,
) -> None:
    pytest.importorskip("datasketch", reason="needs datasketch: the extra 'data'")
    body = "".join(f"    total = total + values[{n}] * weights[{n}]\n" for n in range(12))
    texts = [
        f"def f(values, weights):\n    total = 0\n{body}    return total\n",
        f"def f(values, weights):\n    total = 0\n{body}    return total  # the sum\n",
        "def g(x):\n    return x\n",
        f"def f(values, weights):\n    total = 1\n{body}    return total\n",
        f"def f(values, weights):\n    total = 1\n{body}    return total\n",
    ]
    source = tmp_path / "near.jsonl"
    source.write_text("".join(json.dumps({"response": text}) + "\n" for text in texts))
    settings = BuildSettings("response", None, samples=1, near_dedup=0.8, shard_rows=1)
    one = build(source, "one.jsonl", settings=settings).report
    build(source, "two.jsonl", settings=settings, workers=2)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()
    assert one.tally.drops == {"near_duplicate": 3}
    assert one.tally.examples["near_duplicate"][0] == (2, "row 2: nearly the program of row 1")
    stopped(source, 2, name="stopped.jsonl", settings=settings)
    build(source, "stopped.jsonl", settings=settings)
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "stopped.jsonl").read_bytes()


def test_near_duplicates_without_datasketch_name_the_extra(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "datasketch", None)
    with pytest.raises(LintSeqError, match=r"pip install 'lintseq-core\[data\]'"):
        build(source, settings=replace(SETTINGS, near_dedup=0.8))
    assert files(tmp_path) == {"source.jsonl"}


def test_remembering_a_program_takes_at_most_200_bytes() -> None:
    counts = ProgramCounts(1, 1, 1, 1, (1,), (1,))
    copies = Copies(SETTINGS)
    tracemalloc.start()
    for index in range(100_000):
        digest = hashlib.sha256(str(index).encode()).digest()[:16]
        copies.admit(Made(index, digest, b"", counts))
    size, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / 100_000 < 120
    assert peak / 100_000 < 200
    again = hashlib.sha256(b"7").digest()[:16]
    assert isinstance(copies.admit(Made(100_001, again, b"", counts)), Drop)


def test_fields_are_guessed_or_the_error_lists_what_there_is(source: Path) -> None:
    settings = settings_for(source, samples=1)
    assert (settings.program_field, settings.instruction_field) == ("response", "instruction")
    assert settings_for(source, instruction_field="").instruction_field is None
    source.write_text('{"a": "x", "b": 3}\n')
    with pytest.raises(
        LintSeqError, match=r"which field is the program\? its first rows have a, b"
    ):
        settings_for(source)
    with pytest.raises(LintSeqError, match=r"which field is the instruction\?"):
        settings_for(source, program_field="a")


def test_the_report_for_people_says_what_became_of_the_rows(source: Path, tmp_path: Path) -> None:
    build(source, command="lintseq dataset build source.jsonl -o out.jsonl")
    text = (tmp_path / "out.jsonl.report.md").read_text()
    for part in (
        "# out.jsonl\n\n52 rows of 26 programs from `source.jsonl`.",
        "```\nlintseq dataset build source.jsonl -o out.jsonl\n```",
        "33 read, 26 used, 7 dropped.",
        "| 4 | duplicate: same program as an earlier row | 8, 19, 26, 33 |",
        "- syntax: row 13, line 1: invalid syntax: 'x ='",
        "| lines per program | 26 | 3.00 | 3 | 3 | 3 | 3 | 3 |",
        "100.0% without a finding, 100.0% without a new one.",
        "Near-duplicates were not looked for",
        f"- output sha256: `{hashlib.sha256((tmp_path / 'out.jsonl').read_bytes()).hexdigest()}`",
    ):
        assert part in text


def test_only_the_workers_sample(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("the builder samples")

    monkeypatch.setattr("lintseq_core.data.building.items.sample_paths", refuse)
    assert build(source).is_new
    assert build_module.__name__ == "lintseq_core.data.building.dataset"
