"""Inspect logs: .json documents and .eval archives.

Nothing of an archive is written to disk. Its entries are read one at a time, each at most
MAX_ROW_BYTES when unpacked, all of them at most MAX_ARCHIVE_BYTES, whatever their headers say.
Newer versions pack entries with zstd, which zipfile reads from Python 3.14 on; before, pyarrow
does.

A log may hold the scores of several scorers, and a scorer may give several values. One of them
decides, the same for every sample of the file: the one that is asked for, or the first.
"""

from __future__ import annotations

import io
import math
import re
import struct
import zipfile
import zlib
from functools import partial
from typing import IO, Any

from lintseq_core.results.formats.decoding import JsonStream, load_json
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.formats.fields import Fields, Number, TaskId, read_fields
from lintseq_core.results.formats.format import REMARKS, Format, Meta, Reading, Row, tried
from lintseq_core.results.formats.reading import MAX_ROW_BYTES, Head, Input, row_file
from lintseq_core.results.sample import Sample

MAX_ARCHIVE_BYTES = 16 << 30
MAX_ENTRIES = 1_000_000
# A sample is an entry, or a folder of entries of which sample.json has what it came to.
_SAMPLE_ENTRY = re.compile(r"samples/.+\.json")
_PART_OF_SAMPLE = re.compile(
    r"samples/.+_epoch_\d+/(metadata|skeleton|(messages|events|calls|attachments)/[^/]+)\.json"
)
_HEADER = "header.json"
_ZSTD = 93
_LOCAL_HEADER_BYTES = 30
STATUS = "inspect_status"
"""In what a log says as a whole: "success" where all its samples are there."""
TEMPERATURE = "temperature"
"""In what a log says as a whole: that of the model's settings."""
SCORER = "inspect_scorer"
"""In what a log says as a whole: the scorer that is asked for, put there before it is read."""
SCORERS = "inspect_scorers"
"""In what a log says as a whole: its scorers, where there are several."""
_MAX_SCORERS = 200
# As `value_to_float` of inspect_ai/scorer/_metric.py (0.3) counts texts: the letters as they are,
# the words in any case. Other texts are numbers where Python's `float` reads a finite one.
_LETTERS = {"C": 1.0, "I": 0.0, "N": 0.0}
_WORDS = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


class SampleFields(Fields):
    """Of a sample of a log."""

    id: TaskId
    scores: dict[str, Any] | None = None
    epoch: Number = 1
    error: Any = None
    output: Any = None


def read_document(source: Input, meta: Meta) -> Reading:
    """The samples of a .json log, one at a time."""
    scoring = _Scoring(meta, source)
    with row_file(source).open() as file:
        stream = JsonStream(file, source.name)
        for name in stream.members():
            if name != "samples" or stream.peek() != "[":
                value = stream.value()
                if name == "status":
                    meta[STATUS] = value
                else:
                    meta.update(_settings({name: value}))
                continue
            for number in stream.items():
                place = f"{source.name}, sample {number + 1}"
                yield tried(partial(_sample, stream.value(), place, scoring))
        stream.finish()
    scoring.finish()


def read_archive(source: Input, meta: Meta) -> Reading:
    """The samples of an .eval log, one at a time, in the order of the archive."""
    scoring = _Scoring(meta, source)
    try:
        with zipfile.ZipFile(source.path) as archive:
            # Inspect appends: of entries with one name the last is meant.
            entries = {entry.filename: entry for entry in archive.infolist()}
            _check_entries(entries.values(), source)
            if _HEADER not in entries:  # written when a run ends
                meta[STATUS] = "started"
            budget = MAX_ARCHIVE_BYTES
            for name, entry in entries.items():
                place = f"{source.name}, {name}"
                if name == _HEADER:
                    header = load_json(_unpacked(archive, entry, place), place)
                    if isinstance(header, dict):
                        meta[STATUS] = header.get("status")
                        meta.update(_settings(header))
                elif _SAMPLE_ENTRY.fullmatch(name) and not _PART_OF_SAMPLE.fullmatch(name):
                    data = _unpacked(archive, entry, place)
                    budget -= len(data)
                    if budget < 0:
                        what = f"unpacks to more than {MAX_ARCHIVE_BYTES >> 30} GiB"
                        raise FormatError(Fault(source.name, what, "not read further"))
                    yield tried(partial(_loaded, data, place, scoring))
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        what = f"the archive is damaged ({error})"
        raise FormatError(Fault(source.name, what, "copy it again")) from None
    scoring.finish()


