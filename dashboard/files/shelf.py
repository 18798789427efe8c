"""What visitors brought, kept on the server for a while, within bounds, each for its visitor."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lintseq_core import LintSeqError

YOUNG_S = 3600.0
"""What was used within the last hour is in use: it goes only where the bytes do not suffice."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept, of one visitor and of all together."""

    visitor_files: int = 40
    visitor_bytes: int = 400_000_000
    files: int = 1_000
    bytes: int = 4_000_000_000
    visitors: int = 2_000
    """Of whom names and colours are remembered."""


@dataclass(frozen=True, slots=True)
class Label:
    """What a visitor calls a file, and in which colour it is drawn."""

    name: str = ""
    colour: int | None = None


@dataclass(slots=True)
class _Owned:
    name: str
    used: float


@dataclass(slots=True)
class _Held:
    path: Path
    n_bytes: int
    """0 for a file that was not copied."""
    is_copy: bool
    owners: dict[str, _Owned] = field(default_factory=dict)

    @property
    def used(self) -> float:
        return max((one.used for one in self.owners.values()), default=0.0)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that a visitor may read."""

    key: str
    """sha256 of an upload; of an opened path, what addresses call it."""
    path: Path
    name: str
    is_copy: bool


class Shelf:
    """Uploads by their content, stored once, and opened paths; each is found by its owners alone.

    Safe to use from several threads.
    """

    def __init__(
        self, folder: Path, bounds: Bounds = Bounds(), clock: Callable[[], float] = time.time
    ) -> None:
        self.folder, self.bounds, self.clock = folder, bounds, clock
        self._held: dict[str, _Held] = {}
        self._labels: OrderedDict[str, dict[str, Label]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, visitor: str, name: str, content: bytes | memoryview) -> Kept:
        """The upload, now on disk. LintSeqError where it is too large, or there is no room."""
        bounds, n_bytes = self.bounds, len(content)
        if n_bytes > min(bounds.visitor_bytes, bounds.bytes):
            raise LintSeqError(
                f"{name}: {n_bytes / 1e6:,.0f} MB; the server keeps up to "
                f"{min(bounds.visitor_bytes, bounds.bytes) / 1e6:,.0f} MB of one visitor: name the "
                "file when you start it (`lintseq dashboard FILE`)"
            )
        key = hashlib.sha256(content).hexdigest()
        with self._lock:
            held = self._held.get(key)
            if held is None or visitor not in held.owners:
                self._make_room(visitor, name, n_bytes, is_new=held is None)
                held = self._held.get(key)  # what made room may have been this very content
            if held is None:
                path = self.folder / key / _safe(name)
                held = self._held[key] = _Held(path, n_bytes, is_copy=True)
            if not held.path.is_file():  # it is new, or somebody emptied the folder
                held.path.parent.mkdir(parents=True, exist_ok=True)
                held.path.write_bytes(content)
            held.owners[visitor] = _Owned(name, self.clock())
            return Kept(key, held.path, name, is_copy=True)

    def open_path(self, visitor: str, ref: str, name: str, path: Path) -> Kept:
        """A file that lies on the server and that this visitor may open; it is not copied."""
        with self._lock:
            held = self._held.setdefault(ref, _Held(path, 0, is_copy=False))
            if visitor not in held.owners:
                self._make_room(visitor, name, 0, is_new=False)
                held = self._held.setdefault(ref, held)
            held.owners[visitor] = _Owned(name, self.clock())
            return Kept(ref, path, name, is_copy=False)

    def find(self, visitor: str, key: str) -> Kept | None:
        """What `visitor` brought, by its key or the start of it; notes that it is in use."""
        with self._lock:
            for known, held in self._held.items():
                if known.startswith(key) and visitor in held.owners:
                    owned = held.owners[visitor]
                    owned.used = self.clock()
                    return Kept(known, held.path, owned.name, held.is_copy)
        return None

    def is_of_another(self, visitor: str, key: str) -> bool:
        """Whether only other visitors brought what is called so."""
        with self._lock:
            found = [held for known, held in self._held.items() if known.startswith(key)]
            return bool(found) and all(visitor not in held.owners for held in found)

    def drop(self, visitor: str, key: str) -> None:
        """Forget that `visitor` brought it; what nobody else brought is removed from the disk."""
        with self._lock:
            self._drop(visitor, key)

    def label(self, visitor: str, ref: str) -> Label:
        """What `visitor` calls the file `ref`."""
        with self._lock:
            return self._labels.get(visitor, {}).get(ref, Label())

    def put_label(self, visitor: str, ref: str, label: Label) -> None:
        """Remember what `visitor` calls the file `ref`."""
        with self._lock:
            labels = self._labels.setdefault(visitor, {})
            labels.pop(ref, None)
            labels[ref] = label
            while len(labels) > 2 * self.bounds.visitor_files:
                del labels[next(iter(labels))]
            self._labels.move_to_end(visitor)
            while len(self._labels) > self.bounds.visitors:
                self._labels.popitem(last=False)

    def _make_room(self, visitor: str, name: str, n_bytes: int, *, is_new: bool) -> None:
        """Drop what was used longest ago until one more of `n_bytes` fits both bounds."""
        bounds = self.bounds

        def own() -> list[tuple[float, str, str, int]]:
            """When used, owner, key and size of each file of this visitor."""
            return [
                (held.owners[visitor].used, visitor, key, held.n_bytes)
                for key, held in self._held.items()
                if visitor in held.owners
            ]

        def all_of_them() -> list[tuple[float, str, str, int]]:
            return [(held.used, "", key, held.n_bytes) for key, held in self._held.items()]

        self._drop_until(
            own, bounds.visitor_files, bounds.visitor_bytes, n_bytes,
            f"{name}: you have {bounds.visitor_files} files open; remove one first",
        )  # fmt: skip
        if is_new:
            self._drop_until(
                all_of_them, bounds.files, bounds.bytes, n_bytes,
                f"{name}: the server has no room for more uploads; try again in an hour",
            )  # fmt: skip

    def _drop_until(
        self,
        listed: Callable[[], list[tuple[float, str, str, int]]],
        most_files: int,
        most_bytes: int,
        n_bytes: int,
        full: str,
    ) -> None:
        while True:
            files = sorted(listed())
            too_many = len(files) + 1 > most_files
            if not too_many and sum(one[3] for one in files) + n_bytes <= most_bytes:
                return
            used, owner, key, _ = next(one for one in files if too_many or one[3])
            if too_many and self.clock() - used <= YOUNG_S:
                raise LintSeqError(full)
            for one in [owner] if owner else list(self._held[key].owners):
                self._drop(one, key)

    def _drop(self, visitor: str, key: str) -> None:
        held = self._held.get(key)
        if held is None:
            return
        held.owners.pop(visitor, None)
        if not held.owners:
            del self._held[key]
            if held.is_copy:
                shutil.rmtree(held.path.parent, ignore_errors=True)


def _safe(name: str) -> str:
    """A file name that stays in its folder, of a length that every file system takes."""
    plain = Path(name.replace("\\", "/").replace("\0", "")).name.strip(". ")
    return plain.encode("utf-8", "replace")[-120:].decode("utf-8", "ignore") or "upload"
