"""The packages that the extra `train` brings, or one line that names it."""

from __future__ import annotations

import importlib
from typing import Any

from lintseq_core.models.errors import ModelError


def require_extra(*names: str) -> None:
    """Return if all packages in `names` can be imported; ModelError says how to get them."""
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            missing = error.name or name
            raise ModelError(
                f"{missing} is not installed: pip install 'lintseq-core[train]'"
            ) from None


def import_transformers() -> Any:
    """The module transformers, torch beside it; ModelError names the extra that brings both."""
    require_extra("torch", "transformers")
    return importlib.import_module("transformers")


def quiet_progress() -> None:
    """Keep transformers from drawing its own bars of progress, for the rest of this process."""
    import_transformers().utils.logging.disable_progress_bar()
