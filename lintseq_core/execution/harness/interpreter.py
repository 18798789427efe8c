"""What a box must hold for Python to start: the interpreter, its library, what it links to."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_LIBRARY = re.compile(r"(?:=> )?(/\S+) \(0x")


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The Python that runs programs under test: the one that runs this, without its packages."""

    executable: str
    paths: tuple[str, ...]
    """Files and folders to show read-only where they are."""
    hidden: tuple[str, ...]
    """Folders below them to cover with an empty one: third-party packages."""


@functools.cache
def interpreter() -> Interpreter:
    """This process's interpreter, out of its virtual environment."""
    executable = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = str(Path(os.__file__).resolve().parent)
    dynamic = Path(sys.base_exec_prefix, "lib", version, "lib-dynload")
    paths = [executable, library]
    if dynamic.is_dir() and not dynamic.is_relative_to(library):
        paths.append(str(dynamic))
    paths += _linked([executable, *map(str, sorted(dynamic.glob("*.so")))])
    hidden = [str(Path(library, name)) for name in ("site-packages", "dist-packages", "test")]
    return Interpreter(
        executable,
        _outermost(paths),
        tuple(path for path in hidden if Path(path).is_dir()),
    )


def _outermost(paths: list[str]) -> tuple[str, ...]:
    """Each path once, without those inside another: every mount costs a box a quarter millisecond.

    >>> _outermost(["/a/lib/python3", "/a/bin/python3", "/a/lib", "/a/lib"])
    ('/a/bin/python3', '/a/lib')
    """
    found = dict.fromkeys(paths)
    return tuple(
        path for path in found if not any(str(above) in found for above in Path(path).parents)
    )


def _linked(objects: list[str]) -> list[str]:
    """Where the shared libraries of `objects` are, and the loader."""
    ldd = shutil.which("ldd")
    everything = [path for path in ("/lib", "/lib64", "/usr/lib") if Path(path).is_dir()]
    if ldd is None:  # not glibc, or no development tools: show all library folders
        return everything
    try:
        done = subprocess.run(
            [ldd, *objects], capture_output=True, text=True, timeout=60, check=False
        )
    except subprocess.TimeoutExpired:  # a machine that has no time for us
        return everything
    found = dict.fromkeys(_LIBRARY.findall(done.stdout))
    loaders = [path for path in found if "/ld-" in path or "/ld6" in path]
    folders = dict.fromkeys(str(Path(path).parent) for path in found if path not in loaders)
    return [*folders, *(path for path in loaders if str(Path(path).parent) not in folders)]
