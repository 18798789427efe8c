"""Where mined code comes from: the Python files of a package, wheel, sdist, folder or file.

Nothing of a package is imported or executed; installed packages are found through their metadata.
"""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import platform
import sysconfig
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser, HeaderParser
from functools import partial
from pathlib import Path, PurePosixPath

from lintseq_core.data.mining.licences import licence_of_metadata, licence_of_name, licence_of_texts
from lintseq_core.errors import LintSeqError

STDLIB = "stdlib"

# Folders of a source tree that hold no code of the package itself.
_SKIPPED_FOLDERS = {"__pycache__", "build", "dist", "node_modules", "site-packages"}
_LICENCE_STEMS = ("licence", "license", "copying")


@dataclass(frozen=True, slots=True)
class Package:
    """A package in one version; `licence` is an SPDX expression, None where it is unknown."""

    name: str
    version: str | None
    licence: str | None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A Python file of a package; `path` is its place inside the package, with "/"."""

    package: Package
    path: str
    size_bytes: int
    read: Callable[[], bytes]


def find_files(source: str) -> Iterator[SourceFile]:
    """The Python files of `source`, in the order of their paths.

    `source` is a .py file, a wheel (.whl), an sdist (.tar.gz), a folder, the word "stdlib", or the
    name of an installed package. A folder that holds wheels and sdists, or installed packages
    (*.dist-info, as `pip install --target` makes it), is taken package by package, in the order of
    their names. LintSeqError if it is none of these.
    """
    if source == STDLIB:
        return _stdlib_files()
    path = Path(source)
    if path.is_file():
        return _archive_or_file(path)
    if path.is_dir():
        return _folder_files(path)
    if "/" in source or path.suffix in (".py", ".whl", ".gz"):
        raise LintSeqError(f"{source}: no such file or folder; check the path")
    return _installed_files(source)


def _archive_or_file(path: Path) -> Iterator[SourceFile]:
    if path.suffix == ".whl":
        return _wheel_files(path)
    if path.name.endswith(".tar.gz"):
        return _sdist_files(path)
    if path.suffix == ".py":
        return iter([_file_on_disk(Package(path.stem, None, None), path.name, path)])
    raise LintSeqError(f"{path}: not a .py file, wheel (.whl) or sdist (.tar.gz)")


def _wheel_files(path: Path) -> Iterator[SourceFile]:
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise LintSeqError(f"{path}: not a readable wheel: {error}; download it again") from None
    with archive:
        members = {info.filename: info for info in archive.infolist()}
        metadata = next((name for name in members if _is_metadata(name, ".dist-info")), None)
        if metadata is None:
            raise LintSeqError(f"{path}: no *.dist-info/METADATA in it; is it a wheel?")
        folder = metadata.rpartition("/")[0]
        texts = [archive.read(name) for name in sorted(members) if _is_licence(name, folder)]
        package = _package_of(BytesHeaderParser().parsebytes(archive.read(metadata)), texts)
        for name in sorted(members):
            # NAME.data: scripts and data that an installer puts elsewhere.
            if name.endswith(".py") and not name.partition("/")[0].endswith(
                (".dist-info", ".data")
            ):
                yield SourceFile(
                    package, name, members[name].file_size, partial(archive.read, name)
                )


def _sdist_files(path: Path) -> Iterator[SourceFile]:
    try:
        archive = tarfile.open(path)  # noqa: SIM115  # closed below, after its files
    except (OSError, tarfile.TarError) as error:
        raise LintSeqError(f"{path}: not a readable sdist: {error}; download it again") from None
    with archive:
        members = {info.name: info for info in archive.getmembers() if info.isfile()}

        def read(name: str) -> bytes:
            stream = archive.extractfile(members[name])
            return b"" if stream is None else stream.read()

        metadata = next(
            (name for name in members if name.count("/") == 1 and name.endswith("/PKG-INFO")), None
        )
        if metadata is None:
            raise LintSeqError(f"{path}: no PKG-INFO in it; is it an sdist?")
        root = metadata.rpartition("/")[0]
        texts = [read(name) for name in sorted(members) if _is_licence(name, root)]
        package = _package_of(BytesHeaderParser().parsebytes(read(metadata)), texts)
        for name in sorted(members):
            inner = name.removeprefix(f"{root}/")
            if name.endswith(".py") and not _is_skipped(PurePosixPath(inner)):
                yield SourceFile(package, inner, members[name].size, partial(read, name))


def _folder_files(folder: Path) -> Iterator[SourceFile]:
    installed = sorted(
        importlib.metadata.distributions(path=[str(folder)]), key=lambda one: one.name.lower()
    )
    if installed:
        for distribution in installed:
            yield from _distribution_files(distribution)
        return
    archives = [path for path in folder.iterdir() if path.name.endswith((".whl", ".tar.gz"))]
    if archives:
        # Not as the shell sorts them: that depends on the locale.
        for path in sorted(archives, key=lambda path: (path.name.lower(), path.name)):
            yield from _archive_or_file(path)
        return
    yield from _tree_files(_package_of_folder(folder), folder)


def _package_of_folder(folder: Path) -> Package:
    """What pyproject.toml and the licence files of a source tree say; else the folder's name."""
    name, version, licence = folder.resolve().name, None, None
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8")).get("project", {})
    except (OSError, ValueError):
        project = {}
    stated = project.get("license")
    if isinstance(stated, str):
        licence = stated
    elif isinstance(stated, dict):
        licence = licence_of_name(str(stated.get("text", "")))
    texts = [
        path.read_bytes().decode("utf-8", "replace")
        for path in sorted(folder.iterdir())
        if path.is_file() and path.stem.lower().startswith(_LICENCE_STEMS)
    ]
    version = project.get("version", version)
    return Package(str(project.get("name", name)), version, licence or licence_of_texts(texts))


