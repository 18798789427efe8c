"""What stops a training run."""

from __future__ import annotations

from lintseq_core.errors import LintSeqError


class TrainingError(LintSeqError):
    """A run that cannot start or go on; the message says what to change."""


class CheckpointError(TrainingError):
    """A checkpoint that cannot be read, or that another configuration made."""
