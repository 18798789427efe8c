"""One program, one verdict: the split oracle, programs with standard input, tests in process.

Given a backend and a judge, so it chooses neither: which isolation there is is decided in
`selfcheck`, how many programs run at a time in `pool`.
"""

from __future__ import annotations

import ast
import functools
import re
import secrets
import sys
import time
from dataclasses import replace

from lintseq_core.benchmarks.outputs import outputs_match
from lintseq_core.benchmarks.problem import Tests
from lintseq_core.execution.backends import Backend, IsolationError, Job
from lintseq_core.execution.harness.box import Box
from lintseq_core.execution.harness.judging import JudgeBox, JudgeStopped
from lintseq_core.execution.harness.site import shows
from lintseq_core.execution.harness.starting import BoxError
from lintseq_core.execution.inside import protocol
from lintseq_core.execution.limits import Limits
from lintseq_core.execution.rulings import (
    OPAQUE,
    Ruling,
    end_ruling,
    failure_ruling,
    judge_ruling,
    outcome_of,
)
from lintseq_core.execution.verdict import Flag, Integrity, Outcome, Verdict, printable

_MOST_TESTS = 1_000_000
_MISSING = re.compile(r"\bModuleNotFoundError: No module named '([A-Za-z_]\w*)['.]")


class _TooLarge(Exception):
    """The program does not fit into the frame that would take it into the box."""


def decide(source: str, tests: Tests, limits: Limits, backend: Backend, judge: JudgeBox) -> Outcome:
    """The outcome of one program. Raises BoxError where that is not the program's doing.

    IsolationError for tests that `backend` cannot run, as `check_packages` says.
    """
    check_packages(tests, backend)
    try:
        outcome = _decided(source, tests, limits, backend, judge)
    except _TooLarge as error:
        return Outcome(Verdict.MEMORY, str(error))
    if outcome.verdict is Verdict.EXCEPTION and backend.has_packages:
        return replace(outcome, detail=_with_remedy(outcome.detail, _packages(tests)))
    return outcome


def check_packages(tests: Tests, backend: Backend, name: str = "") -> None:
    """Return if `tests`, those of the problem `name`, find their packages beside the program.

    IsolationError where they do not: every program would fail by the absence of a package.
    """
    if tests.kind != "in_process" or not tests.packages or backend.has_packages:
        return
    raise IsolationError(
        f"{name or 'this problem'}: its tests run beside the program and need "
        f"{', '.join(tests.packages)}; programs in {backend.name} have only what is built into its "
        "Python: choose another --backend"
    )


def _packages(tests: Tests) -> tuple[str, ...]:
    """What the program may import."""
    return tuple(dict.fromkeys((*tests.packages, *tests.allowed)))


def _with_remedy(detail: str, packages: tuple[str, ...]) -> str:
    """`detail`, and how to have the package whose absence it tells of."""
    found = _MISSING.search(detail)
    if found is None or found[1] in sys.stdlib_module_names or shows(packages, found[1]):
        return detail
    return printable(f"{detail}; --packages {found[1]} lets programs import it")


def _decided(
    source: str, tests: Tests, limits: Limits, backend: Backend, judge: JudgeBox
) -> Outcome:
    if tests.kind == "stdio":
        return _stdio(source, tests, limits, backend)
    if tests.kind == "in_process":
        return _in_process(source, tests, limits, backend)
    outcome, opaque = _split(source, tests, limits, backend, judge)
    if not opaque:
        return outcome
    # Paper harnesses would have compared the value itself: so do we, where it can be, and say so.
    # The tests' own values, as large perhaps, are then in the same process.
    roomy = replace(limits, memory_bytes=2 * limits.memory_bytes)
    beside = _in_process(source, tests, roomy, backend, fallback=True)
    return replace(
        beside.flagged(Flag.OPAQUE_VALUE, Flag.FALLBACK),
        cpu_s=beside.cpu_s + outcome.cpu_s,
        wall_s=beside.wall_s + outcome.wall_s,
        detail=beside.detail or outcome.detail,
    )


