"""One run of a build: from the shards that are done to the finished file.

Starts workers, writes what they make in the order of the source, leaves out copies. Whether a
build may start where it is told to is `claim`'s decision; how it is asked for, `build`'s.
"""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lintseq_core.data.building.copies import Copies
from lintseq_core.data.building.items import COPY_KINDS, Drop, Made
from lintseq_core.data.building.partial import PartialBuild, Request
from lintseq_core.data.building.report import BuildReport, write_report
from lintseq_core.data.building.tally import BuildTally
from lintseq_core.data.building.worker import BatchResult, MakeItems
from lintseq_core.data.building.workers import WorkerPool
from lintseq_core.data.files import file_sha256, whole_file
from lintseq_core.data.settings import BuildSettings
from lintseq_core.data.sources import RawRow, RowSource
from lintseq_core.errors import LintSeqError

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


class BuildRun:
    """The work of one call of `build_dataset`, which holds the lock of `partial`."""

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
        self.tally = BuildTally()
        self._output = output
        self._settings = settings
        self._request = request
        self._partial = partial
        self._strict = strict
        self._on_progress = on_progress
        self._copies = Copies(settings)
        self._n_shards = 0
        fields = [settings.program_field, settings.instruction_field, settings.input_field]
        columns = tuple(name.split(".")[0] for name in fields if name)
        columns += tuple(name for name in fields if name)
        self._source = RowSource(source, max_row_bytes=settings.max_row_bytes, columns=columns)
        self._source_path = source
        self._resumed_rows = 0
        self._first_result: tuple[float, float, int] | None = None
        """Time, share of the source and rows written when it came."""
        self._shard_tally: BuildTally | None = None
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
        running = self._shard_tally or BuildTally()
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
        self.tally.unused.update(self._source.unread_columns(most=self.tally.rows_read))
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
