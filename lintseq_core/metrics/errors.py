"""The error of a metric that is asked about what it is not defined for."""

from __future__ import annotations

from lintseq_core.errors import LintSeqError


class MetricError(LintSeqError):
    """Numbers or programs that a metric is not defined for, or a package it lacks."""
