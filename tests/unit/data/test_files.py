"""Files appear whole or not at all; a folder belongs to one process at a time."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from lintseq_core.data.files import file_sha256, locked_folder, whole_file
from lintseq_core.errors import LintSeqError


def test_a_file_takes_its_place_in_one_step_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with whole_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
        written = os.fstat(file.fileno()).st_ino
    assert path.read_text() == "new"
    assert path.stat().st_ino == written  # renamed, not copied
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_an_error_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), whole_file(path) as file:
        file.write(b"new")
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_held_folder_is_refused_with_its_holder_and_free_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    with locked_folder(folder, "out.jsonl"):
        with pytest.raises(LintSeqError) as caught, locked_folder(folder, "out.jsonl"):
            pass
        assert str(caught.value) == (
            f"out.jsonl is being built by another command (process {os.getpid()}); wait for it"
        )
    with locked_folder(folder, "out.jsonl"):
        shutil.rmtree(folder)  # as a build that is done does
    assert not folder.exists()


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert file_sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