def _check_entries(entries: Any, source: Input) -> None:
    if len(entries) > MAX_ENTRIES:
        raise FormatError(Fault(source.name, f"{len(entries):,} entries", "not an Inspect log"))
    for entry in entries:
        if entry.filename.startswith("/") or ".." in re.split(r"[/\\]", entry.filename):
            what = f"the entry {entry.filename!r} leads out of the archive"
            remedy = "no Inspect log has such names, so it is not read"
            raise FormatError(Fault(source.name, what, remedy))


def _settings(header: Row) -> Meta:
    """What the model was asked with, as far as `TEMPERATURE` goes.

    The plan has what the evaluation was called with, which goes before the model's own settings.
    """
    found: Meta = {}
    for part, settings in (("eval", "model_generate_config"), ("plan", "config")):
        value: Any = header.get(part)
        for name in (settings, "temperature"):
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None:
            found[TEMPERATURE] = value
    return found


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: str) -> bytes:
    try:
        with archive.open(entry) as file:
            data = _bounded(file)
    except (NotImplementedError, RuntimeError) as error:  # zstd before Python 3.14; encrypted
        if entry.compress_type != _ZSTD or entry.flag_bits & 1:
            raise _not_unpacked(place, str(error)) from None
        data = _bounded_zstd(archive, entry, place)
    if data is None:
        what = f"unpacks to more than {MAX_ROW_BYTES >> 20} MiB"
        raise FormatError(Fault(place, what, "not read"))
    return data


def _not_unpacked(place: str, why: str) -> FormatError:
    remedy = "turn the log into JSON first: inspect log convert --to json"
    return FormatError(Fault(place, f"cannot be unpacked here ({why})", remedy))


def _bounded_zstd(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, place: str) -> bytes | None:
    try:
        import pyarrow
    except ImportError:
        raise _not_unpacked(
            place, "zstd needs Python 3.14 or pyarrow: pip install 'lintseq-core[data]'"
        ) from None
    if entry.compress_size > MAX_ROW_BYTES:
        return None
    packed = archive.fp
    assert packed is not None
    packed.seek(entry.header_offset)
    start = packed.read(_LOCAL_HEADER_BYTES)
    if len(start) < _LOCAL_HEADER_BYTES or not start.startswith(b"PK\x03\x04"):
        raise zipfile.BadZipFile(f"no entry where {entry.filename} should start")
    packed.seek(sum(struct.unpack("<HH", start[-4:])), io.SEEK_CUR)  # its name and extra fields
    try:
        with pyarrow.CompressedInputStream(
            io.BytesIO(packed.read(entry.compress_size)), "zstd"
        ) as file:
            data = _bounded(file)
    except OSError as error:  # pyarrow's for zstd data that is none
        raise zipfile.BadZipFile(f"{entry.filename}: {str(error).splitlines()[0]}") from None
    if data is not None and zlib.crc32(data) != entry.CRC:
        raise zipfile.BadZipFile(f"bad CRC-32 for {entry.filename}")
    return data


def _bounded(file: IO[bytes]) -> bytes | None:
    data = file.read(MAX_ROW_BYTES + 1)
    return data if len(data) <= MAX_ROW_BYTES else None


class _Scoring:
    """Which scorer decides, and which others were seen while a log was read."""

    def __init__(self, meta: Meta, source: Input) -> None:
        self._meta = meta
        self._source = source
        self._chosen: str | None = meta.get(SCORER)
        self._seen: dict[str, None] = {}
        self._n_without = 0

    def score(self, scores: Row | None, place: str) -> tuple[str | None, Any, Any]:
        """Scorer, value and answer of the score that decides; None for a sample without it."""
        if scores is None:
            return None, None, None
        named: dict[str, tuple[Any, Any]] = {}
        for scorer, score in scores.items():
            named |= _values(scorer, score, place)
        for name in named:
            if len(self._seen) < _MAX_SCORERS:
                self._seen[name] = None
        if self._chosen is None and named:
            self._chosen = _only_value(named, next(iter(scores)), place)
        if self._chosen not in named:
            self._n_without += 1
            return None, None, None
        value, answer = named[self._chosen]
        return self._chosen, value, answer

    def finish(self) -> None:
        """Put what a reader must know into `meta`; FormatError if no sample has the scorer."""
        if self._meta.get(SCORER) is not None and self._chosen not in self._seen:
            listed = ", ".join(self._seen) or "none"
            what = f"no sample has a score of {self._chosen!r}"
            raise FormatError(Fault(self._source.name, what, f"its scorers: {listed:.200}"))
        if len(self._seen) > 1:
            self._meta[SCORERS] = tuple(self._seen)
            listed = ", ".join(self._seen)
            remark = (
                f"the scorer {self._chosen!r} decides, one of {len(self._seen)}: {listed:.200} "
                "(--scorer)"
            )
            if self._n_without:
                remark += f"; samples without a score of it, and so undecided: {self._n_without:,}"
            self._meta[REMARKS] = [remark]


