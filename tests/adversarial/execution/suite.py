"""The cases: programs with the verdict they must get, and what they are tested against."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import platform
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from lintseq_core.benchmarks.problem import Tests
from lintseq_core.execution.backends import ENVIRONMENT, Backend, limits_of_process
from lintseq_core.execution.harness.judging import JudgeBox
from lintseq_core.execution.harness.starting import BoxError
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.oracle import decide
from lintseq_core.execution.verdict import Outcome, Verdict

HERE = Path(__file__).parent
CHECKOUT = HERE.parents[2]
MARKERS = ("lintseq_pickle_marker", "lintseq_orphan_marker")
LIMITS = Limits(cpu_s=2.0, wall_s=20.0, memory_bytes=1 << 30)
BACKEND = os.environ.get("LINTSEQ_TEST_BACKEND") or None
"""The backend to test instead of the default one, as `make adversarial BACKEND=podman` does."""
JUDGE = Limits(cpu_s=5.0, wall_s=20.0, memory_bytes=1 << 30)

SOURCES = {
    "sort": """
# TEST_MARK_0123abcd: a solution that can read this knows the answers
def check(candidate):
    assert candidate([3, 1, 2]) == [1, 2, 3]
    assert candidate([5, 5, 1]) == [1, 5, 5]
    assert candidate([]) == []
check(solve)
""",
    "total": "assert solve([1, 2]) == 3\nassert solve([]) == 0\n",
    "unittest": """
import unittest
class TestCases(unittest.TestCase):
    def test_three(self):
        self.assertEqual(solve([3, 1, 2]), [1, 2, 3])
    def test_none(self):
        self.assertEqual(solve([]), [])
""",
    "empty": "def check(candidate):\n    pass\ncheck(solve)\n",
    "surrogate": "assert solve([]) == '\\ud800'\n",
    "deque": "import collections\nassert solve([2, 1]) == collections.deque([1, 2])\n",
    "iterable": "assert list(solve([2, 1])) == [1, 2]\n",
    "in_place": "values = [3, 1, 2]\nsolve(values)\nassert values == [1, 2, 3]\n",
    "near": "assert abs(solve([1, 2, 3]) - 6) < 1e-6\nassert solve([1, 2, 3]) == 6.0\n",
    "point": """
point = solve(3)
assert point.x == 3 and point.doubled().x == 6
assert point == solve(3) and point != solve(4) and point.doubled() == solve(6)
assert point != 3 and not point == [3, 3] and list(point) == [3, 3]
assert solve(point) == point and [point] == [solve(3)] and point in [solve(3)]
""",
    "numbers": """
from collections import Counter, deque
from datetime import date
from decimal import Decimal
from fractions import Fraction
assert solve("decimal") == 1.5 and solve("decimal") == Decimal("1.5")
assert solve("own_decimal") == 1.5 and solve("fraction") == 1.5 and solve("fraction") - 1 == 0.5
assert solve("counter") == [{"a": 2, "b": 1}, 1] and solve("counter")[0] == Counter("aab")
assert solve("whole") == [3, 1] and solve("word") == ["ab", 1] and solve("named") == [{"a": 1}, 1]
assert solve("deque") == deque([1, "x"]) and solve("deque")[1] == "x"
assert solve("date") == date(2020, 1, 2) and solve("date").year == 2020
""",
    "types": """
import collections, math
same = {"tuple": (1, 2), "true": 1, "float": 2, "big": 10**4000, "bytes": b"\\x00\\xff", "none": None,
        "nested": {"a": [(1, {2}), {"b": None}]}, "namedtuple": (1, 2), "counter": {"a": 2, "b": 1},
        "ordered": {"a": 1}, "default": {"a": 1}, "frozen": {1, 2}, "complex": 1 + 2j,
        "range": range(3), "enum": "red", "unicode": "na\\u00efve \\u2603 \\U0001d11e",
        "infinite": math.inf, "empty": "", "bytearray": b"ab"}
for name, value in same.items():
    assert solve(name) == value, name
