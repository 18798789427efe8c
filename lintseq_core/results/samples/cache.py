"""Where stores are kept: one folder for what a file holds, the oldest removed."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import time
from pathlib import Path

from lintseq_core.data.cache import cache_folder
from lintseq_core.data.files import file_sha256
from lintseq_core.results.samples.importing import ABOUT, PARTIAL, VERSION

MAX_STORES = 40
MAX_BYTES = 20 << 30
_YOUNG_S = 3600.0
"""A folder used within the last hour may be open: it stays."""


def stores_folder() -> Path:
    """`samples` in `$LINTSEQ_CACHE` or the user's cache folder; it need not exist."""
    return cache_folder() / "samples"


def store_folder(path: Path, name: str = "", scorer: str = "") -> Path:
    """Where the store of what the file or folder at `path` holds now is or will be.

    What messages call it belongs to it: `name`, else the name of the file. `scorer`: the one that
    is chosen to decide, in a log of Inspect with several.
    """
    named = "\0".join((str(VERSION), content_sha256(path), name or path.name, scorer))
    digest = hashlib.sha256(named.encode("utf-8", "surrogateescape"))
    return stores_folder() / digest.hexdigest()[:32]


def content_sha256(path: Path) -> str:
    """sha256 of a file, or of the names and contents of the files in a folder, as 64 digits.

    A file is read once more when its size or time has changed; 0.7 GB/s.
    """
    if path.is_file():
        return _file_sha256(path)
    digest = hashlib.sha256()
    for one in sorted(one for one in path.rglob("*") if one.is_file()):
        named = str(one.relative_to(path)).encode("utf-8", "surrogateescape")
        digest.update(named + b"\0" + _file_sha256(one).encode())
    return digest.hexdigest()


def _file_sha256(path: Path) -> str:
    about = path.stat()
    return _known_sha256(path.resolve(), about.st_size, about.st_mtime_ns)


@functools.lru_cache(maxsize=10_000)
def _known_sha256(path: Path, size: int, modified: int) -> str:
    return file_sha256(path)


def note_use(folder: Path) -> None:
    """Remember that the store was opened now: the least used ones go first."""
    if (folder / ABOUT).is_file():
        os.utime(folder / ABOUT)


def prune_stores(root: Path) -> int:
    """Remove the stores used longest ago beyond MAX_STORES and MAX_BYTES; how many were removed.

    What an import that was killed has left counts as a store; other folders are let be.
    """
    found = []
    for folder in root.iterdir() if root.is_dir() else ():
        sign = folder / ABOUT
        if sign.is_file() or (folder.is_dir() and folder.name.startswith(PARTIAL)):
            used = (sign if sign.is_file() else folder).stat().st_mtime
            size = sum(one.stat().st_size for one in folder.iterdir() if one.is_file())
            found.append((used, size, folder))
    found.sort(reverse=True)
    n_removed = total = 0
    for place, (used, size, folder) in enumerate(found):
        total += size
        if (place >= MAX_STORES or total > MAX_BYTES) and time.time() - used > _YOUNG_S:
            shutil.rmtree(folder, ignore_errors=True)
            n_removed += 1
    return n_removed