def _installed_files(name: str) -> Iterator[SourceFile]:
    try:
        return _distribution_files(importlib.metadata.distribution(name))
    except (importlib.metadata.PackageNotFoundError, ValueError):
        pass
    providers = importlib.metadata.packages_distributions().get(name)
    if providers:
        return _distribution_files(importlib.metadata.distribution(providers[0]))
    found = _module_place(name)
    if found is not None:
        return _folder_files(found) if found.is_dir() else _archive_or_file(found)
    raise LintSeqError(
        f"{name!r} is no installed package, file or folder; install it (pip install {name}), or "
        "give the path of a wheel or folder"
    )


def _distribution_files(distribution: importlib.metadata.Distribution) -> Iterator[SourceFile]:
    files = {path.as_posix(): Path(str(path.locate())) for path in distribution.files or ()}
    texts = [
        place.read_bytes()
        for name, place in sorted(files.items())
        if ".dist-info/" in name and _is_licence(name, name.partition("/")[0]) and place.is_file()
    ]
    stated = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    package = _package_of(HeaderParser().parsestr(stated), texts)
    code = {
        name: place
        for name, place in files.items()
        if name.endswith(".py") and not name.startswith("..") and place.is_file()
    }
    for name in sorted(code):
        if not _is_skipped(PurePosixPath(name)):
            yield _file_on_disk(package, name, code[name])
    if code:
        return
    # An editable installation lists only a pointer to the source tree.
    for module, providers in sorted(importlib.metadata.packages_distributions().items()):
        place = _module_place(module) if distribution.name in providers else None
        if place is not None and place.is_dir():
            yield from _tree_files(package, place)


def _module_place(name: str) -> Path | None:
    """The file or folder of a top-level module, without importing it."""
    spec = importlib.machinery.PathFinder.find_spec(name) if name.isidentifier() else None
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(spec.origin) if spec.origin and spec.origin.endswith(".py") else None


def _stdlib_files() -> Iterator[SourceFile]:
    package = Package("python", platform.python_version(), "PSF-2.0")
    return _tree_files(package, Path(sysconfig.get_path("stdlib")))


def _tree_files(package: Package, root: Path) -> Iterator[SourceFile]:
    for place in sorted(root.rglob("*.py"), key=lambda place: place.as_posix()):
        inner = place.relative_to(root)
        if not _is_skipped(PurePosixPath(inner.as_posix())) and place.is_file():
            yield _file_on_disk(package, inner.as_posix(), place)


def _file_on_disk(package: Package, path: str, place: Path) -> SourceFile:
    return SourceFile(package, path, place.stat().st_size, place.read_bytes)


def _is_skipped(path: PurePosixPath) -> bool:
    return any(part in _SKIPPED_FOLDERS or part.startswith(".") for part in path.parts[:-1])


def _is_metadata(name: str, folder_suffix: str) -> bool:
    folder, _, file = name.partition("/")
    return folder.endswith(folder_suffix) and file == "METADATA"


def _is_licence(name: str, folder: str) -> bool:
    """Whether `name` is a licence file right in `folder` or in its licenses/ folder."""
    inner = name.removeprefix(f"{folder}/").removeprefix("licenses/")
    return (
        name.startswith(f"{folder}/")
        and "/" not in inner
        and inner.lower().startswith(_LICENCE_STEMS)
    )


def _package_of(metadata: Message, licence_files: list[bytes]) -> Package:
    texts = [data.decode("utf-8", "replace") for data in licence_files]
    name, version = (str(metadata.get(field) or "") for field in ("Name", "Version"))
    return Package(name or "unnamed", version or None, licence_of_metadata(metadata, texts))
