"""Installed packages in boxes: those that are named, read-only, and nothing that runs unasked."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from lintseq_core.benchmarks.problem import Tests
from lintseq_core.errors import LintSeqError
from lintseq_core.execution import pool, selfcheck
from lintseq_core.execution.backends import Backend, Bwrap, IsolationError, Job, LimitsOnly
from lintseq_core.execution.harness import site
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.pool import Task
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation, Outcome, Verdict
from tests.integration.test_command_line import lintseq

KINDS = {
    "split": Tests("split", "assert solve(1, 2) == 3\n", entry_points=("solve",)),
    "beside": Tests("in_process", "assert solve(1, 2) == 3\n", entry_points=("solve",)),
    "stdio": Tests("stdio", cases=(("", "3"),)),
}
ADDS = "\ndef solve(x, y):\n    return x + y\nprint(solve(1, 2))\n"


@pytest.fixture(scope="module", params=["box", "limits"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    if request.param == "limits":
        backend: Backend = LimitsOnly()
    else:
        try:
            backend, _ = choose(Isolation.BOX)
        except IsolationError as error:
            pytest.skip(f"no box on this machine: {error}")
    yield backend
    backend.close()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Installs a distribution of the files given in a folder that Python finds."""
    folder = tmp_path / "installed"
    folder.mkdir()
    caches = (site.shown_packages, site.python_paths, site._distributions, site._owners)

    def forget() -> None:
        importlib.invalidate_caches()
        for cache in caches:
            cache.cache_clear()

    def made(name: str, requires: tuple[str, ...] = (), **files: str) -> Path:
        about = folder / f"{name.replace('-', '_')}-1.5.dist-info"
        about.mkdir()
        needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n{needs}"
        )
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        listed = (*files, f"{about.name}/METADATA", f"{about.name}/RECORD", "../../bin/tool")
        (about / "RECORD").write_text("".join(f"{path},,\n" for path in listed))
        forget()
        return folder

    monkeypatch.syspath_prepend(str(folder))
    yield made
    monkeypatch.undo()
    forget()


