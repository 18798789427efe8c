"""In the box, at I1: run tests beside the program and give the evidence a reader can check.

The program shares the interpreter with this code and can, if it knows how, forge everything here.
What generic tricks do not survive: the nonce, the exact number of tests, none of them skipped, and
a canary that must fail.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KEPT = 100


def run(module: dict[str, Any], job: dict[str, Any]) -> bytes:
    """nonce NUL outcome NUL ran NUL canaries that failed NUL skipped NUL detail."""
    space = module
    returned: list[object] = []
    for name in job["names"]:
        if name in space:
            space[name] = _recorded(space[name], returned)
    measure = _unittest if job["test_classes"] else _statements
    outcome, ran, canaries, skipped, detail = measure(space, job)
    if outcome == "passed" and not all(map(_differs_from_others, returned)):
        canaries = 0
    parts = (job["nonce"], outcome, str(ran), str(canaries), str(skipped), detail[:200])
    return "\0".join(part.replace("\0", " ") for part in parts).encode("utf-8", "replace")


def _recorded(function: Any, returned: list[object]) -> Any:
    """`function`, with what it returns kept for the canary; classes and values stay as they are."""
    if not isinstance(function, type(run)):
        return function

    def call(*args: Any, **keywords: Any) -> Any:
        value = function(*args, **keywords)
        if len(returned) < KEPT:
            returned.append(value)
        return value

    call.__dict__.update(function.__dict__)
    call.__name__, call.__doc__ = function.__name__, function.__doc__
    call.__dict__["__wrapped__"] = function
    return call


def _differs_from_others(value: object) -> bool:
    """Whether `value` is not equal to things that nobody computes."""
    for other in (object(), 6.02214076e-31, "no answer of any test", [object()], (object(),)):
        try:
            if (value == other) is True or (value != other) is False:
                return False
        except Exception:
            continue
    return True


def _statements(space: dict[str, Any], job: dict[str, Any]) -> tuple[str, int, int, int, str]:
    """Tests that are statements: they raise, or they do not."""
    try:
        exec(compile(job["beside"], "tests.py", "exec", dont_inherit=True), space)
        outcome, detail = "passed", ""
    except BaseException as error:
        outcome, detail = "failed", f"{type(error).__name__}: {_message(error)}"
    canaries = 0
    try:
        exec(compile(f"assert {job['nonce']!r} == {job['canary']!r}", "canary.py", "exec"), space)
    except BaseException as error:
        canaries = 1 if type(error).__name__ == "AssertionError" else 0
    return outcome, 1, canaries, 0, detail


def _unittest(space: dict[str, Any], job: dict[str, Any]) -> tuple[str, int, int, int, str]:
    """Tests that are methods of unittest classes, one canary method added to each class."""
    import io

    try:
        exec(compile(job["beside"], "tests.py", "exec", dont_inherit=True), space)
    except BaseException as error:
        return "failed", 0, 1, 0, f"{type(error).__name__}: {_message(error)}"
    unittest = sys.modules["unittest"]
    nonce, other = job["nonce"], job["canary"]
    name = f"test_{nonce}"

    def canary(self: Any) -> None:
        self.assertEqual(nonce, other)

    suite = unittest.TestSuite()
    for class_name in job["test_classes"]:
        case = space[class_name]
        setattr(case, name, canary)
        suite.addTest(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    result = unittest.TextTestRunner(stream=io.StringIO(), verbosity=0).run(suite)
    canaries, others = 0, []
    for test, trace in (*result.failures, *result.errors):
        if str(test.id()).endswith(f".{name}"):
            canaries += 1
        else:
            others.append((str(test.id()), _error_line(str(trace))))
    skipped = len(result.skipped) + len(result.expectedFailures) + len(result.unexpectedSuccesses)
    detail = f"{others[0][0]}: {others[0][1]}" if others else ""
    return "failed" if others else "passed", result.testsRun, canaries, skipped, detail


def _error_line(trace: str) -> str:
    """Type and first line of message; a comparison of lists goes on for many more."""
    for line in trace.split("\n"):
        if line and not line.startswith((" ", "Traceback")):
            return line
    return ""


def _message(error: BaseException) -> str:
    try:
        return str(error)[:200]
    except BaseException:
        return ""
