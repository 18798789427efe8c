"""Samples and results in every format that is known, recognised by their content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from lintseq_core.data.sources import import_pyarrow_parquet
from lintseq_core.results.formats import (
    bigcode_harness,
    bigcodebench,
    evalplus,
    human_eval,
    inspect_logs,
    lm_eval,
    own,
    parquet,
    pylintseq,
)
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.format import Format, Meta, Numbering, Reading
from lintseq_core.results.formats.reading import Head, Input, read_heads
from lintseq_core.results.sample import Sample

# The first that fits is taken: more specific ones come first.
FORMATS: tuple[Format, ...] = (
    inspect_logs.DOCUMENT,
    inspect_logs.ARCHIVE,
    evalplus.RESULTS,
    bigcodebench.RESULTS,
    bigcode_harness.GENERATIONS,
    bigcode_harness.SCORES,
    own.ROWS,
    lm_eval.SAMPLES,
    pylintseq.ROWS,
    human_eval.RESULTS,
    bigcodebench.SAMPLES,
    evalplus.SAMPLES,
    human_eval.PREDICTIONS,
    human_eval.SAMPLES,
    evalplus.FOLDER,
    parquet.ROWS,
)


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A file whose format is known; `samples` reads it once more each time."""

    source: Input
    format: Format
    meta: Meta = field(default_factory=dict)
    """What the file says as a whole; complete once its samples have been read."""

    def samples(self) -> Iterator[Sample]:
        """The samples, one after the other; FormatError for one that does not fit, or for none."""
        sample = None
        for sample in self.each():
            if isinstance(sample, Fault):
                raise FormatError(sample)
            yield sample
        if sample is None:
            raise FormatError(Fault(self.source.name, f"no sample in it ({self.format.title})"))

    def each(self) -> Reading:
        """The samples, and what is wrong with those that do not fit; they may be none."""
        return self.format.read(self.source, self.meta)


def recognise(source: Input, name: str | None = None, *, scorer: str | None = None) -> SampleFile:
    """`source` with its format, or with the one called `name`; FormatError lists what was tried.

    `scorer` decides which samples of a log of Inspect pass, of several; by default the first does.
    """
    file = _recognised(source, name)
    _choose_scorer(file, scorer)
    return file


def _choose_scorer(file: SampleFile, scorer: str | None) -> None:
    if scorer is None:
        return
    if file.format not in (inspect_logs.DOCUMENT, inspect_logs.ARCHIVE):
        what = f"no log of Inspect ({file.format.title}), so it has no scorers"
        raise FormatError(Fault(file.source.name, what, "leave out --scorer"))
    file.meta[inspect_logs.SCORER] = scorer


def _recognised(source: Input, name: str | None) -> SampleFile:
    if name is not None:
        return SampleFile(source, format_named(name))
    head = Head("")
    for head in read_heads(source):
        if (found := _fitting(head, source)) is not None:
            return SampleFile(source, found)
    return _recognised_by_end(source, head)


def _fitting(head: Head, source: Input) -> Format | None:
    """The first format that a file fits whose start is `head`, as far as that is known."""
    for one in FORMATS:
        if (head.is_whole or one.fits_start) and one.fits(head, source):
            return one
    return None


def _recognised_by_end(source: Input, head: Head) -> SampleFile:
    """What a file is that fits nothing with `head`, all that can be known of its start."""
    if source.path.name.endswith(".partial"):
        remedy = "run the same 'lintseq evaluate' again"
        raise FormatError(Fault(source.name, "a run that is not finished", remedy))
    # The file ends, or the first row goes on, before it is whole: its reader says where.
    for one in FORMATS:
        if one.fits(head, source):
            return SampleFile(source, one)
    if head.kind == "lines" and "task_id" in head.row():
        wanted = (
            "A row of samples has 'completion' or 'solution' beside its task_id, a row of results "
            "'passed' or 'verdict'"
        )
    else:
        wanted = "Looked for " + "; ".join(f"{one.name}: {one.signs}" for one in FORMATS)
    raise FormatError(Fault(source.name, f"unknown format: {_seen(head)}. {wanted}"))


def format_named(name: str) -> Format:
    """The format called `name`; FormatError lists the names."""
    for one in FORMATS:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in FORMATS)
    raise FormatError(Fault("", f"unknown format {name!r}", f"one of {names}"))


def _seen(head: Head) -> str:
    if head.kind == "folder":
        return "a folder without folders of .py files"
    if isinstance(head.first, dict):
        what = "the first row" if head.kind == "lines" else "the document"
        return f"{what} has {', '.join(map(repr, list(head.first)[:8])) or 'no fields'}"
    return "a list" if isinstance(head.first, list) else head.kind


# --- what a file is, samples or not --------------------------------------------------------------

Kind = Literal["samples", "results", "data set", "traces"]
"""Results are samples of which the first comes with a verdict."""
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
    """Of samples and results."""
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
        if (other := _no_samples(source, head)) is not None:
            return other
        if (found := _fitting(head, source)) is not None:
            file = SampleFile(source, found)
            break
    else:
        file = _recognised_by_end(source, head)
    _choose_scorer(file, scorer)
    kind: Kind = "results" if _is_decided(file, head) else "samples"
    one = file.format
    return KnownFile(source, kind, one.name, one.title, one.signs, one, meta=file.meta)


def _no_samples(source: Input, head: Head) -> KnownFile | None:
    """A data set or a trace, by its first row or its columns."""
    fields: Any = head.row() if head.is_whole else {}
    if head.kind == "parquet":
        fields = dict.fromkeys(_columns(source))
    elif head.kind != "lines":
        return None
    if "task_id" not in fields:
        for sign, (name, title, said) in LAYOUTS.items():
            if sign in fields:
                return _data_set(source, head, name, title, f"its rows have {said}")
        if "prompt" in fields and "completion" in fields:
            why = "its rows have prompt and completion, and no task_id"
            title = "a data set of prompts and completions"
            return _data_set(source, head, "prompt-completion", title, why)
    if fields.get("kind") == "trace":
        title = "a trace of lintseq generate"
        return KnownFile(source, "traces", "trace", title, "its first row is a trace's")
    return None


def _is_decided(file: SampleFile, head: Head) -> bool:
    """Whether the first sample has a verdict, as far as its row or its format says so."""
    read_row = file.format.read_row
    if read_row is None or not head.is_whole:
        return "results" in file.format.name or "inspect" in file.format.name
    try:
        first = next(iter(read_row(dict(head.row()), file.source.name, Numbering())), None)
    except FormatError:
        return file.format.has_verdicts
    return first is not None and first.passed is not None


def _data_set(source: Input, head: Head, name: str, title: str, why: str) -> KnownFile:
    return KnownFile(source, "data set", name, title, why, is_lines=head.kind == "lines")


def _columns(source: Input) -> list[str]:
    parquet = import_pyarrow_parquet()
    import pyarrow

    try:
        with parquet.ParquetFile(source.path) as file:
            return list(file.schema_arrow.names)
    except (pyarrow.ArrowException, OSError) as error:
        what = f"not a Parquet file that can be read: {str(error).splitlines()[0]}"
        raise FormatError(Fault(source.name, what, "copy it again")) from None
