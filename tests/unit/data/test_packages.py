"""Where mined code comes from: every kind of source gives the same files with their licence."""

from __future__ import annotations

import io
import os
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lintseq_core.data.mining.packages import Package, SourceFile, find_files
from lintseq_core.errors import LintSeqError

METADATA = "Metadata-Version: 2.1\nName: Pond\nVersion: 1.2\nLicense: MIT\n\nText\n"
CODE = {"pond/__init__.py": b"A = 1\n", "pond/deep/fish.py": b"B = 2\n"}
POND = Package("Pond", "1.2", "MIT")


def seen(source: str | Path) -> list[tuple[Package, str, int, bytes]]:
    files: Iterator[SourceFile] = find_files(str(source))
    return [(one.package, one.path, one.size_bytes, one.read()) for one in files]


EXPECTED = [(POND, path, 6, data) for path, data in sorted(CODE.items())]


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    path = tmp_path / "pond-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in CODE.items():
            archive.writestr(name, data)
        archive.writestr("pond/data.txt", "no code")
        archive.writestr("pond-1.2.data/scripts/run.py", "C = 3\n")
        archive.writestr("pond-1.2.dist-info/METADATA", METADATA)
    return path


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder as `pip install --target` makes it."""
    folder = tmp_path / "target"
    record = [*CODE, "pond-1.2.dist-info/METADATA", "pond/__pycache__/x.py", "../bin/pond.py"]
    for name in record[:-1]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(CODE.get(name, b""))
    (folder / "pond-1.2.dist-info" / "METADATA").write_text(METADATA)
    rows = "".join(f"{name},,\n" for name in record)
    (folder / "pond-1.2.dist-info" / "RECORD").write_text(rows)
    return folder


def test_a_wheel_gives_its_code(wheel: Path) -> None:
    assert seen(wheel) == EXPECTED


def test_an_sdist_gives_its_code_without_the_folder_around_it(tmp_path: Path) -> None:
    path = tmp_path / "pond-1.2.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in {**CODE, "PKG-INFO": METADATA.encode(), "build/lib.py": b"x"}.items():
            info = tarfile.TarInfo(f"pond-1.2/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    assert seen(path) == EXPECTED


def test_a_folder_of_installed_packages_is_taken_package_by_package(installed: Path) -> None:
    assert seen(installed) == EXPECTED


def test_a_folder_of_wheels_is_taken_wheel_by_wheel_in_the_order_of_names(wheel: Path) -> None:
    for name in ("Zoo", "ant"):
        with zipfile.ZipFile(wheel.parent / f"{name}-1-py3-none-any.whl", "w") as archive:
            archive.writestr(f"{name}.py", "A = 1\n")
            archive.writestr(f"{name}-1.dist-info/METADATA", METADATA.replace("Pond", name))
    assert [one.path for one in find_files(str(wheel.parent))] == [
        "ant.py", *sorted(CODE), "Zoo.py",
    ]  # fmt: skip


def test_an_installed_package_is_found_by_either_name_and_not_imported(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(installed))
    assert seen("pond") == EXPECTED
    assert seen("Pond") == EXPECTED
    assert "pond" not in sys.modules


def test_a_source_tree_has_its_licence_from_pyproject_or_a_licence_file(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "a.py").write_bytes(b"A = 1\n")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "b.py").write_bytes(b"B = 1\n")
    assert seen(folder) == [(Package("tree", None, None), "src/a.py", 6, b"A = 1\n")]
    (folder / "LICENSE.txt").write_text(
        "Permission is hereby granted, free of charge, to any person\nobtaining a copy"
    )
    assert seen(folder)[0][0] == Package("tree", None, "MIT")
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "t"\nversion = "3"\nlicense = "ISC"\n'
    )
    assert seen(folder)[0][0] == Package("t", "3", "ISC")
    (folder / "pyproject.toml").write_text("not toml")
    assert seen(folder)[0][0] == Package("tree", None, "MIT")


def test_one_file_and_the_standard_library_are_sources(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_bytes(b"A = 1\n")
    assert seen(tmp_path / "one.py") == [(Package("one", None, None), "one.py", 6, b"A = 1\n")]
    version = ".".join(map(str, sys.version_info[:3]))
    paths = {
        one.path
        for one in find_files("stdlib")
        if one.package == Package("python", version, "PSF-2.0")
    }
    assert {"textwrap.py", "json/decoder.py"} <= paths
    assert not any(path.startswith("site-packages") for path in paths)


def test_metadata_beyond_ascii_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pond-1.2-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("pond.py", b"A = 1\n")
        archive.writestr("pond-1.2.dist-info/METADATA", METADATA.replace("MIT", "MIT © Ä").encode())
    assert seen(path) == [(Package("Pond", "1.2", None), "pond.py", 6, b"A = 1\n")]


MISSING = {
    "no_such_package_anywhere": "is no installed package, file or folder; install it (pip install ",
    "no/such/folder": "no/such/folder: no such file or folder; check the path",
    "none.whl": "none.whl: no such file or folder; check the path",
    os.devnull + ".txt": "no such file or folder",
}


@pytest.mark.parametrize(("source", "message"), MISSING.items())
def test_a_source_that_is_not_there_is_named_with_the_remedy(source: str, message: str) -> None:
    with pytest.raises(LintSeqError) as error:
        find_files(source)
    assert message in str(error.value)


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    for name, message in {
        "a.whl": "not a readable wheel",
        "a.tar.gz": "not a readable sdist",
        "a.txt": "not a .py file, wheel (.whl) or sdist (.tar.gz)",
    }.items():
        (tmp_path / name).write_bytes(b"no archive")
        with pytest.raises(LintSeqError) as error:
            list(find_files(str(tmp_path / name)))
        assert message in str(error.value)
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as archive:
        archive.writestr("a.py", "")
    with pytest.raises(LintSeqError, match=r"no \*\.dist-info/METADATA in it"):
        list(find_files(str(tmp_path / "a.whl")))
