"""A worker process: batches of rows come in on stdin, what is made of them goes out on stdout.

Started by `data.workers`, not through multiprocessing: nothing of the caller's `__main__` runs
again, so a build works from notebooks and unguarded scripts; and when the builder dies, by kill -9
too, stdin ends and the worker with it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import IO, Any, Protocol, TypeVar

from lintseq_core.data.building.items import Drop, Item, ItemMaker
from lintseq_core.data.settings import BuildSettings
from lintseq_core.data.sources import Payload, RawRow
from lintseq_core.programs.compiling import TOO_DEEP

R = TypeVar("R")
_LENGTH_BYTES = 8
_HARD_LIMIT_EXTRA_S = 30


class WorkerJob(Protocol[R]):
    """What a worker is started for; picklable, and its results are."""

    @property
    def cpu_limit_s(self) -> float:
        """CPU seconds that one row may take; the system ends a process that goes far beyond."""
        ...

    def open(self) -> Callable[[list[RawRow]], R]:
        """Called once in the worker: the function from a batch to its result."""
        ...

    def lost(self, index: int, why: str) -> R:
        """The result of a batch of this one row, which no worker survived."""
        ...

    def join(self, results: list[R]) -> R:
        """The results of parts of a batch as that of the whole."""
        ...


@dataclass(frozen=True, slots=True)
class BatchResult:
    """The items of a batch in order, and the CPU seconds they took."""

    items: list[Item]
    cpu_s: float


@dataclass(frozen=True, slots=True)
class MakeItems:
    """The job of a build."""

    settings: BuildSettings
    source_name: str

    @property
    def cpu_limit_s(self) -> float:
        return self.settings.cpu_limit_s

    def open(self) -> Callable[[list[RawRow]], BatchResult]:
        """A maker of items."""
        maker = ItemMaker(self.settings, self.source_name)
        return lambda batch: make_batch(maker, batch, self.cpu_limit_s)

    def lost(self, index: int, why: str) -> BatchResult:
        """A drop."""
        return BatchResult([Drop(index, "crashed", f"row {index + 1}: {why}")], 0.0)

    def join(self, results: list[BatchResult]) -> BatchResult:
        """The items one after the other."""
        items = [item for result in results for item in result.items]
        return BatchResult(items, sum(result.cpu_s for result in results))


class OutOfTime(BaseException):
    """The CPU limit of one program has passed. No Exception: nothing may take it for a failure
    of its own, as `run_linter` would."""


def make_batch(maker: ItemMaker, batch: list[RawRow], cpu_limit_s: float) -> BatchResult:
    """The items of `batch`; whatever goes wrong with a row is a drop of that row."""
    start = time.process_time()
    items = [make_item(maker, index, payload, cpu_limit_s) for index, payload in batch]
    return BatchResult(items, time.process_time() - start)


def make_item(maker: ItemMaker, index: int, payload: Payload, cpu_limit_s: float) -> Item:
    """`maker.make` under a CPU limit, with every other failure as a drop."""
    try:
        with cpu_limit(cpu_limit_s):
            return maker.make(index, payload)
    except OutOfTime:
        why = f"took more than {cpu_limit_s:g} CPU seconds"
        return Drop(index, "too_slow", f"row {index + 1}: {why}")
    except TOO_DEEP:
        why = "nests too deeply; split the expression"
        return Drop(index, "too_deep", f"row {index + 1}: {why}")
    except Exception as error:  # a fault of ours must not end a build of days
        why = f"{type(error).__name__}: {error}"
        return Drop(index, "crashed", f"row {index + 1}: {why}; please report this program")


@contextlib.contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the body after `seconds` of CPU time.

    Only in the main thread of a system with interval timers; elsewhere there is no limit. C code
    that never comes back is ended by the system, with its process, a little later.
    """
    timed = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not timed:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def send(stream: IO[bytes], value: Any) -> None:
    """Write `value` so that `receive` gets it whole."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(len(data).to_bytes(_LENGTH_BYTES, "big"))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """The next value; EOFError if the other side is gone."""
    head = stream.read(_LENGTH_BYTES)
    if len(head) < _LENGTH_BYTES:
        raise EOFError
    size = int.from_bytes(head, "big")
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


def main() -> None:
    """Serve batches until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the builder decides when to stop
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a linter prints must not get between the items
    with contextlib.suppress(EOFError, BrokenPipeError):
        job: WorkerJob[Any] = receive(incoming)
        work = job.open()
        send(outgoing, "ready")
        while True:
            batch = receive(incoming)
            _raise_hard_limit(job.cpu_limit_s * len(batch))
            send(outgoing, work(batch))


def _raise_hard_limit(seconds: float) -> None:
    """Let the system end this process if C code holds it for long after the limit."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    most = int(time.process_time() + seconds) + _HARD_LIMIT_EXTRA_S
    if hard == resource.RLIM_INFINITY or most < hard:
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))
