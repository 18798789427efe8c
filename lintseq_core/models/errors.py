"""What goes wrong with models."""

from __future__ import annotations

from lintseq_core.errors import LintSeqError


class ModelError(LintSeqError):
    """A model that cannot be loaded or used; the message names it and what to do."""
