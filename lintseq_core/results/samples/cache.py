"""Where tables are kept: one folder for each file as it is now, the oldest removed."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path

from lintseq_core.data.cache import cache_folder
from lintseq_core.results.samples.importing import ABOUT, PARTIAL, VERSION

MAX_TABLES = 40
MAX_BYTES = 20 << 30
_YOUNG_S = 3600.0
"""A folder used within the last hour may be open: it stays."""


def tables_folder() -> Path:
    """`tables` in `$LINTSEQ_CACHE` or the user's cache folder; it need not exist."""
    return cache_folder() / "tables"


def table_folder(path: Path, scorer: str = "") -> Path:
    """Where the table of the file or folder at `path`, as it is now, is or will be.

    `scorer`: the one that is chosen to decide, in a log of Inspect with several.
    """
    named = f"{VERSION}\0{path.resolve()}" + (f"\0{scorer}\0" if scorer else "")
    digest = hashlib.sha256(named.encode("utf-8", "surrogateescape"))
    inside = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    for one in inside:
        about = one.stat()
        digest.update(
            f"\0{one.name}\0{about.st_size}\0{about.st_mtime_ns}".encode("utf-8", "replace")
        )
    return tables_folder() / digest.hexdigest()[:32]


def note_use(folder: Path) -> None:
    """Remember that the table was opened now: the least used ones go first."""
    if (folder / ABOUT).is_file():
        os.utime(folder / ABOUT)


def prune_tables(root: Path) -> int:
    """Remove the tables used longest ago beyond MAX_TABLES and MAX_BYTES; how many were removed.

    What an import that was killed has left counts as a table; other folders are let be.
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
        if (place >= MAX_TABLES or total > MAX_BYTES) and time.time() - used > _YOUNG_S:
            shutil.rmtree(folder, ignore_errors=True)
            n_removed += 1
    return n_removed
