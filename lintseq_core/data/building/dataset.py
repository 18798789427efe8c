"""Build a data set of edit sequences: the same bytes for every number of workers, killed or not."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintseq_core.data.building.claim import claim, finished_report, make_request
from lintseq_core.data.building.items import parse_row
from lintseq_core.data.building.partial import PartialBuild
from lintseq_core.data.building.report import BuildReport
from lintseq_core.data.building.run import BuildProgress, BuildRun
from lintseq_core.data.building.tally import BuildTally
from lintseq_core.data.building.workers import available_cpus
from lintseq_core.data.fields import FieldError, guess_fields, guess_input, kind_of
from lintseq_core.data.files import locked_folder
from lintseq_core.data.row_files import TooLong
from lintseq_core.data.settings import MAX_ROW_BYTES, BuildSettings
from lintseq_core.data.sources import RowSource, SourceIdentity
from lintseq_core.errors import LintSeqError

_ROWS_TO_GUESS_FROM = 100


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """The report of a data set, and whether this call wrote it."""

    report: BuildReport
    is_new: bool
    """False: the same data set stood there already, and nothing was written."""


def settings_for(
    source: Path,
    *,
    program_field: str | None = None,
    instruction_field: str | None = None,
    input_field: str | None = None,
    **settings: Any,
) -> BuildSettings:
    """Settings with the fields that are not given guessed from the first rows of `source`.

    An `instruction_field` or `input_field` of "" means that rows have none. LintSeqError if no
    guess is possible.
    """
    if program_field is None or instruction_field is None or input_field is None:
        most = settings.get("max_row_bytes", MAX_ROW_BYTES)
        rows = list(RowSource(source, max_row_bytes=most).objects(_ROWS_TO_GUESS_FROM))
        instruction, program = guess_fields(rows)
        program_field = program_field or program
        if not rows and None in (program_field, instruction_field):
            raise LintSeqError(_why_no_object(source, most))
        has = f"its first rows have {', '.join(rows[0])}" if rows else ""
        if program_field is None:
            raise LintSeqError(
                f"{source}: which field is the program? {has}: name it with --program-field"
            )
        if instruction_field is None:
            instruction_field = instruction
        if instruction_field is None:
            raise LintSeqError(
                f"{source}: which field is the instruction? {has}: name it with "
                "--instruction-field, '' for none"
            )
        if input_field is None:
            input_field = guess_input(rows, instruction_field)
    return BuildSettings(
        program_field=program_field,
        instruction_field=instruction_field or None,
        input_field=input_field or None,
        **settings,
    )


def build_dataset(
    source: Path,
    output: Path,
    settings: BuildSettings,
    *,
    workers: int | None = None,
    force: bool = False,
    strict: bool = False,
    command: str = "",
    on_progress: Callable[[BuildProgress], object] | None = None,
) -> BuildOutcome:
    """The data set `output` of `source`, with its report beside it, both written here or found.

    Work in progress lies in `OUT.partial`; a build that was killed goes on from there. Nothing
    else that exists is overwritten without `force`. `strict`: the first bad row is an error.
    `workers` processes do the sampling, by default one for each CPU. Raises LintSeqError, OSError.
    """
    started = time.perf_counter()
    if not output.absolute().parent.is_dir():
        raise LintSeqError(f"{output}: there is no folder {output.parent}; make it first")
    if output.exists() and source.exists() and output.samefile(source):
        raise LintSeqError(f"{source}: source and output are one file; choose another -o")
    request, identity = make_request(source, output, settings)
    partial = PartialBuild(output.with_name(f"{output.name}.partial"))
    if not force and (found := finished_report(output, request)):
        if partial.folder.exists():  # a build that was killed while it cleared up
            with locked_folder(partial.folder, str(output)):
                partial.remove()
        return BuildOutcome(found, is_new=False)
    with locked_folder(partial.folder, str(output)):
        try:
            manifest = claim(partial, output, request, force)
        except LintSeqError:
            if partial.is_new():
                partial.remove()
            raise
        if manifest is None:  # finished by another command while this one waited
            found = finished_report(output, request)
            partial.remove()
            assert found is not None
            return BuildOutcome(found, is_new=False)
        run = BuildRun(source, output, settings, request, partial, strict, on_progress)
        try:
            run.resume()
            run.sample(workers or available_cpus())
            _refuse_changed(source, identity)
            if not run.tally.counts.rows:
                raise LintSeqError(f"{source}: no row could be used: {_reasons(run.tally)}")
            report = run.finish(manifest, started, command, workers or available_cpus())
        except BaseException as error:
            if not run.tally.counts.rows:  # nothing to go on with
                partial.remove()
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise LintSeqError(
                    f"{output}: no space left on the disk: make room and repeat the command, "
                    "which goes on where it stopped"
                ) from None
            raise
        partial.remove()
    return BuildOutcome(report, is_new=True)


def _refuse_changed(source: Path, identity: SourceIdentity) -> None:
    status = source.stat()
    if (status.st_size, status.st_mtime_ns) != (identity.n_bytes, identity.mtime_ns):
        raise LintSeqError(f"{source} was changed while it was read: build again with --force")


def _why_no_object(source: Path, max_row_bytes: int) -> str:
    """What is wrong with the first row of a file whose first rows are no objects."""
    for index, payload in RowSource(source, max_row_bytes=max_row_bytes).rows():
        place = f"{source}, row {index + 1}"
        if isinstance(payload, TooLong):
            return f"{place}: {payload.n_bytes:,} bytes are too much for a row (--max-row-bytes)"
        try:
            row = parse_row(payload) if isinstance(payload, bytes) else payload
        except FieldError as error:
            return f"{place}: {error}"
        return f"{place}: the row is {kind_of(row)}, expected a JSON object"
    return f"{source}: no row in it; expected instructions with programs"


def _reasons(tally: BuildTally) -> str:
    said = [
        f"{count:,} {kind} ({tally.examples[kind][0][1]})"
        for kind, count in tally.drops.most_common(3)
    ]
    return "; ".join(said) if said else "it has no row"