def _split(
    source: str, tests: Tests, limits: Limits, backend: Backend, judge: JudgeBox
) -> tuple[Outcome, bool]:
    """The outcome, and whether it is none because a value could not cross."""
    tested = bytearray()
    with Box(backend, Job("child", limits, _packages(tests))) as box:
        try:
            box.begin(_job(box, "split", source, tests))
            ruling = _load(box) or _relay(box, judge, tests, tested)
        except protocol.Violation as error:
            ruling = (Verdict.PROTOCOL_VIOLATION, str(error))
        finally:
            judge.finish()
    # The verdict too: a text alone, an exception's name for one, is what the program likes.
    opaque = ruling[0] is OPAQUE[0] and ruling[1].startswith(OPAQUE[1])
    told = tested.decode("ascii", "replace")
    return replace(outcome_of(ruling, box, Integrity.SPLIT), tested=told), opaque


def _job(box: Box, mode: str, source: str, tests: Tests, **more: object) -> bytes:
    job = {
        "mode": mode,
        "source": source,
        "names": list(tests.entry_points),
        "folder": box.launch.folder,
        "paths": list(box.launch.python_paths),
        "limits": dict(box.launch.limits),
        **more,
    }
    try:
        return protocol.encode(job)
    except protocol.Opaque as error:
        told = str(error)
    try:
        protocol.encode({**job, "source": ""})
    except protocol.Opaque as error:
        raise BoxError(f"the tests cannot be sent: {error}") from None
    raise _TooLarge(f"the program is too large to be run: {told}")


def _load(box: Box) -> Ruling | None:
    """Wait until the program is loaded; the ruling if it never is."""
    frame = box.wait_frame()
    if frame is None:
        return end_ruling(box)
    kind, body = frame
    if kind == protocol.FAILED:
        return failure_ruling(body)
    if kind != protocol.READY or body:
        raise protocol.Violation("an answer before anything was asked")
    return None


def _relay(box: Box, judge: JudgeBox, tests: Tests, tested: bytearray) -> Ruling:
    """Carry calls and answers between judge and program until the judge has decided.

    `tested` takes a digit for each test. The first ruling stands, whatever later tests bring.
    """
    judge.begin(tests)
    ruling: Ruling | None = None
    while True:
        since = time.monotonic()
        try:
            kind, body = judge.wait(box)
        except JudgeStopped as error:
            return ruling or (Verdict.JUDGE_LIMIT, str(error))
        box.extend(time.monotonic() - since)
        if box.exceeded is not None:
            return ruling or end_ruling(box)
        if box.has_unread:
            raise protocol.Violation("an answer before anything was asked")
        if kind == protocol.CALL:
            box.send(protocol.CALL, body)
            frame = box.wait_frame()
            if frame is None:
                return ruling or end_ruling(box)
            if frame[0] not in (protocol.VALUE, protocol.RAISED, protocol.OPAQUE):
                raise protocol.Violation("an answer of an unknown kind")
            if box.has_unread:
                raise protocol.Violation("a second answer")
            try:
                judge.send(*frame)
            except JudgeStopped as error:
                return ruling or (Verdict.JUDGE_LIMIT, str(error))
        elif kind == protocol.TESTED:
            tested += body
            if len(tested) > _MOST_TESTS:
                return ruling or (Verdict.JUDGE_LIMIT, f"more than {_MOST_TESTS:,} tests")
        elif kind == protocol.VERDICT:
            ruling = judge_ruling(body)
        elif ruling is not None:
            return ruling
        else:
            status = printable(body[:40].decode("utf-8", "replace"))
            return Verdict.JUDGE_LIMIT, f"the judge's process ended with status {status}"