assert solve("tuple") != [1, 2] and solve("range") != [0, 1, 2]
assert math.copysign(1, solve("minus_zero")) == -1
assert solve("true") is True and solve("none") is None
""",
}
STDIO = {
    "lines": (("1\n22\n333\n", "1\n22\n333\n"),),
    "crlf": (("1\r\n22\r\n333", "1\n22\n333\n"),),
    "environment": (("", " ".join(sorted(ENVIRONMENT))),),
}


# Where another backend than bubblewrap answers otherwise, and why that is right.
_ENGINES = {
    "38c_disk_fill_elsewhere": "an engine mounts /dev/mqueue, /dev/pts and control groups of its own",
    "53_read_files": "an engine writes /etc/passwd and /etc/hostname, and shows the kernel's /sys",
    "61_terminal_and_devices": "an engine gives a container pseudo-terminals of its own",
}
_OWN_KERNEL = "what the program reaches is gVisor's, which has its own network and namespaces"
_NO_DESCRIPTOR = "the channel is no descriptor: what is done to descriptors does not reach it"
DIFFERENT = {
    "docker": _ENGINES,
    "podman": _ENGINES,
    "gvisor": {
        **_ENGINES,
        "104_sixty_processes_of_nothing": "a process costs gVisor so much that CPU time runs out",
        "36_mem_many_children": "the engine's memory limit ends the container first",
        "37b_memfd_fill": "the engine's memory limit ends the container",
        "39_inode_fill": "so many files take it longer than the clock allows",
        "52c_apart": "it has no /proc/self/ns/ipc",
        **dict.fromkeys(("54b_network_udp", "54c_network_other_families"), _OWN_KERNEL),
        **dict.fromkeys(("57_new_namespaces", "57b_clone_with_new_user"), _OWN_KERNEL),
        "58_proc_of_others": "it has no filter of ours, for which the case looks",
        "62_raw_system_calls": _OWN_KERNEL,
        **dict.fromkeys(("62b_i386_call", "62c_x32_call"), "such calls do nothing there"),
        "63_setuid_programs": "its /proc/self/status has no CapAmb",
    },
    "wasm": {
        "110_stdio_answers_the_harness": _NO_DESCRIPTOR,
        "17a_targeted_forger_beside": _NO_DESCRIPTOR,
        "49_close_all_fds": _NO_DESCRIPTOR,
        "40_stdout_flood": "output above the limit is dropped, and does not end the program",
        "52b_env_dump": "its runner adds TMPDIR and PYTHONTZPATH",
    },
}
_WASI_LACKS = re.compile(
    r"has no attribute|start new thread|No module named|unavailable on wasm32|wasi does not support"
    r"|\[Errno (44|58)\]|cannot fit 'int'"
)


@dataclass(frozen=True)
class Case:
    """One file of `cases`."""

    name: str
    verdicts: frozenset[str]
    source: str
    kind: str = "split"
    tests: str = "sort"
    limits: Limits = LIMITS
    judge: Limits = JUDGE
    controls: str = "none"
    flags: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    detail: str = ""
    max_s: float | None = None
    mechanism: tuple[str, ...] = ()

    @property
    def has_control(self) -> bool:
        """Whether the same program must get through where nothing holds it."""
        return self.controls == "bare"

    def fits(self, outcome: Outcome, backend: str) -> bool:
        """Whether `outcome` is right in `backend`.

        In WebAssembly much that programs reach for is not there: the error that says so is right
        too, and a wrong program may fail in any way.
        """
        if outcome.verdict in self.verdicts:
            return self.detail in outcome.detail and set(self.flags) <= set(map(str, outcome.flags))
        if self.name in DIFFERENT.get(backend, {}):
            return outcome.verdict != "harness_error"
        if backend != "wasm" or outcome.verdict in ("passed", "harness_error"):
            return False
        return "passed" not in self.verdicts or bool(_WASI_LACKS.search(outcome.detail))

    def problem(self, surroundings: dict[str, Any]) -> Tests:
        """What decides this case."""
        if self.kind == "stdio":
            cases = STDIO.get(self.tests) or ((json.dumps(surroundings) + "\n", "denied"),)
            return Tests("stdio", cases=cases, packages=self.packages)
        return Tests(
            "in_process" if self.kind == "in_process" else "split",
            SOURCES[self.tests],
            entry_points=("solve",),
            packages=self.packages,
        )


def read_cases() -> dict[str, Case]:
    """All cases that this machine's architecture can run, by name."""
    cases = (_read(path) for path in sorted((HERE / "cases").glob("*.py")))
    return {case.name: case for case in cases if case is not None}


