"""Edit sequences: sampling, replaying, writing and reading them."""

from lintseq_core.edits.closure import Closure
from lintseq_core.edits.engines import Engine, closure
from lintseq_core.edits.formats import (
    EditParseError,
    Fault,
    ParsedEdits,
    apply_edits,
    parse_edits,
)
from lintseq_core.edits.hunks import Edit, Hunk
from lintseq_core.edits.lintseq import SamplingConfig, sample_lintseq, sample_path, sample_paths
from lintseq_core.edits.randseq import sample_randseq
from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding, Leftover, Reason
from lintseq_core.edits.sequence import EditSequence

__all__ = [
    "Closure",
    "Dependent",
    "Drawn",
    "Edit",
    "EditParseError",
    "EditSequence",
    "Engine",
    "Fault",
    "FromFinding",
    "Hunk",
    "Leftover",
    "ParsedEdits",
    "Reason",
    "SamplingConfig",
    "apply_edits",
    "closure",
    "parse_edits",
    "sample_lintseq",
    "sample_path",
    "sample_paths",
    "sample_randseq",
]
