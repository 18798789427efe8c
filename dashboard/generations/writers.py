"""The models that can write on this server: pocket models with numpy, others with torch, and one
behind a model server, where whoever started this one named it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashboard.files.loaders import load_given
from lintseq_core.cli.dashboard import SERVER_VARIABLE
from lintseq_core.models.pocket.folder import (
    CONFIG,
    TOKENIZER,
    WEIGHTS,
    PocketModel,
    is_pocket,
    load_pocket,
    shipped_pockets,
)
from lintseq_core.models.smollm2 import smollm2_folder
from lintseq_core.viewer.traces import short

if TYPE_CHECKING:
    from lintseq_core.generation.server_backend import ServerModel
    from lintseq_core.models.loaded import LoadedModel

NEEDED = ("torch", "transformers")
"""Of all models but pocket models."""
SMOLLM2_NAMES = ("smollm2-135m-lintseq", "smollm2-135m-whole", "smollm2-135m")
ROOT = Path(__file__).resolve().parents[2]
TRAIN_ONE = (
    "Small models write here without torch, each edit while you look. None comes with this version "
    "yet: `docs/pocket.md` has the three commands that train one, in some ten minutes on one core. "
    "Then start the dashboard on it: `lintseq dashboard runs/edits`."
)


@dataclass(frozen=True, slots=True)
class Writer:
    """A model that may be asked here."""

    model: str
    """What `load_model` takes, and what traces call it."""
    folder: Path | None = None
    """Of a pocket model; None: transformers runs it, or a server."""
    base_url: str | None = None
    """Of a model behind a server."""

    @property
    def is_pocket(self) -> bool:
        return self.folder is not None

    def load(self, on_note: Callable[[str], None]) -> LoadedModel | PocketModel | ServerModel:
        """The model, ready to write. LintSeqError says why it cannot be read or does not answer.

        `on_note` is told what a server leaves out.
        """
        if self.base_url is not None:
            from lintseq_core.generation.server_backend import load_server

            return load_server(self.model, self.base_url, on_note=on_note)
        return _transformers_model(self.model) if self.folder is None else self.load_pocket()

    def load_pocket(self) -> PocketModel:
        """The same, of a pocket model; a folder that has changed since is read again."""
        assert self.folder is not None
        files = [self.folder / name for name in (CONFIG, WEIGHTS, TOKENIZER)]
        stamps = tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)
        return _pocket_model(self.model, self.folder, stamps)


def writers() -> dict[str, Writer]:
    """By the name it is chosen by: pocket models that ship and that were given, then others.

    Nothing but what ships, the folders that the server was started on and the model server that it
    was told.
    """
    found = {name: Writer(name, folder) for name, folder in shipped_pockets().items()}
    given = {short("/".join(path.parts[-3:]), 60): path for path in load_given().models}
    found |= {name: Writer(str(path), path) for name, path in given.items() if is_pocket(path)}
    if (told := os.environ.get(SERVER_VARIABLE)) is not None:
        base_url, name = json.loads(told)
        found[f"{name}, on a model server"] = Writer(name, base_url=base_url)
    if missing_packages():
        return found
    found["tiny, random weights: for trying out"] = Writer("tiny")
    if (smollm2_folder() / "config.json").is_file():
        found |= {name: Writer(name) for name in SMOLLM2_NAMES}
    return found | {name: Writer(str(path)) for name, path in given.items() if name not in found}


def missing_packages() -> list[str]:
    """Those of `NEEDED` that are not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


def command_for_torch() -> str:
    """The one command that adds what larger models need, to the environment of this page."""
    if not (ROOT / "pyproject.toml").is_file():
        return 'pip install "lintseq-core[train]"'
    python = Path(sys.executable)
    if python.is_relative_to(ROOT):
        python = python.relative_to(ROOT)
    return f'{python} -m pip install -c constraints.txt -e ".[train]"'


@lru_cache(maxsize=8)
def _pocket_model(name: str, folder: Path, _stamps: tuple[int, ...]) -> PocketModel:
    """Some 10 ms and 4 MB each."""
    return load_pocket(name, folder)


@lru_cache(maxsize=1)
def _transformers_model(name: str) -> Any:
    from lintseq_core.models.extra import quiet_progress
    from lintseq_core.models.load import load_model

    quiet_progress()
    return load_model(name)
