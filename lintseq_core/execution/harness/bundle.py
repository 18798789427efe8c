"""The scripts that run in boxes and beside them, each one compiled file without any import of ours.

Compiling anew for every test costs more than starting Python does, and a box should hold nothing
it does not need: no checkout, no site-packages.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import importlib.util
import marshal
import os
import shutil
import sys
import tempfile
from pathlib import Path
from types import CodeType

from lintseq_core.data.cache import cache_folder
from lintseq_core.execution.harness.seccomp import architecture, container_profile

_PACKAGE = "lintseq_core.execution.inside"
_PARTS = {
    "child": ("protocol", "witness", "child"),
    "judge": ("protocol", "child", "judge"),
    "relay": ("streams", "tree", "relay"),
    "carrier": ("streams", "carrier"),
    "wasi_runner": ("memory_files", "wasi_runner"),
}

# From version 3 on, the bytes depend on how often an object is in use elsewhere in the process, and
# what is named after its contents would be another folder each time.
_MARSHAL = 2

# Registers the parts as the modules that their import statements name, runs the last one, and
# leaves no trace of them for the program to trip over.
_LAUNCHER = """
import sys
from marshal import loads
package = type(sys)({package!r})
sys.modules[{package!r}] = package
parts = loads({parts!r})
del loads
for name, code in parts[:-1]:
    module = type(sys)({package!r} + "." + name)
    sys.modules[module.__name__] = module
    setattr(package, name, module)
    exec(code, module.__dict__)
space = {{"__name__": {package!r} + ".main", "__builtins__": __builtins__}}
exec(parts[-1][1], space)
space["main"]()
"""


def bundles() -> dict[str, bytes]:
    """Every script, compiled for this interpreter, and the filters of containers, by file name."""
    here = Path(__file__).parents[1] / "inside"
    made: dict[str, bytes] = {}
    for name, parts in _PARTS.items():
        codes: list[tuple[str, CodeType]] = []
        for part in parts:
            source = (here / f"{part}.py").read_text(encoding="utf-8")
            codes.append((part, compile(source, f"<{part}>", "exec", dont_inherit=True)))
        text = _LAUNCHER.format(package=_PACKAGE, parts=marshal.dumps(codes, _MARSHAL))
        code = compile(text, f"<{name}>", "exec", dont_inherit=True)
        head = importlib.util.MAGIC_NUMBER + b"\0" * 12
        made[f"{name}.pyc"] = head + marshal.dumps(code, _MARSHAL)
    guest = (here / "wasi_guest.py").read_text(encoding="utf-8")
    sources = [
        (part, (here / f"{part}.py").read_text(encoding="utf-8")) for part in _PARTS["child"]
    ]
    made["wasi_guest.py"] = guest.replace(" = []  # put in", f" = {sources!r}  # put in").encode()
    machine = architecture()
    if machine is not None:
        made["seccomp.json"] = container_profile(machine)
        made["seccomp-loopback.json"] = container_profile(machine, loopback=True)
    return made


@functools.cache
def bundle_folder() -> Path:
    """A folder with exactly `bundles()` and an empty folder, readable by every user.

    It is named after its contents, stays in the user's cache and is used by every run of this
    version, so that nothing is left behind by a run that is killed. Where that folder cannot be
    written, it is a temporary one that goes when this process ends.
    """
    contents = bundles()
    with contextlib.suppress(OSError, RuntimeError):
        return _kept(contents, cache_folder() / "boxes")
    folder = Path(tempfile.mkdtemp(prefix="lintseq-box-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _write(contents, folder)
    return folder


def _kept(contents: dict[str, bytes], shelf: Path) -> Path:
    """The folder below `shelf` that holds `contents`, made or made again if need be."""
    whole = hashlib.sha256()
    for name, data in sorted(contents.items()):
        whole.update(f"{name} {len(data)} ".encode() + data)
    folder = shelf / f"{sys.implementation.cache_tag}-{whole.hexdigest()[:32]}"
    if _holds(folder, contents):
        return folder
    shelf.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=shelf))
    try:
        _write(contents, new)
        for _ in range(3):
            with contextlib.suppress(OSError):
                new.rename(folder)  # not over one that holds something
                return folder
            if _holds(folder, contents):  # another process was faster
                return folder
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    raise OSError(f"{folder}: cannot be made")


def _write(contents: dict[str, bytes], folder: Path) -> None:
    for name, data in contents.items():
        path = folder / name
        path.write_bytes(data)
        path.chmod(0o644)
    (folder / "empty").mkdir()
    (folder / "empty").chmod(0o755)
    folder.chmod(0o755)


def _holds(folder: Path, contents: dict[str, bytes]) -> bool:
    """Whether `folder` is ours and holds these contents and nothing else."""
    try:
        mine = not hasattr(os, "geteuid") or folder.stat().st_uid == os.geteuid()
        if not mine or folder.is_symlink():
            return False
        names = {path.name for path in folder.iterdir()}
        return (
            names == {*contents, "empty"}
            and not any((folder / "empty").iterdir())
            and all((folder / name).read_bytes() == data for name, data in contents.items())
        )
    except OSError:
        return False
