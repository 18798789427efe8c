"""The library without what Windows lacks: it can be imported, and its main commands run.

A process hides the modules and calls that are missing there. That is no Windows: file locks and paths
of that system are not tried.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path, PureWindowsPath

import pytest

from lintseq_core.execution.backends import IsolationError
from lintseq_core.execution.backends.candidates import NEEDS_LINUX, NEEDS_UNIX
from lintseq_core.execution.selfcheck import choose
from lintseq_core.execution.verdict import Isolation

ROOT = Path(__file__).resolve().parents[2]
UNIX_ALONE = {
    "lintseq_core.execution.inside.relay": "runs inside a box",
    "lintseq_core.execution.inside.wasi_guest": "runs inside WebAssembly",
}
"""Modules that need Unix when they are imported, and why that is right."""
HIDE = """
import os, sys
GONE = {"fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "readline", "syslog"}
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in GONE:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
for name in GONE:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Hidden())
for name in ("sched_getaffinity", "getloadavg", "geteuid", "getuid", "setsid", "fork", "killpg",
             "sysconf", "memfd_create"):
    if hasattr(os, name):
        delattr(os, name)
"""
IMPORT = """
import importlib, json, pkgutil
import lintseq_core
wrong = {}
for module in pkgutil.walk_packages(lintseq_core.__path__, "lintseq_core."):
    if not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except lintseq_core.LintSeqError:
            pass  # an extra that is not here
        except Exception as error:
            wrong[module.name] = repr(error)
print(json.dumps(wrong))
"""
COMMAND = """
from lintseq_core.cli import main
sys.argv = ["lintseq", *sys.argv[1:]]
main()
"""


def run(code: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", HIDE + code, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_every_module_but_those_of_boxes_can_be_imported(tmp_path: Path) -> None:
    done = run(IMPORT, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout.splitlines()[-1])) == set(UNIX_ALONE)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sample", "mean.py"], "def mean(xs):"),
        (["explain", "mean.py", "--line", "2"], "total"),
        (["sample", "mean.py", "--format", "json"], "birth_steps"),
        (["view", "--help"], "terminal"),
    ],
)
def test_a_command_runs(tmp_path: Path, arguments: list[str], says: str) -> None:
    text = "def mean(xs):\n    total = sum(xs)\n    return total / len(xs)\n"
    (tmp_path / "mean.py").write_text(text)
    done = run(COMMAND, *arguments, cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert says in done.stdout.lower() or says in done.stdout, done.stderr


@pytest.mark.parametrize(("platform", "name", "said"), [
    ("darwin", "bwrap", NEEDS_LINUX), ("win32", "bwrap", NEEDS_LINUX), ("win32", "limits", NEEDS_UNIX),
])  # fmt: skip
def test_a_boundary_that_a_system_lacks_is_refused_with_another(
    monkeypatch: pytest.MonkeyPatch, platform: str, name: str, said: str
) -> None:
    monkeypatch.setattr("lintseq_core.execution.backends.candidates.sys.platform", platform)
    with pytest.raises(IsolationError, match=said):
        choose(Isolation.LIMITS, name)


def test_paths_inside_packages_are_written_with_slashes() -> None:
    from lintseq_core.data.mining.mine import fault_of_path

    assert fault_of_path(PureWindowsPath(r"pkg\tests\test_x.py").as_posix()) == "file_test"
    assert fault_of_path(PureWindowsPath(r"pkg\core.py").as_posix()) is None


def test_the_page_says_which_modules_need_unix() -> None:
    page = (ROOT / "docs" / "platforms.md").read_text(encoding="utf-8")
    assert "tests/unit/test_platforms.py" in page