def judged(
    backend: Backend, source: str, *allowed: str, kind: str = "split", cpu_s: float = 4.0
) -> Outcome:
    tests = KINDS[kind]
    found: dict[int, Outcome] = {}
    asked = Tests(
        tests.kind, tests.source, tests.entry_points, tests.cases, (), allowed=tuple(allowed)
    )
    pool.run(
        [Task(0, source, asked)], backend, found.__setitem__, workers=1, limits=Limits(cpu_s=cpu_s)
    )
    return found[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_package_is_there_where_it_is_allowed_and_named_where_it_is_not(
    backend: Backend, kind: str
) -> None:
    source = "import numpy as np\nassert int(np.arange(4).sum()) == 6" + ADDS
    outcome = judged(backend, source, kind=kind)
    assert outcome.verdict == "exception"
    assert outcome.detail.removeprefix("case 1: ") == (
        "ModuleNotFoundError: No module named 'numpy'; --packages numpy lets programs import it"
    )
    assert judged(backend, source, "numpy", kind=kind).verdict == "passed"


def test_the_remedy_is_named_for_an_import_in_a_function_too(backend: Backend) -> None:
    source = "def solve(x, y):\n    from numpy.linalg import norm\n    return x + y\n"
    remedy = "No module named 'numpy'; --packages numpy lets programs import it"
    for kind in ("split", "beside"):
        assert remedy in judged(backend, source, kind=kind).detail
        assert judged(backend, source, "numpy", kind=kind).verdict == "passed"


@pytest.mark.parametrize("name", ["numpy.no_such_part", "idlelib.no_such_part"])
def test_no_remedy_is_named_for_what_the_option_does_not_bring(backend: Backend, name: str) -> None:
    detail = judged(backend, f"import {name}{ADDS}", "numpy").detail
    assert detail.startswith("ModuleNotFoundError: No module named") and "--packages" not in detail


def test_only_what_is_named_and_what_it_requires_can_be_imported(
    backend: Backend, install: Callable[..., Path]
) -> None:
    install(
        "alpha", ("beta>=1 ; python_version > '3'", 'delta; extra == "more"'), **{"alpha/x": ""}
    )
    install("beta", **{"beta.py": "from other import gamma\n", "beta_data/x": "data"})
    install("Gam_ma", **{"other.py": "gamma = 1\n"})
    install("delta", **{"delta.py": ""})
    (site_folder,) = {path for path in site.python_paths(("alpha",))}
    assert [inside for _, inside in site.shown_packages(("alpha",))] == [
        "0/alpha", "0/alpha-1.5.dist-info", "0/beta.py", "0/beta_data", "0/beta-1.5.dist-info",
    ]  # fmt: skip
    assert site.versions_of(("alpha",)) == {"alpha": "1.5", "beta": "1.5"}
    look = (
        "import sys, importlib.util\n"
        "found = [n for n in ('alpha', 'other', 'delta', 'beta', 'numpy', 'pytest', 'lintseq_core')"
        " if importlib.util.find_spec(n)]\n"
        "assert found == ['alpha', 'beta'], (found, sys.path)\n"
        f"assert {site_folder!r} not in sys.path, sys.path\n"
    )
    outcome = judged(backend, look + ADDS, "alpha")
    assert (outcome.verdict, outcome.detail) == ("passed", "")
    assert judged(backend, "import other" + ADDS, "gam-ma").verdict == "passed"
    assert judged(backend, "import beta" + ADDS, "alpha", "other").verdict == "passed"


def test_of_a_folder_that_packages_share_only_the_named_part_is_shown(
    backend: Backend, install: Callable[..., Path]
) -> None:
    install("shared-one", **{"shared/one/__init__.py": "", "shared/one_more.py": ""})
    install("shared-two", **{"shared/two/__init__.py": ""})
    source = (
        "import shared.one, shared.one_more, importlib.util\n"
        "assert importlib.util.find_spec('shared.two') is None\n"
    )
    outcome = judged(backend, source + ADDS, "shared-one")
    assert (outcome.verdict, outcome.detail) == ("passed", "")
    both = judged(backend, "import shared.one, shared.two" + ADDS, "shared")
    assert (both.verdict, both.detail) == ("passed", "")


HOSTILE = "import builtins; builtins.hostile = True; open('/tmp/lintseq_hostile', 'w').close()\n"


def test_what_site_would_run_unasked_stays_dead(
    backend: Backend, install: Callable[..., Path]
) -> None:
    install(
        "tool-with-hooks",
        **{
            "hooked/__init__.py": "",
            "hooked.pth": HOSTILE,
            "a-hooked-nspkg.pth": f"import sys; {HOSTILE}",
            "sitecustomize.py": HOSTILE,
            "usercustomize/__init__.py": HOSTILE,
            "__pycache__/sitecustomize.cpython-311.pyc": "",
        },
    )
    source = (
        "import builtins, importlib.util, os, site, subprocess, sys\n"
        "import hooked\n"
        "assert not hasattr(builtins, 'hostile')\n"
        "folder = os.path.dirname(os.path.dirname(hooked.__file__))\n"
        "assert sorted(os.listdir(folder)) == ['hooked', 'tool_with_hooks-1.5.dist-info']\n"
        "site.addsitedir(folder)\n"
        "site.main()\n"
        "assert not hasattr(builtins, 'hostile')\n"
        "for name in 'sitecustomize', 'usercustomize':\n"
        "    assert importlib.util.find_spec(name) is None, name\n"
        "code = 'import builtins, hooked; assert not hasattr(builtins, \"hostile\")'\n"
        "environment = {**os.environ, 'PYTHONPATH': folder}\n"
        "subprocess.run([sys.executable, '-c', code], env=environment, check=True)\n"
    )
    outcome = judged(backend, source + ADDS, "hooked")
    assert (outcome.verdict, outcome.detail) == ("passed", "")
    assert not Path("/tmp/lintseq_hostile").exists()


def test_a_package_in_a_box_cannot_be_changed() -> None:
    try:
        backend, _ = choose(Isolation.BOX)
    except IsolationError as error:
        pytest.skip(f"no box on this machine: {error}")
    source = (
        "import numpy, os\n"
        "folder = os.path.dirname(numpy.__file__)\n"
        "for change in (\n"
        "    lambda: open(numpy.__file__, 'a'), lambda: open(folder + '/new.py', 'w'),\n"
        "    lambda: open(folder + '/../new.py', 'w'), lambda: os.remove(numpy.__file__),\n"
        "    lambda: os.rename(folder, folder + '2'), lambda: os.chmod(numpy.__file__, 0o777),\n"
        "    lambda: os.symlink('/box', folder + '/../mine'),\n"
        "):\n"
        "    try:\n"
        "        change()\n"
        "    except OSError:\n"
        "        continue\n"
        "    raise RuntimeError\n"
    )
    try:
        outcome = judged(backend, source + ADDS, "numpy")
    finally:
        backend.close()
    assert (outcome.verdict, outcome.detail) == ("passed", "")


def test_random_numbers_of_numpy_start_the_same_every_time(backend: Backend) -> None:
    source = "import numpy as np\nraise ValueError(list(map(int, np.random.randint(0, 9**9, 3))))"
    first, second = (judged(backend, source, "numpy") for _ in range(2))
    assert first.detail.startswith("ValueError: [") and first.detail == second.detail


def test_links_to_packages_are_gone_with_their_program(
    install: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install("alpha", **{"alpha/__init__.py": "kept = 1\n"})
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    source = "import alpha, os\nraise ValueError(os.path.realpath(alpha.__file__))"
    assert str(folder) in judged(LimitsOnly(), source, "alpha").detail
    assert not list(scratch.iterdir())
    assert (folder / "alpha" / "__init__.py").read_text() == "kept = 1\n"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("no_such_package", "no package 'no_such_package' is installed here"),
        ("numpy,,pandas", "no package '' is installed here"),
        ("numpy pandas", "no package 'numpy pandas' is installed here"),
        ("numpy.linalg", "no package 'numpy.linalg' is installed here"),
        ("../../etc", "no package '../../etc' is installed here"),
        ("numpy,json", "json comes with Python; leave it out"),
    ],
)
def test_a_name_that_cannot_be_allowed_is_refused_in_one_line(
    names: str, message: str, tmp_path: Path
) -> None:
    given = tmp_path / "samples.jsonl"
    given.write_text('{"task_id": "HumanEval/53", "completion": "    return x + y\\n"}\n')
    code, said, error = evaluated(given, tmp_path / "out.jsonl", "--packages", names)
    assert (code, said) == (3, "") and not (tmp_path / "out.jsonl").exists()
    assert error.startswith("lintseq: error: --packages: ") and message in error
    assert error.count("\n") == 1