def _stdio(source: str, tests: Tests, limits: Limits, backend: Backend) -> Outcome:
    """The first case that fails decides; each is a run of its own."""
    whole = replace(limits, kept_bytes=limits.output_bytes)
    cpu_s = wall_s = 0.0
    decided = outcome = Outcome(Verdict.NO_CALLS, "no test cases")
    tested = ""
    for number, (given, asked) in enumerate(tests.cases, start=1):
        data = given.encode("utf-8", "surrogatepass")
        with Box(backend, Job("child", whole, _packages(tests)), stdin=data) as box:
            try:
                box.begin(_job(box, "stdio", source, tests))
                ruling = _run(box, asked)
            except protocol.Violation as error:
                ruling = (Verdict.PROTOCOL_VIOLATION, str(error))
        outcome = outcome_of(ruling, box, Integrity.SPLIT)
        cpu_s += outcome.cpu_s
        wall_s += outcome.wall_s
        passed = outcome.verdict is Verdict.PASSED
        tested += "1" if passed else "0"
        if decided.verdict in (Verdict.PASSED, Verdict.NO_CALLS):
            detail = "" if passed else printable(f"case {number}: {outcome.detail}")
            decided = replace(outcome, detail=detail)
        if not passed and not tests.each:
            break
    return replace(decided, cpu_s=cpu_s, wall_s=wall_s, tested=tested if tests.each else "")


def _run(box: Box, asked: str) -> Ruling:
    frame = box.wait_frame()
    if frame is not None:
        kind, body = frame
        if kind == protocol.FAILED:
            return failure_ruling(body)
        raise protocol.Violation("a program with standard input has nothing to answer")
    box.wait_exit()
    if box.exceeded is not None or not box.said_hello or box.exit_status:
        return end_ruling(box)
    if not outputs_match(box.stdout.text(), asked):
        return Verdict.WRONG_ANSWER, "the output differs"
    return Verdict.PASSED, ""


def _in_process(
    source: str, tests: Tests, limits: Limits, backend: Backend, *, fallback: bool = False
) -> Outcome:
    """Tests beside the program: evidence is checked, but what it says is the box's word."""
    classes, expected = test_methods(tests.source)
    nonce, canary = secrets.token_hex(16), secrets.token_hex(16)
    more = {
        "beside": tests.source,
        "test_classes": list(classes),
        "nonce": nonce,
        "canary": canary,
        "fallback": fallback,
    }
    with Box(backend, Job("child", limits, _packages(tests), loopback=bool(classes))) as box:
        try:
            box.begin(_job(box, "in_process", source, tests, **more))
            frame = box.wait_frame()
            if frame is None:
                ruling = end_ruling(box)
            elif frame[0] == protocol.FAILED:
                ruling = failure_ruling(frame[1])
            elif frame[0] == protocol.REPORT:
                if box.has_unread:
                    raise protocol.Violation("a second report")
                ruling = _checked(frame[1], nonce, len(classes) or 1, expected)
            else:
                raise protocol.Violation("an answer of an unknown kind")
        except protocol.Violation as error:
            ruling = (Verdict.PROTOCOL_VIOLATION, str(error))
    return outcome_of(ruling, box, Integrity.IN_PROCESS)


def _checked(body: bytes, nonce: str, canaries: int, expected: int) -> Ruling:
    """What a report is worth; see `witness.run` for its parts."""
    parts = body.decode("utf-8", "replace").split("\0", 6)
    if len(parts) != 6 or parts[0] != nonce:
        return Verdict.TAMPERED, "the report is not the one that was asked for"
    _, outcome, ran, failed, skipped, detail = parts
    if outcome != "passed":
        wrong = "AssertionError" in detail
        return (Verdict.WRONG_ANSWER if wrong else Verdict.EXCEPTION), detail
    if failed != str(canaries):
        return Verdict.TAMPERED, "a test that must fail did not"
    if ran != str(expected) or skipped != "0":
        return Verdict.TAMPERED, f"{ran} of {expected} tests ran, {skipped} skipped"
    return Verdict.PASSED, ""


@functools.lru_cache(maxsize=64)
def test_methods(source: str) -> tuple[tuple[str, ...], int]:
    """The unittest classes in `source` and how many tests they run with a canary each.

    Without any, the source is one test made of statements.
    """
    own: dict[str, set[str]] = {}
    names: list[str] = []
    for node in ast.parse(source).body:
        if not isinstance(node, ast.ClassDef):
            continue
        bases = {
            base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
            for base in node.bases
        }
        if not any(base.endswith("TestCase") or base in own for base in bases):
            continue
        methods = {
            item.name
            for item in node.body
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
            and item.name.startswith("test")
        }
        own[node.name] = methods.union(*(own.get(base, set()) for base in bases))
        names.append(node.name)
    return tuple(names), sum(len(own[name]) + 1 for name in names) or 1
