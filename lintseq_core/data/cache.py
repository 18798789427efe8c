"""Where is kept what can be fetched or made again: models, boxes, stores."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`$LINTSEQ_CACHE`, or `lintseq` in the user's cache folder; it need not exist."""
    named = os.environ.get("LINTSEQ_CACHE")
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "lintseq"