def test_a_package_that_is_used_from_its_checkout_is_refused(install: Callable[..., Path]) -> None:
    folder = install("in-place", **{"in_place.pth": "/somewhere\n"})
    about = {"url": "file:///somewhere", "dir_info": {"editable": True}}
    (folder / "in_place-1.5.dist-info" / "direct_url.json").write_text(json.dumps(about))
    with pytest.raises(LintSeqError, match="in-place is used from its checkout"):
        site.chosen_packages("in-place")
    folder = install("unlisted", **{"unlisted.py": ""})
    (folder / "unlisted-1.5.dist-info" / "RECORD").unlink()
    with pytest.raises(LintSeqError, match="unlisted is used from its checkout, or installed wi"):
        site.chosen_packages("unlisted")


def test_a_backend_whose_programs_see_no_packages_refuses_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WithoutPackages(LimitsOnly):
        has_packages = False

    monkeypatch.setattr(selfcheck, "choose", lambda *_: (WithoutPackages(), None))
    from lintseq_core.cli.evaluate import evaluate

    given = tmp_path / "samples.jsonl"
    given.write_text('{"task_id": "HumanEval/53", "completion": "    return x + y\\n"}\n')
    with pytest.raises(LintSeqError, match="have only what is built into its Python; leave"):
        evaluate(str(given), "humaneval", tmp_path / "out", allow_execution=True, packages="numpy")


