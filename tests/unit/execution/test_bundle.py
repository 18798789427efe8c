"""The folder of the boxes' scripts: one for every run, made whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lintseq_core.execution.harness import bundle

MADE = bundle.bundles()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINTSEQ_CACHE", str(tmp_path / "cache"))
    bundle.bundle_folder.cache_clear()
    yield
    bundle.bundle_folder.cache_clear()


def made_again() -> Path:
    bundle.bundle_folder.cache_clear()
    return bundle.bundle_folder()


def test_the_folder_holds_the_scripts_and_any_user_can_read_them(tmp_path: Path) -> None:
    folder = bundle.bundle_folder()
    assert folder.parent == tmp_path / "cache" / "boxes"
    assert {path.name for path in folder.iterdir()} == {*MADE, "empty"}
    assert folder.stat().st_mode & 0o777 == 0o755
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.pyc")} == {0o644}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_the_next_run_uses_the_same_folder() -> None:
    folder = bundle.bundle_folder()
    before = folder.stat().st_ino
    assert made_again() == folder and folder.stat().st_ino == before


@pytest.mark.parametrize("harm", ["changed", "missing", "added"])
def test_a_folder_that_is_not_as_it_should_be_is_made_again(harm: str) -> None:
    folder = bundle.bundle_folder()
    script = folder / "judge.pyc"
    if harm == "changed":
        script.write_bytes(b"print('passed')")
    elif harm == "missing":
        script.unlink()
    else:
        (folder / "more.py").touch()
    assert made_again() == folder
    assert script.read_bytes() == MADE["judge.pyc"]
    assert not (folder / "more.py").exists()


def test_without_a_place_to_keep_it_it_goes_with_the_process(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    script = (
        "from lintseq_core.execution.harness.bundle import bundle_folder; print(bundle_folder())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        cwd=Path(__file__).parents[3],
    )
    folder = Path(done.stdout.strip())
    assert folder.parent == tmp_path and not folder.exists()


def test_the_scripts_do_not_depend_on_what_else_the_process_holds() -> None:
    tell = (
        "import hashlib; from lintseq_core.execution.harness.bundle import bundles; "
        "print(hashlib.sha256(repr(sorted(bundles().items())).encode()).hexdigest())"
    )
    busy = "import sys; words = [sys.intern(w) for w in open(sys.argv[1]).read().split()]; "
    source = Path(bundle.__file__).parents[1] / "inside" / "judge.py"
    told = {
        subprocess.run(
            [sys.executable, "-c", script, str(source)],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[3],
        ).stdout
        for script in (tell, f"{busy}import ast, lintseq_core.execution.inside.judge; {tell}")
    }
    assert len(told) == 1
