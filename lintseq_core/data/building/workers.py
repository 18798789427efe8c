"""Worker processes: rows in, batch by batch, results out in the order of the source."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

import lintseq_core
from lintseq_core.data.building.worker import WorkerJob, receive, send
from lintseq_core.data.row_files import TooLong
from lintseq_core.data.sources import RawRow
from lintseq_core.errors import LintSeqError

R = TypeVar("R")
# Small batches first, so that all workers have some of a small source; then large ones: handing one
# over costs a worker as much as half a program (16 rows a batch: 17 % on top, 128: 3 %).
_FIRST_ROWS_PER_BATCH = 8
_MOST_ROWS_PER_BATCH = 128
_BATCHES_OF_A_SIZE = 4
_BYTES_PER_BATCH = 256 * 1024
_BATCHES_PER_WORKER = 3  # in flight: enough to bridge one slow batch, and a bound on memory
_COMMAND = "from lintseq_core.data.building.worker import main; main()"


class WorkerDied(Exception):
    """The process ended in the middle of a batch."""


class Worker(Generic[R]):
    """One process that answers one batch at a time."""

    def __init__(self, job: WorkerJob[R]) -> None:
        package_home = str(Path(lintseq_core.__file__).resolve().parents[1])
        paths = [package_home, os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            # -P: a json.py in the current folder must not stand in for the standard library's.
            [sys.executable, "-P", "-c", _COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            # Its own process group: Ctrl-C reaches the builder alone, which then ends its workers.
            process_group=0 if os.name == "posix" else None,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        self._job: WorkerJob[R] | None = job

    def make(self, batch: list[RawRow]) -> R:
        """The result of `batch`; WorkerDied if the process ends over it."""
        if self._job is not None:
            self._introduce(self._job)
            self._job = None
        try:
            send(self._to, batch)
            result: R = receive(self._from)
        except (EOFError, OSError):
            raise WorkerDied from None
        return result

    def _introduce(self, job: WorkerJob[R]) -> None:
        try:
            send(self._to, job)
            receive(self._from)
        except (EOFError, OSError):
            raise LintSeqError(
                "a worker process could not start; what it said stands above: see 'lintseq doctor'"
            ) from None

    def end(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()
        for stream in (self._to, self._from):
            try:
                stream.close()
            except OSError:  # a broken pipe had text left in its buffer
                continue


class WorkerPool(Generic[R]):
    """`n_workers` processes; a context manager, on whose exit all of them are gone."""

    def __init__(self, job: WorkerJob[R], n_workers: int) -> None:
        self._job = job
        # None tells a waiting thread that the pool is closed.
        self._idle: queue.SimpleQueue[Worker[R] | None] = queue.SimpleQueue()
        self._all: set[Worker[R]] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._threads = ThreadPoolExecutor(n_workers, thread_name_prefix="lintseq-worker")
        self._n_workers = n_workers
        for _ in range(n_workers):
            self._idle.put(self._start())

    def __enter__(self) -> WorkerPool[R]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._closed = True
            for worker in self._all:
                worker.end()
        for _ in range(self._n_workers):
            self._idle.put(None)
        self._threads.shutdown(cancel_futures=True)

    def results(self, rows: Iterable[RawRow]) -> Iterator[R]:
        """The results of batches of `rows`, in their order; reads only a few batches ahead."""
        running: deque[Future[R]] = deque()
        for batch in batches(rows):
            running.append(self._threads.submit(self._make, batch))
            if len(running) > self._n_workers * _BATCHES_PER_WORKER:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()

    def _make(self, batch: list[RawRow]) -> R:
        worker = self._idle.get()
        if worker is None:
            raise WorkerDied
        try:
            result = worker.make(batch)
        except WorkerDied:
            self._idle.put(self._replace(worker))
        else:
            self._idle.put(worker)
            return result
        if len(batch) > 1:  # one row of them did it: each alone
            return self._job.join([self._make([row]) for row in batch])
        why = "the worker process died: out of memory, or a fault of the interpreter"
        return self._job.lost(batch[0][0], why)

    def _start(self) -> Worker[R]:
        with self._lock:
            if self._closed:
                raise WorkerDied
            worker = Worker(self._job)
            self._all.add(worker)
        return worker

    def _replace(self, dead: Worker[R]) -> Worker[R]:
        dead.end()
        with self._lock:
            self._all.discard(dead)
        return self._start()


def batches(rows: Iterable[RawRow]) -> Iterator[list[RawRow]]:
    """`rows` in lists that grow to a bounded number of rows and bytes."""
    batch: list[RawRow] = []
    n_bytes = n_batches = 0
    most = _FIRST_ROWS_PER_BATCH
    for row in rows:
        batch.append(row)
        n_bytes += _size(row)
        if len(batch) >= most or n_bytes >= _BYTES_PER_BATCH:
            yield batch
            batch, n_bytes, n_batches = [], 0, n_batches + 1
            if n_batches % _BATCHES_OF_A_SIZE == 0:
                most = min(2 * most, _MOST_ROWS_PER_BATCH)
    if batch:
        yield batch


def available_cpus() -> int:
    """How many CPUs this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _size(row: RawRow) -> int:
    payload = row[1]
    if isinstance(payload, bytes):
        return len(payload)
    if isinstance(payload, TooLong):
        return 0
    return sum(len(value) for value in payload.values() if isinstance(value, str | bytes))
