"""LintSeq: programs as sequences of edits, each free of new linter errors (arXiv 2410.02749).

from lintseq_core import Program, sample_path

sequence = sample_path(Program.from_file("program.py"), seed=0)
for step, edit in enumerate(sequence.edits(), start=1):
    print(step, edit, sep="\\n")
"""

from lintseq_core.edits import (
    Closure,
    EditParseError,
    EditSequence,
    Fault,
    Hunk,
    ParsedEdits,
    SamplingConfig,
    apply_edits,
    closure,
    parse_edits,
    sample_lintseq,
    sample_path,
    sample_paths,
    sample_randseq,
)
from lintseq_core.errors import (
    LinterFailure,
    LinterUnavailable,
    LintSeqError,
    RecordError,
    SourceError,
)
from lintseq_core.linting import LINTER_NAMES, Finding, Linter, get_linter
from lintseq_core.programs import Program, extract_definition
from lintseq_core.seeds import path_rng

__version__ = "0.1.0"

__all__ = [
    "LINTER_NAMES",
    "Closure",
    "EditParseError",
    "EditSequence",
    "Fault",
    "Finding",
    "Hunk",
    "LintSeqError",
    "Linter",
    "LinterFailure",
    "LinterUnavailable",
    "ParsedEdits",
    "Program",
    "RecordError",
    "SamplingConfig",
    "SourceError",
    "apply_edits",
    "closure",
    "extract_definition",
    "get_linter",
    "parse_edits",
    "path_rng",
    "sample_lintseq",
    "sample_path",
    "sample_paths",
    "sample_randseq",
]
