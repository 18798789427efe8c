"""Edit formats: how an edit sequence is written for a model, and how a model's output is read."""

from lintseq_core.edits.formats.diffs import diffed_files
from lintseq_core.edits.formats.faults import (
    FAULT_KINDS,
    REMEDIES,
    EditParseError,
    Fault,
    FaultKind,
    ParsedEdits,
    Remedy,
)
from lintseq_core.edits.formats.format import (
    BORDER,
    CLOSE,
    DIFF_MARKER,
    EditFormat,
    EditFormatName,
)
from lintseq_core.edits.formats.registry import (
    FORMAT_NAMES,
    UNIFIED,
    checked_format,
    get_format,
)
from lintseq_core.edits.formats.text import (
    apply_edits,
    edit_texts,
    format_remedy,
    hunk_looks,
    in_unified,
    likely_format,
    lines_of,
    model_text,
    parse_edits,
)
from lintseq_core.edits.formats.unified import has_hunk

__all__ = [
    "BORDER",
    "CLOSE",
    "DIFF_MARKER",
    "FAULT_KINDS",
    "FORMAT_NAMES",
    "REMEDIES",
    "UNIFIED",
    "EditFormat",
    "EditFormatName",
    "EditParseError",
    "Fault",
    "FaultKind",
    "ParsedEdits",
    "Remedy",
    "apply_edits",
    "checked_format",
    "diffed_files",
    "edit_texts",
    "format_remedy",
    "get_format",
    "has_hunk",
    "hunk_looks",
    "in_unified",
    "likely_format",
    "lines_of",
    "model_text",
    "parse_edits",
]
