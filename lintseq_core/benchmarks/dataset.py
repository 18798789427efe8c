"""The rows of a benchmark: from a path, `$LINTSEQ_DATA`, a package or the Hugging Face Hub."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, TypeVar

from lintseq_core.benchmarks.problem import BenchmarkError, DatasetSource
from lintseq_core.json_text import json_fault

Row = dict[str, Any]
Value = TypeVar("Value")
DATA_VARIABLE = "LINTSEQ_DATA"


@dataclass(frozen=True, slots=True)
class HubFiles:
    """Files of a data set on the Hugging Face Hub."""

    repo: str
    pattern: str
    """As `fnmatch` reads it; the files that match are read in the order of their names."""
    revision: str | None = None
    """Commit, tag or branch; None: the newest."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as they are published, and where they come from."""

    rows: tuple[Row, ...]
    source: DatasetSource


def load_rows(
    benchmark: str,
    path: Path | None,
    *,
    file_names: tuple[str, ...],
    hub: HubFiles | None = None,
    package: Callable[[], tuple[Path, str, str]] | None = None,
) -> Rows:
    """The rows at `path`; without one, of the first place that has them.

    The places: a file named in `file_names` inside `$LINTSEQ_DATA`; `package()`, which gives file,
    distribution and version; `hub`, which needs `huggingface_hub` and a network.
    """
    path = path or _in_data_folder(file_names)
    if path is not None:
        return _rows_of([path], benchmark, f"path {path.name}", "")
    if package is not None:
        file, distribution, version = package()
        return _rows_of([file], benchmark, f"package {distribution}", version)
    if hub is None:
        raise BenchmarkError(f"{benchmark}: no file; give its path")
    files, commit = _download(benchmark, hub)
    return _rows_of(files, benchmark, f"hub {hub.repo}", commit)


def read_rows(path: Path) -> list[Row]:
    """The objects of a file of JSON lines, a JSON list or Parquet, told apart by what it holds.

    It is read whole: files of problems are small.
    """
    if not path.is_file():
        problem = "a folder; name a file in it" if path.is_dir() else "no such file"
        raise BenchmarkError(f"{path}: {problem}")
    data = path.read_bytes()
    is_json = data.lstrip().startswith((b"{", b"[", b"\x1f\x8b", codecs.BOM_UTF8))
    if data.startswith(b"PAR1") or (path.suffix == ".parquet" and not is_json):
        return _parquet_rows(path)
    try:
        unpacked = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
        is_utf16 = unpacked.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = unpacked.decode("utf-16" if is_utf16 else "utf-8-sig")
    except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError) as error:
        raise BenchmarkError(f"{path}: damaged ({error}); copy or download it again") from None
    if path.name.removesuffix(".gz").endswith(".json") or text.lstrip().startswith("["):
        return _json_list(text, path)
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            rows.append(_object(line, f"{path}, line {number}"))
    return rows


def field_of(row: Row, name: str, kind: type[Value], place: str) -> Value:
    """`row[name]`; BenchmarkError says which row has none, or one of another type."""
    if name not in row:
        has = ", ".join(sorted(row))
        raise BenchmarkError(f"{place}: no field {name!r}; it has {has}")
    value = row[name]
    if not isinstance(value, kind):
        raise BenchmarkError(f"{place}: {name} is {value!r:.60}, not {kind.__name__}")
    return value


def place_of(rows: Rows, index: int) -> str:
    """What an error calls row `index`."""
    return f"{rows.source.benchmark} ({rows.source.origin}), row {index + 1}"


def _in_data_folder(file_names: tuple[str, ...]) -> Path | None:
    folder = os.environ.get(DATA_VARIABLE)
    if not folder:
        return None
    if not Path(folder).is_dir():
        raise BenchmarkError(f"{DATA_VARIABLE}={folder!r} is no folder: correct it or unset it")
    paths = (Path(folder) / name for name in file_names)
    return next((path for path in paths if path.is_file()), None)


def _download(benchmark: str, hub: HubFiles) -> tuple[list[Path], str]:
    """The files on this machine, and the commit they are of."""
    try:
        import huggingface_hub
    except ImportError:
        raise BenchmarkError(
            f"{benchmark}: no local file; give its path (--data FILE), put it into the "
            f"folder ${DATA_VARIABLE}, or load it from the Hub: pip install huggingface_hub"
        ) from None
    try:
        folder = Path(
            huggingface_hub.snapshot_download(
                hub.repo,
                repo_type="dataset",
                revision=hub.revision,
                allow_patterns=[hub.pattern],
            )
        )
    except Exception as error:  # a dozen kinds, of three libraries
        reason = f"{type(error).__name__}: {error}".strip().split("\n")[0]
        raise BenchmarkError(
            f"{benchmark}: the Hub did not give {hub.repo} ({reason:.140}); "
            f"give a path, or put the file into ${DATA_VARIABLE}"
        ) from None
    names = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )
    files = [folder / name for name in names if fnmatch(name, hub.pattern)]
    if not files:
        raise BenchmarkError(f"{benchmark}: {hub.repo} holds no file like {hub.pattern}")
    return files, folder.name


def _rows_of(files: list[Path], benchmark: str, origin: str, version: str) -> Rows:
    rows = tuple(row for file in files for row in read_rows(file))
    if not rows:
        raise BenchmarkError(f"{benchmark} ({origin}): {files[0]} holds no rows")
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    source = DatasetSource(benchmark, origin, version, digest.hexdigest(), len(rows))
    return Rows(rows, source)


def _object(text: str, place: str) -> Row:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BenchmarkError(f"{place}: {json_fault(error)}") from None
    if not isinstance(value, dict):
        raise BenchmarkError(f"{place}: a {type(value).__name__}, where an object is expected")
    return value


def _json_list(text: str, path: Path) -> list[Row]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BenchmarkError(f"{path}: not JSON: {error}") from None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise BenchmarkError(f"{path}: not a list of objects")
    return values


def _parquet_rows(path: Path) -> list[Row]:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError:
        raise BenchmarkError(
            f'{path}: reading Parquet needs pyarrow: pip install "lintseq-core[data]"'
        ) from None
    try:
        rows: list[Row] = parquet.read_table(path).to_pylist()
    except ArrowInvalid as error:
        raise BenchmarkError(f"{path}: no Parquet file ({error})") from None
    return rows
