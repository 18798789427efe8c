"""The project's own files agree with each other."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import lintseq_core

PROJECT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
NAME = PYPROJECT["project"]["name"]
CORE = PYPROJECT["project"]["dependencies"]
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
HEAVY = {"numpy", "pandas", "plotly", "pyflakes", "pylint", "streamlit", "torch"}


def read_constraints() -> dict[str, list[Requirement]]:
    """Pins by package name; a package may have one line per Python version."""
    pins: dict[str, list[Requirement]] = {}
    for line in (PROJECT / "constraints.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            pin = Requirement(line)
            pins.setdefault(canonicalize_name(pin.name), []).append(pin)
    return pins


def installed_closure(*requirements: str) -> set[str]:
    """Names of everything installed that `requirements` bring in, themselves included."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    todo = [Requirement(text) for text in requirements]
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        found.add(name)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            for text in importlib.metadata.requires(name) or ():
                needed = Requirement(text)
                if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                    todo.append(needed)
    return found


def test_core_is_small() -> None:
    assert {Requirement(text).name for text in CORE} == {
        "markdown-it-py", "msgspec", "numpy", "pyflakes", "pygments", "rich", "typer",
    }  # fmt: skip


def test_extras_are_the_documented_ones() -> None:
    assert set(EXTRAS) == {
        "dashboard", "data", "dev", "docs", "eval", "notebooks", "pylint", "ruff", "scale",
        "server", "train", "vllm", "wasm",
    }  # fmt: skip


def test_version_has_one_source() -> None:
    assert "version" in PYPROJECT["project"]["dynamic"]
    assert importlib.metadata.version(NAME) == lintseq_core.__version__


def test_environment_yml_adds_no_second_list_of_dependencies() -> None:
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text("utf-8"))
    assert environment == {
        "name": "lintseq",
        "channels": ["conda-forge"],
        "dependencies": [
            "python=3.11",
            "pip",
            {"pip": ["-c constraints.txt", "-e .[notebooks,dashboard]"]},
        ],
    }
    assert {"notebooks", "dashboard"} <= set(EXTRAS)
    assert PYPROJECT["project"]["requires-python"] == ">=3.11"


@pytest.mark.parametrize("extra", ["core", *sorted(set(EXTRAS) - {"vllm"})])
def test_constraints_pin_an_allowed_version_of_each_dependency(extra: str) -> None:
    pins = read_constraints()
    for text in CORE if extra == "core" else EXTRAS[extra]:
        requirement = Requirement(text)
        if requirement.name == NAME:
            assert requirement.extras <= set(EXTRAS)
            continue
        for pin in pins[canonicalize_name(requirement.name)]:
            (version,) = pin.specifier
            assert version.operator == "=="
            assert Version(version.version) in requirement.specifier, f"{pin} is not {requirement}"


def test_constraints_pin_all_that_make_install_brings() -> None:
    missing = installed_closure(f"{NAME}[dev]") - set(read_constraints()) - {NAME}
    assert missing == set(), "run `make constraints`"


def test_constraints_hold_torch_at_the_tested_version() -> None:
    assert [str(pin) for pin in read_constraints()["torch"]] == ["torch==2.13.0"]


def test_dashboard_needs_no_torch() -> None:
    names = installed_closure(f"{NAME}[dashboard]")
    assert "streamlit" in names
    assert names.isdisjoint({"torch", "transformers", "jupyterlab", "pylint"})


def test_importing_the_library_imports_nothing_heavy() -> None:
    script = "import lintseq_core, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert HEAVY.intersection(loaded) == set()


def test_citation_names_the_software_and_the_paper() -> None:
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    paper = citation["preferred-citation"]
    assert [author["family-names"] for author in paper["authors"]] == [
        "Piterbarg", "Pinto", "Fergus",
    ]  # fmt: skip
    assert paper["url"].endswith("2410.02749")


def test_make_without_a_target_lists_every_target() -> None:
    makefile = (PROJECT / "Makefile").read_text("utf-8")
    described = set(re.findall(r"^([a-z-]+):.*?## ", makefile, flags=re.MULTILINE))
    printed = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^  make ([a-z-]+)", printed.stdout, flags=re.MULTILINE)) == described
    assert described >= {"check", "dashboard", "install", "perf", "test", "test-full"}


def test_the_dockerfile_is_sound_and_installs_what_is_tested() -> None:
    command = [str(Path(sys.executable).parent / "hadolint"), str(PROJECT / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    text = (PROJECT / "Dockerfile").read_text("utf-8")
    assert "--constraint /dist/constraints.txt" in text
    assert f"build=={_pinned('build')}" in text


def _pinned(package: str) -> str:
    constraints = (PROJECT / "constraints.txt").read_text("utf-8")
    (version,) = re.findall(rf"^{package}==(\S+)", constraints, flags=re.MULTILINE)
    return str(version)


MAX_WHEEL_BYTES = 12_000_000


def test_wheel_holds_the_package_with_its_player_and_the_explorer_and_nothing_else(
    tmp_path: Path,
) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    files = set(zipfile.ZipFile(wheel).namelist())
    folders = {file.split("/")[0] for file in files}
    version = lintseq_core.__version__
    assert folders == {"lintseq_core", f"lintseq_core-{version}.dist-info"}
    package = PROJECT / "lintseq_core"
    assert {
        path.relative_to(PROJECT).as_posix()
        for pattern in ("**/*.py", "**/*.js", "**/*.css", "py.typed")
        for path in package.glob(pattern)
    } <= files
    explorer = "lintseq_core/_explorer"
    shown = [*(PROJECT / "dashboard").rglob("*.py"), *(PROJECT / "assets" / "programs").glob("*")]
    assert {f"{explorer}/{path.relative_to(PROJECT).as_posix()}" for path in shown} <= files
    assert f"{explorer}/assets/problems/problems.jsonl" in files
    assert f"{explorer}/.streamlit/config.toml" in files
    assert f"{explorer}/assets/adapters/smollm2-135m-lintseq/README.md" in files
    assert f"{explorer}/assets/pocket/README.md" in files
    assert not [
        file for file in files if "/assets/adapters/" in file and file.endswith(".safetensors")
    ]
    assert wheel.stat().st_size <= MAX_WHEEL_BYTES
    assert not [file for file in files if "__pycache__" in file or file.endswith(".pyc")]
