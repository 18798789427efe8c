"""Files that are either whole or not there, and a folder that only one process writes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lintseq_core.errors import LintSeqError

_CHUNK = 1 << 20


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to that takes the place of `path` once all of it is safe on the disk.

    On an error nothing is left behind, and `path` stays as it was.
    """
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in `folder` survive a crash of the machine, where that can be."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def file_sha256(path: Path) -> str:
    """sha256 of the bytes of `path`, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextlib.contextmanager
def locked_folder(folder: Path, what: str) -> Iterator[None]:
    """Hold `folder`, made if need be, for this process alone; LintSeqError if another has it.

    The system gives the lock back when the process ends, however it ends.
    """
    while True:
        folder.mkdir(exist_ok=True)
        path = folder / "lock"
        try:
            file = path.open("a+b")
        except FileNotFoundError:  # its holder has just finished and removed the folder
            continue
        with file:
            if not _try_lock(file):
                file.seek(0)
                holder = file.read(20).decode(errors="replace").strip()
                by = f" (process {holder})" if holder else ""
                raise LintSeqError(f"{what} is being built by another command{by}; wait for it")
            try:
                is_current = os.fstat(file.fileno()).st_ino == path.stat().st_ino
            except FileNotFoundError:
                is_current = False
            if not is_current:
                continue
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
            yield
            return


def _try_lock(file: IO[bytes]) -> bool:
    if sys.platform == "win32":
        import msvcrt

        file.seek(1 << 20)  # past the text, which others must be able to read
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
