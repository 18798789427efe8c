"""Samples and results in every format that is known, recognised by their content."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

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
from lintseq_core.results.formats.format import Format, Meta, Reading
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
    if scorer is not None:
        if file.format not in (inspect_logs.DOCUMENT, inspect_logs.ARCHIVE):
            what = f"no log of Inspect ({file.format.title}), so it has no scorers"
            raise FormatError(Fault(source.name, what, "leave out --scorer"))
        file.meta[inspect_logs.SCORER] = scorer
    return file


def _recognised(source: Input, name: str | None) -> SampleFile:
    if name is not None:
        return SampleFile(source, format_named(name))
    head = Head("")
    for head in read_heads(source):
        for one in FORMATS:
            if (head.is_whole or one.fits_start) and one.fits(head, source):
                return SampleFile(source, one)
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