def _read(path: Path) -> Case | None:
    text = path.read_text(encoding="utf-8")
    head = []
    for line in text.splitlines():
        if not line.startswith("# "):
            break
        head.append(line[2:])
    entry = {}
    for line in head:
        name, _, value = line.partition(": ")
        entry[name] = value if name in ("does", "mechanism", "verdict") else yaml.safe_load(value)
    if platform.machine() not in entry.pop("architectures", platform.machine()).split():
        return None
    verdicts = frozenset(entry["verdict"].split(" | "))
    assert verdicts <= set(Verdict), (path, verdicts)
    return Case(
        name=path.stem,
        verdicts=verdicts,
        source=ast.literal_eval(_folded(entry["generate"])) if "generate" in entry else text,
        limits=replace(LIMITS, **entry.get("limits", {})),
        judge=replace(JUDGE, **entry.get("judge", {})),
        flags=tuple(entry.get("flags", ())),
        packages=tuple(entry.get("packages", ())),
        mechanism=tuple(entry.get("mechanism", "").split()),
        **{
            name: entry[name]
            for name in ("kind", "tests", "controls", "detail", "max_s")
            if name in entry
        },
    )


def _folded(expression: str) -> str:
    """An expression of text, `+` and `*` as the literal of its value."""
    return repr(eval(expression, {"__builtins__": {}}))


@contextlib.contextmanager
def surroundings() -> Iterator[dict[str, Any]]:
    """Things outside a box to reach for, as the cases are told of them; gone afterwards."""
    secret = secrets.token_hex(8)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lintseq-outside-")))
        (folder / "written").mkdir()
        (folder / "canary").write_text(secret)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0lintseq-{secret}")
        abstract.listen()
        named = stack.enter_context(socket.socket(socket.AF_UNIX))
        named.bind(str(folder / "socket"))
        named.listen()
        command = f"import signal, time; signal.signal(10, signal.SIG_IGN); print(); time.sleep(600) # {secret}"
        sleeper = subprocess.Popen(
            [sys.executable, "-uS", "-c", command],
            stdout=subprocess.PIPE,
            env={**os.environ, "LINTSEQ_SECRET": secret},
        )
        assert sleeper.stdout is not None
        stack.callback(sleeper.stdout.close)
        stack.callback(sleeper.wait)
        stack.callback(sleeper.kill)
        sleeper.stdout.readline()
        # Root changes its user id instead of making a user namespace.
        names = ("pid", "net", "ipc", "uts", "cgroup", "mnt", *["user"][: os.geteuid()])
        limits = limits_of_process(LIMITS)
        del limits["address_space"]
        yield {
            "secret": secret,
            "folder": str(folder / "written"),
            "canary": str(folder / "canary"),
            "socket": str(folder / "socket"),
            "abstract": f"lintseq-{secret}",
            "port": tcp.getsockname()[1],
            "udp_port": udp.getsockname()[1],
            "pid": sleeper.pid,
            "start": Path(f"/proc/{sleeper.pid}/stat").read_text().rpartition(")")[2].split()[19],
            "checkout": str(CHECKOUT),
            "data": str(CHECKOUT / "assets"),
            "namespaces": {n: str(Path(f"/proc/self/ns/{n}").readlink()) for n in names},
            "session": os.getsid(0),
            "uid": os.geteuid(),
            "limits": limits,
        }


@dataclass
class Runner:
    """Runs cases in one backend; a judge each thread, as workers have."""

    backend: Backend
    asked: dict[str, Any]
    split_as: str | None = None
    """The kind that cases of kind "split" are run as instead."""
    _judges: dict[tuple[int, Limits], JudgeBox] = field(default_factory=dict)

    def run(self, case: Case, kind: str | None = None) -> Outcome:
        """The outcome of `case`; one of verdict harness_error where the box failed."""
        key = (threading.get_ident(), case.judge)
        judge = self._judges.setdefault(key, JudgeBox(self.backend, case.judge))
        if case.kind == "split":
            kind = kind or self.split_as
        tests = replace(case, kind=kind or case.kind).problem(self.asked)
        try:
            return decide(case.source, tests, case.limits, self.backend, judge)
        except BoxError as error:
            judge.stop()
            return Outcome(Verdict.HARNESS_ERROR, str(error))

    def run_all(self, cases: list[Case], threads: int = 6) -> dict[str, Outcome]:
        """The outcomes of `cases` by name."""
        with ThreadPoolExecutor(threads) as pool:
            outcomes = dict(zip((c.name for c in cases), pool.map(self.run, cases), strict=True))
        self.close()
        return outcomes

    def close(self) -> None:
        for judge in self._judges.values():
            judge.stop()
        self._judges.clear()