def test_a_backend_whose_programs_see_no_packages_judges_samples_that_need_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class WithoutPackages(LimitsOnly):
        has_packages = False

    def pass_all(tasks: Iterator[Task], _: Backend, take: Any, **__: object) -> None:
        for task in tasks:
            take(task.key, Outcome(Verdict.PASSED))

    checked = selfcheck.SelfCheck("limits", Isolation.LIMITS, (), "", ())
    monkeypatch.setattr(selfcheck, "choose", lambda *_: (WithoutPackages(), checked))
    monkeypatch.setattr(pool, "run", pass_all)
    from lintseq_core.cli.evaluate import evaluate

    given, output = tmp_path / "samples.jsonl", tmp_path / "out.jsonl"
    given.write_text('{"task_id": "HumanEval/53", "completion": "    return x + y\\n"}\n')
    evaluate(str(given), "humaneval", output, allow_execution=True)
    assert json.loads(output.read_text())["verdict"] == "passed"


def test_a_run_records_what_it_allowed(tmp_path: Path) -> None:
    given, output = tmp_path / "samples.jsonl", tmp_path / "out.jsonl"
    source = "import numpy as np\ndef add(x, y):\n    return int(np.add(x, y))\n"
    given.write_text(json.dumps({"task_id": "HumanEval/53", "solution": source}) + "\n")
    code, _, error = evaluated(given, output, "--packages", "numpy")
    if "--min-isolation" in error:
        pytest.skip(f"no box on this machine: {error}")
    assert code == 0, error
    assert json.loads(output.read_text())["verdict"] == "passed"
    record = json.loads((tmp_path / "out.jsonl.record.json").read_text())
    assert record["config"]["packages"] == {"numpy": importlib.metadata.version("numpy")}
    assert record["seeds"]["numpy"] == 0 and "--packages numpy" in record["command"]

    plain = tmp_path / "plain.jsonl"
    assert evaluated(given, plain)[0] == 0
    assert json.loads(plain.read_text())["verdict"] == "exception"
    record = json.loads((tmp_path / "plain.jsonl.record.json").read_text())
    assert record["config"]["packages"] == {} and "numpy" not in record["seeds"]


def test_a_run_goes_on_only_with_the_packages_it_began_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lintseq_core.cli.evaluate import evaluate

    def stop_after_one(tasks: Iterator[Task], _: Backend, take: Any, **__: object) -> None:
        take(next(tasks).key, Outcome(Verdict.PASSED))
        raise pool.HarnessError("no room")

    monkeypatch.setattr(selfcheck, "choose", lambda *_: (LimitsOnly(), None))
    monkeypatch.setattr(pool, "run", stop_after_one)
    given = tmp_path / "samples.jsonl"
    given.write_text('{"task_id": "HumanEval/53", "completion": "    return x + y\\n"}\n' * 2)

    def begin(packages: str) -> None:
        evaluate(str(given), "humaneval", tmp_path / "out", allow_execution=True, packages=packages)

    for _ in range(2):
        with pytest.raises(typer.Exit):
            begin("numpy")
    with pytest.raises(
        LintSeqError, match=r"belongs to a run with packages \{'numpy': '[0-9.]+'\}"
    ):
        begin("")


def test_every_box_of_bubblewrap_shows_packages_read_only(install: Callable[..., Path]) -> None:
    folder = install("alpha", **{"alpha/__init__.py": ""})
    try:
        backend = Bwrap()
    except IsolationError as error:
        pytest.skip(str(error))
    launch = backend.launch(Job("child", Limits(), ("alpha",)), 7)
    at = launch.command.index(str(folder / "alpha"))
    assert launch.command[at - 1 : at + 2] == ["--ro-bind", str(folder / "alpha"), "/site/0/alpha"]
    assert launch.python_paths == ("/site/0",)


def evaluated(given: Path, output: Path, *words: str) -> tuple[int, str, str]:
    named = ("-b", "humaneval", "-o", str(output), "--allow-execution")
    return lintseq("evaluate", str(given), *named, *words)
