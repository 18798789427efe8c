"""The file system of programs in WebAssembly."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from lintseq_core.execution.inside.memory_files import MemoryFiles


def files() -> MemoryFiles:
    made = MemoryFiles(lambda *parts: parts, size_bytes=10, files=8)
    made.write("/box/a", b"12345")
    made.mkdir("/box/d")
    made.write("/box/d/b", b"1")
    return made


def test_a_new_one_has_a_working_folder_and_a_temporary_one() -> None:
    empty = MemoryFiles(lambda *parts: parts, 10, 8)
    assert empty.list("/") == [("box", "dir"), ("tmp", "dir")]
    assert empty.list("/box") == []


def test_what_was_written_is_there() -> None:
    made = files()
    assert made.list("/box") == [("a", "file"), ("d", "dir")]
    assert (made.read("/box/a"), made.stat("/box/a"), made.stat("/box/d")) == (
        b"12345",
        ("file", 5),
        ("dir",),
    )
    made.rename("/box/d", "/tmp/e")
    made.remove("/box/a")
    assert (made.read("/tmp/e/b"), made.list("/box")) == (b"1", [])


def test_removing_makes_room() -> None:
    made = files()
    made.remove("/box/a")
    made.write("/box/c", b"123456789")
    made.rename("/box/c", "/box/d/b")
    made.write("/box/f", b"1")


@pytest.mark.parametrize(
    ("act", "number"),
    [
        (lambda f: f.write("/box/c", b"12345"), errno.ENOSPC),
        (lambda f: f.write("/box/" + "c" * 5000, b""), errno.ENAMETOOLONG),
        (lambda f: f.mkdir("/box/" + "c" * 5000), errno.ENAMETOOLONG),
        (lambda f: f.rename("/box/a", "/box/" + "c" * 5000), errno.ENAMETOOLONG),
        (lambda f: f.write("/box/a", b"1234567890"), errno.ENOSPC),
        (lambda f: [f.mkdir(f"/box/{n}") for n in range(9)], errno.ENOSPC),
        (lambda f: f.read("/box/none"), errno.ENOENT),
        (lambda f: f.read("/box/d"), errno.EISDIR),
        (lambda f: f.read("/box/a/b"), errno.ENOTDIR),
        (lambda f: f.write("/none/a", b""), errno.ENOENT),
        (lambda f: f.write("/box/d", b""), errno.EISDIR),
        (lambda f: f.mkdir("/box/d"), errno.EEXIST),
        (lambda f: f.list("/box/a"), errno.ENOTDIR),
        (lambda f: f.remove("/box/d"), errno.EISDIR),
        (lambda f: f.rmdir("/box/d"), errno.ENOTEMPTY),
        (lambda f: f.rmdir("/tmp"), errno.EBUSY),
        (lambda f: f.rename("/box/d", "/box/d/e"), errno.EINVAL),
        (lambda f: f.rename("/box/d", "/box/a"), errno.ENOTDIR),
        (lambda f: f.rename("/box/a", "/box/d"), errno.EISDIR),
    ],
)
def test_what_a_file_system_refuses(act: Callable[[MemoryFiles], object], number: int) -> None:
    with pytest.raises(OSError) as error:
        act(files())
    assert error.value.errno == number
