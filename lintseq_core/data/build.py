"""Build a data set of edit sequences: the same bytes for every number of workers, killed or not."""

from __future__ import annotations

import errno
import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lintseq_core.data.copies import Copies
from lintseq_core.data.fields import guess_fields
from lintseq_core.data.files import file_sha256, locked_folder, whole_file
from lintseq_core.data.items import COPY_KINDS, Drop, Made
from lintseq_core.data.partial import PartialBuild, Request
from lintseq_core.data.report import (
    BuildReport,
    read_report,
    report_path,
    write_report,
)
from lintseq_core.data.settings import MAX_ROW_BYTES, BuildSettings, describe_versions
from lintseq_core.data.sources import (
    RawRow,
    Source,
    SourceIdentity,
    file_format,
    identify,
    import_pyarrow_parquet,
)
from lintseq_core.data.tally import Tally
from lintseq_core.data.worker import BatchResult, MakeItems
from lintseq_core.data.workers import WorkerPool, available_cpus
from lintseq_core.errors import LintSeqError
from lintseq_core.linting import get_linter

_ROWS_TO_GUESS_FROM = 100
_COPY_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """How far a build has come."""

    rows_read: int
    rows_written: int
    rows_dropped: int
    rows_per_s: float
    """Rows written by this run; NaN before there is a rate."""
    seconds_left: float | None
    """None while nothing can be said."""
    resumed_rows: int
    """Rows of the source that an earlier run had finished."""


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
    **settings: Any,
) -> BuildSettings:
    """Settings with the fields that are not given guessed from the first rows of `source`.

    An `instruction_field` of "" means that rows have none. LintSeqError if no guess is possible.
    """
    if program_field is None or instruction_field is None:
        most = settings.get("max_row_bytes", MAX_ROW_BYTES)
        rows = list(Source(source, max_row_bytes=most).objects(_ROWS_TO_GUESS_FROM))
        instruction, program = guess_fields(rows)
        has = f"its first rows have {', '.join(rows[0])}" if rows else "no row is a JSON object"
        program_field = program_field or program
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
    return BuildSettings(
        program_field=program_field, instruction_field=instruction_field or None, **settings
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
    request, identity = _make_request(source, output, settings)
    partial = PartialBuild(output.with_name(f"{output.name}.partial"))
    if not force and (found := _finished(output, request)):
        if partial.folder.exists():  # a build that was killed while it cleared up
            with locked_folder(partial.folder, str(output)):
                partial.remove()
        return BuildOutcome(found, is_new=False)
    with locked_folder(partial.folder, str(output)):
        try:
            manifest = _agree(partial, output, request, force)
        except LintSeqError:
            if partial.is_new():
                partial.remove()
            raise
        if manifest is None:  # finished by another command while this one waited
            found = _finished(output, request)
            partial.remove()
            assert found is not None
            return BuildOutcome(found, is_new=False)
        n_workers = workers or available_cpus()
        run = _Run(source, output, settings, request, partial, strict, on_progress)
        try:
            run.resume()
            run.sample(n_workers)
            _refuse_changed(source, identity)
            if not run.tally.counts.rows:
                partial.remove()
                raise LintSeqError(f"{source}: no row could be used: {_reasons(run.tally)}")
            report = run.finish(manifest, started, command, n_workers)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise LintSeqError(
                f"{output}: no space left on the disk; what is done lies in {partial.folder}: "
                "make room and repeat the command to go on"
            ) from None
        partial.remove()
    return BuildOutcome(report, is_new=True)


def _make_request(
    source: Path, output: Path, settings: BuildSettings
) -> tuple[Request, SourceIdentity]:
    output_format = file_format(output)
    source_format = file_format(source) if not source.is_dir() else "jsonl"
    versions = describe_versions(get_linter(settings.linter).version)
    if "parquet" in (output_format, source_format):
        import_pyarrow_parquet()
        import pyarrow

        versions["pyarrow"] = pyarrow.__version__
    if settings.near_dedup is not None:
        from lintseq_core.data.near import datasketch_version

        versions["datasketch"] = datasketch_version()
    identity = identify(source)
    about = {name: getattr(identity, name) for name in ("name", "n_bytes", "sha256")}
    return Request(settings.to_dict(), versions, about, output_format), identity


def _finished(output: Path, request: Request) -> BuildReport | None:
    """The report of `output` if it is what `request` asks for; None if there is neither.

    LintSeqError, with the difference, if something else is there.
    """
    if output.with_name(f"{output.name}.partial").joinpath("manifest.json").exists():
        return None  # its owner knows what `output` is
    remedy = "choose another -o, or --force to overwrite it"
    if not output.exists():
        if report_path(output).exists():
            raise LintSeqError(f"{report_path(output)} exists without its data set: {remedy}")
        return None
    if not report_path(output).exists():
        raise LintSeqError(f"{output} exists and has no report that says what it is: {remedy}")
    report = read_report(output)
    if differences := report.request.differences(request):
        what = "; ".join(differences)
        raise LintSeqError(f"{output} exists and was built otherwise: {what}: {remedy}")
    if file_sha256(output) != report.output_sha256:
        raise LintSeqError(f"{output} was changed after it was built: {remedy}")
    return report


def _agree(
    partial: PartialBuild, output: Path, request: Request, force: bool
) -> dict[str, Any] | None:
    """The manifest of the build to go on with, new or found; None if all is done already."""
    try:
        manifest = partial.read_manifest()
        unfinished = manifest and Request.from_dict(manifest["request"])
    except LintSeqError:
        if not force:
            raise
        manifest = unfinished = None
    if manifest is not None and unfinished:
        differences = unfinished.differences(request)
        if not differences:
            return manifest | {"overwrites": manifest["overwrites"] or force}
        if not force:
            raise LintSeqError(
                f"{partial.folder} holds an unfinished build of other settings: "
                f"{'; '.join(differences)}: repeat its command to go on with it, choose another "
                "-o, or --force to start over"
            )
    if not force and _finished(output, request):
        return None
    manifest = {"request": asdict(request), "overwrites": force, "wall_s": 0.0}
    partial.begin(manifest)
    return manifest


def _refuse_changed(source: Path, identity: SourceIdentity) -> None:
    status = source.stat()
    if (status.st_size, status.st_mtime_ns) != (identity.n_bytes, identity.mtime_ns):
        raise LintSeqError(f"{source} was changed while it was read: build again with --force")


def _reasons(tally: Tally) -> str:
    said = [
        f"{count:,} {kind} ({tally.examples[kind][0][1]})"
        for kind, count in tally.drops.most_common(3)
    ]
    return "; ".join(said) if said else "it has no row"


class _Run:
    """One call of `build_dataset`, from the shards that are done to the finished file."""

    def __init__(
        self,
        source: Path,
        output: Path,
        settings: BuildSettings,
        request: Request,
        partial: PartialBuild,
        strict: bool,
        on_progress: Callable[[BuildProgress], object] | None,
    ) -> None:
        self.tally = Tally()
        self._output = output
        self._settings = settings
        self._request = request
        self._partial = partial
        self._strict = strict
        self._on_progress = on_progress
        self._copies = Copies(settings)
        self._n_shards = 0
        fields = [settings.program_field, settings.instruction_field]
        columns = tuple(name.split(".")[0] for name in fields if name)
        columns += tuple(name for name in fields if name)
        self._source = Source(source, max_row_bytes=settings.max_row_bytes, columns=columns)
        self._source_path = source
        self._resumed_rows = 0
        self._first_result: tuple[float, float, int] | None = None
        """Time, share of the source and rows written when it came."""
        self._shard_tally: Tally | None = None
        self._cpu_s = 0.0  # of the workers, not yet in a shard

    def resume(self) -> None:
        """Count what earlier runs have finished."""
        self._n_shards = self._partial.finished_shards()
        for number in range(self._n_shards):
            self.tally.merge(self._partial.load(number, self._copies))
        self._resumed_rows = self.tally.rows_read

    def sample(self, n_workers: int) -> None:
        """Write the shards that are left."""
        settings = self._settings
        rows = self._source.rows(self._n_shards * settings.shard_rows, settings.limit)
        first = next(rows, None)
        if first is None:
            return
        with WorkerPool(MakeItems(settings, self._source_path.name), n_workers) as pool:
            items = self._admitted(pool, itertools.chain([first], rows))
            item = next(items, None)
            while item is not None:
                stop = (self._n_shards + 1) * settings.shard_rows
                packed = self._request.format == "jsonl.gz"
                with self._partial.write_shard(self._n_shards, compressed=packed) as shard:
                    self._shard_tally = shard.tally
                    while item is not None and item.index < stop:
                        shard.add(item)
                        item = next(items, None)
                    shard.tally.cpu_s, self._cpu_s = self._cpu_s, 0.0
                self.tally.merge(shard.tally)
                self._shard_tally = None
                self._n_shards += 1

    def _admitted(
        self, pool: WorkerPool[BatchResult], rows: Iterator[RawRow]
    ) -> Iterator[Made | Drop]:
        """The items of `rows` with copies of earlier programs as drops."""
        for result in pool.results(rows):
            self._cpu_s += result.cpu_s
            for item in result.items:
                admitted = self._copies.admit(item)
                if isinstance(admitted, Drop):
                    self._refuse_if_strict(admitted)
                yield admitted
            self._tell()

    def _refuse_if_strict(self, drop: Drop) -> None:
        if self._strict and drop.kind not in COPY_KINDS:
            raise LintSeqError(
                f"{self._source_path}, {drop.message}: without --strict such rows are dropped "
                "and counted"
            )

    def _tell(self) -> None:
        if self._on_progress is None:
            return
        running = self._shard_tally or Tally()
        rows_read = self.tally.rows_read + running.rows_read
        rows_written = self.tally.counts.rows + running.counts.rows
        now, share = time.perf_counter(), self._source.done_share
        if self._first_result is None:  # start-up is over: rates count from here
            self._first_result = (now, share, rows_written)
        since, share_before, written_before = self._first_result
        rate, left = float("nan"), None
        if now > since and share > share_before:
            rate = (rows_written - written_before) / (now - since)
            left = (now - since) * (1 - share) / (share - share_before)
        self._on_progress(
            BuildProgress(
                rows_read=rows_read,
                rows_written=rows_written,
                rows_dropped=self.tally.drops.total() + running.drops.total(),
                rows_per_s=rate,
                seconds_left=left,
                resumed_rows=self._resumed_rows,
            )
        )

    def finish(
        self, manifest: dict[str, Any], started: float, command: str, n_workers: int
    ) -> BuildReport:
        """Put the shards together as `output` and write the report."""
        shards = [self._partial.data_path(number) for number in range(self._n_shards)]
        made = self._partial.folder / "output"
        if self._request.format == "parquet":
            from lintseq_core.data.parquet import write_parquet

            write_parquet(shards, made, self._settings)
        else:
            with whole_file(made) as file:
                for shard in shards:
                    with shard.open("rb") as part:
                        shutil.copyfileobj(part, file, _COPY_CHUNK)
        sha256 = file_sha256(made)
        if (
            self._output.exists()
            and not manifest["overwrites"]
            and file_sha256(self._output) != sha256
        ):
            raise LintSeqError(f"{self._output} has appeared meanwhile: --force overwrites it")
        n_bytes = made.stat().st_size
        made.replace(self._output)
        report = BuildReport(
            request=self._request,
            output_name=self._output.name,
            output_bytes=n_bytes,
            output_sha256=sha256,
            tally=self.tally,
            wall_s=time.perf_counter() - started,
            resumed_rows=self._resumed_rows,
            workers=n_workers,
            command=command,
        )
        write_report(report, self._output)
        return report
