"""What a file is: whose format, and by what it was recognised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from lintseq_core.data.sources import import_pyarrow_parquet
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.format import Format, Meta
from lintseq_core.results.formats.reading import Head, Input, read_heads
from lintseq_core.results.formats.recognise import recognise

Kind = Literal["samples", "data set"]
LAYOUTS = {
    "birth_steps": ("lintseq", "edit sequences of lintseq", "birth_steps"),
    "edit_path": ("pylintseq", "edit sequences of pylintseq, the authors' package", "edit_path"),
    "messages": ("messages", "a data set of messages", "messages"),
}


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file whose format is known."""

    source: Input
    kind: Kind
    name: str
    """Of the format."""
    title: str
    """Whose file it is."""
    why: str
    """What it was recognised by."""
    format: Format | None = None
    """Of samples; None for a data set."""
    is_lines: bool = False
    """Of a data set: whether it is JSON, a row a line."""
    meta: Meta = field(default_factory=dict)
    """What a file of samples says as a whole; complete once its rows have been read."""


def identify(source: Input, *, scorer: str | None = None) -> KnownFile:
    """`source` with its format; FormatError says what was found and what was looked for.

    `scorer`: the one that decides in a log of Inspect with several.
    """
    head = Head("")
    for head in read_heads(source):
        if head.is_whole:
            break
    fields: Any = head.row()
    if head.kind == "parquet":
        fields = dict.fromkeys(_columns(source))
    if "task_id" not in fields:
        for sign, (name, title, said) in LAYOUTS.items():
            if sign in fields and head.kind in ("lines", "parquet"):
                return _data_set(source, head, name, title, f"its rows have {said}")
        if "prompt" in fields and "completion" in fields:
            why = "its rows have prompt and completion, and no task_id"
            title = "a data set of prompts and completions"
            return _data_set(source, head, "prompt-completion", title, why)
    if fields.get("kind") == "trace" and head.kind == "lines":
        remedy = "the page Generations steps through it"
        raise FormatError(Fault(source.name, "a trace of lintseq generate", remedy))
    file = recognise(source, scorer=scorer)
    found = file.format
    return KnownFile(source, "samples", found.name, found.title, found.signs, found, meta=file.meta)


def _data_set(source: Input, head: Head, name: str, title: str, why: str) -> KnownFile:
    return KnownFile(source, "data set", name, title, why, is_lines=head.kind == "lines")


def _columns(source: Input) -> list[str]:
    parquet = import_pyarrow_parquet()
    import pyarrow

    try:
        with parquet.ParquetFile(source.path) as file:
            return list(file.schema_arrow.names)
    except (pyarrow.ArrowException, OSError) as error:
        what = str(error).splitlines()[0]
        what = f"not a Parquet file that can be read: {what}"
        raise FormatError(Fault(source.name, what, "copy it again")) from None