def _values(scorer: str, score: Any, place: str) -> dict[str, tuple[Any, Any]]:
    """Value and answer of a score by the name that chooses it: "scorer", or "scorer/key"."""
    if not isinstance(score, dict) or "value" not in score:
        raise FormatError(Fault(place, f"the score {scorer!r} has no value", field="scores"))
    value, answer = score["value"], score.get("answer")
    if isinstance(value, dict) and value:
        return {f"{scorer}/{key}": (one, answer) for key, one in value.items()}
    return {scorer: (value, answer)}


def _only_value(named: dict[str, Any], scorer: str, place: str) -> str:
    """What the score of `scorer` is called; FormatError if it has several values."""
    values = [name for name in named if name == scorer or name.startswith(f"{scorer}/")]
    if len(values) > 1:
        what = f"the score {scorer!r} has {len(values)} values"
        remedy = f"choose the one that decides (--scorer): {' or '.join(values):.200}"
        raise FormatError(Fault(place, what, remedy, field="scores"))
    return values[0]


def _loaded(data: bytes, place: str, scoring: _Scoring) -> Sample:
    return _sample(load_json(data, place), place, scoring)


def _sample(row: Any, place: str, scoring: _Scoring) -> Sample:
    fields = read_fields(SampleFields, row, place)
    scorer, value, answer = scoring.score(fields.scores, place)
    has_failed = fields.error is not None
    passed = None if has_failed else _is_right(value, place)
    extra = {"scorer": scorer, "answer": answer}
    return Sample(
        task_id=str(fields.id),
        sample_id=fields.epoch - 1,
        place=place,
        completion=_completion(fields.output),
        passed=passed,
        verdict="error" if has_failed else None if value is None else str(value),
        extra={name: what for name, what in extra.items() if what is not None},
    )


def _is_right(value: Any, place: str) -> bool | None:
    """Whether a score means solved; None for no score and for Inspect's NaN, "not scored".

    What counts as 1 or 0 there is right or wrong. Where Inspect counts a text that it does not know
    as 0, with a warning, and where a score lies between, there is no answer: FormatError.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    number = _number(value) if isinstance(value, str) else value
    if isinstance(number, int | float) and number in {0, 1}:
        return bool(number)
    what = f"the score {value!r:.40} is neither right nor wrong"
    meant = "(1 or 0; C, yes, true; I, N, no, false)"
    remedy = "if another scorer decides, choose it (--scorer)"
    raise FormatError(Fault(place, f"{what} {meant}", remedy, field="scores"))


def _number(text: str) -> float | None:
    """The number that Inspect counts a text as; None for "P", half a point, and other texts."""
    if text in _LETTERS:
        return _LETTERS[text]
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _completion(output: Any) -> str | None:
    if not isinstance(output, dict):
        return None
    if isinstance(output.get("completion"), str) and output["completion"]:
        return str(output["completion"])
    match output.get("choices"):
        case [{"message": {"content": str(text)}}, *_]:
            return text
        case [{"message": {"content": [*parts]}}, *_]:
            texts = (part.get("text") for part in parts if isinstance(part, dict))
            return "\n".join(text for text in texts if isinstance(text, str))
    return None


def _fits_document(head: Head, source: Input) -> bool:
    about = head.row().get("eval")
    return isinstance(about, dict) and {"run_id", "task"} <= about.keys()


DOCUMENT = Format(
    name="inspect",
    title="a .json log of Inspect",
    signs='a document with "eval" that has run_id and task',
    fits=_fits_document,
    fits_start=True,
    read=read_document,
    has_verdicts=True,
)
ARCHIVE = Format(
    name="inspect-eval",
    title="an .eval log of Inspect",
    signs="a zip archive with samples/*.json",
    fits=lambda head, _: head.kind == "zip",
    read=read_archive,
    has_verdicts=True,
)
