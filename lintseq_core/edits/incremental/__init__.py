"""The incremental engine: one analysis of a program answers for all its states, for pyflakes.

A deletion takes whole statements, nearly always. Then nothing is parsed: `LayoutState` knows which
blocks and `try` statements broke, `NameState` which names went missing. A statement that lost inner
lines is parsed alone (`Remnants`). What that does not settle is linted in full by the reference and
counted. Closures, reasons and draws equal the reference's for every program and seed.
"""

from lintseq_core.edits.incremental.engine import (
    Analysis,
    HandOvers,
    IncrementalState,
    analyse,
    is_closed,
)

__all__ = ["Analysis", "HandOvers", "IncrementalState", "analyse", "is_closed"]
