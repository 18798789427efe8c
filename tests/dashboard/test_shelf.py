"""What visitors bring is kept once, within bounds, and found by those alone who brought it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.files.shelf import YOUNG_S, Bounds, Label, Shelf
from lintseq_core import LintSeqError

pytestmark = pytest.mark.feature("Files of visitors")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(tmp_path: Path, clock: Clock) -> Shelf:
    bounds = Bounds(visitor_files=3, visitor_bytes=100, files=5, bytes=150, visitors=2)
    return Shelf(tmp_path, bounds, clock)


def stored(folder: Path) -> list[str]:
    return sorted(str(path.read_text()) for path in folder.rglob("*") if path.is_file())


def test_one_content_is_stored_once_and_each_visitor_gives_it_a_name(
    shelf: Shelf, tmp_path: Path
) -> None:
    mine, yours = shelf.keep("me", "a.jsonl", b"one"), shelf.keep("you", "b.jsonl", b"one")
    shelf.keep("me", "a.jsonl", b"one")

    assert stored(tmp_path) == ["one"]
    assert (mine.key, mine.path) == (yours.key, yours.path)
    found = [shelf.find(visitor, mine.key[:12]) for visitor in ("me", "you", "nobody")]
    assert [one and one.name for one in found] == ["a.jsonl", "b.jsonl", None]


def test_what_somebody_removed_from_the_folder_is_written_again(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.keep("me", "a.jsonl", b"one").path.unlink()
    shelf.keep("me", "a.jsonl", b"one")
    assert stored(tmp_path) == ["one"]


def test_what_one_visitor_drops_stays_for_the_other_and_then_goes_from_the_disk(
    shelf: Shelf, tmp_path: Path
) -> None:
    key = shelf.keep("me", "a", b"one").key
    shelf.keep("you", "b", b"one")

    shelf.drop("me", key)
    assert shelf.find("me", key) is None and shelf.is_of_another("me", key)
    assert stored(tmp_path) == ["one"]
    shelf.drop("you", key)
    assert not shelf.is_of_another("me", key)
    assert stored(tmp_path) == []


def test_a_file_that_is_too_large_for_a_visitor_is_refused_with_what_to_do(shelf: Shelf) -> None:
    with pytest.raises(LintSeqError, match=r"big: .* name the file when you start it"):
        shelf.keep("me", "big", b"x" * 101)


def test_a_visitor_has_so_many_files_and_those_in_use_stay(shelf: Shelf, clock: Clock) -> None:
    keys = [shelf.keep("me", f"{n}", f"{n}".encode()).key for n in range(3)]
    with pytest.raises(LintSeqError, match="4: you have 3 files open; remove one first"):
        shelf.keep("me", "4", b"4")

    clock.now += YOUNG_S + 1
    assert shelf.find("me", keys[0])  # in use again
    shelf.keep("me", "4", b"4")
    assert [bool(shelf.find("me", key)) for key in keys] == [True, False, True]


def test_the_bytes_of_a_visitor_are_bounded_even_if_files_in_use_go(shelf: Shelf) -> None:
    first = shelf.keep("me", "a", b"a" * 60).key
    other = shelf.keep("you", "b", b"b" * 60).key
    second = shelf.keep("me", "c", b"c" * 60).key

    assert [bool(shelf.find("me", key)) for key in (first, second)] == [False, True]
    assert shelf.find("you", other)


def test_all_visitors_together_are_bounded_and_the_least_used_goes(
    shelf: Shelf, tmp_path: Path
) -> None:
    keys = {name: shelf.keep(name, name, name.encode() * 60).key for name in "ab"}
    assert shelf.find("a", keys["a"])
    keys["c"] = shelf.keep("c", "c", b"c" * 60).key

    assert [bool(shelf.find(name, keys[name])) for name in "abc"] == [True, False, True]
    assert len(stored(tmp_path)) == 2


def test_so_many_files_of_all_visitors_in_use_leave_no_room(shelf: Shelf) -> None:
    for n in range(5):
        shelf.keep(f"visitor {n}", "x", f"{n}".encode())
    with pytest.raises(LintSeqError, match="try again in an hour"):
        shelf.keep("late", "x", b"late")


def test_a_path_that_was_opened_is_neither_copied_nor_removed(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("mine")
    shelf.open_path("me", "0123456789ab", "mine.jsonl", path)

    assert stored(tmp_path) == ["mine"]
    assert shelf.find("you", "0123456789ab") is None
    shelf.drop("me", "0123456789ab")
    assert stored(tmp_path) == ["mine"]


@pytest.mark.parametrize("name", ["../../x", "..", "", "a/b\\c\0", "é" * 300, "/etc/passwd"])
def test_no_name_leads_out_of_the_folder(shelf: Shelf, tmp_path: Path, name: str) -> None:
    kept = shelf.keep("me", name, b"one")
    assert kept.path.resolve().is_relative_to(tmp_path.resolve())
    assert kept.path.read_bytes() == b"one" and kept.name == name


def test_names_and_colours_are_remembered_of_so_many_visitors(shelf: Shelf) -> None:
    for visitor in ("a", "b", "c"):
        shelf.put_label(visitor, "file", Label(f"{visitor}'s", 2))
    assert [shelf.label(visitor, "file").name for visitor in "abc"] == ["", "b's", "c's"]
    assert shelf.label("c", "other") == Label()
