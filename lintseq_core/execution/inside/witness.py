"""In the box, at I1: run tests beside the program and give the evidence a reader can check.

The program shares the interpreter with this code and can, if it knows how, forge everything here.
What generic tricks do not survive: the nonce, the exact number of tests, none of them skipped, and
a canary that must fail.

Where the tests were meant to be apart and a value could not cross (`fallback`), they see the
program's own objects through `Own`: plain data is equal to plain data alone, whatever a class says.
"""

from __future__ import annotations

import sys

from lintseq_core.execution.inside import protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

KEPT = 100


def run(module: dict[str, Any], job: dict[str, Any]) -> bytes:
    """nonce NUL outcome NUL ran NUL canaries that failed NUL skipped NUL detail."""
    returned: list[object] = []
    # A space of their own, or the program would find what the tests see when it calls itself.
    space = dict(module) if job["fallback"] else module
    for name in job["names"]:
        if name in space:
            value = space[name]
            space[name] = Own(value, returned) if job["fallback"] else _recorded(value, returned)
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


# By identity: a class of the program's may have a metaclass that says it is equal to `int`.
_PLAIN = frozenset(map(id, (type(None), bool, int, float, complex, str, bytes, bytearray, range)))
_GROUPS = frozenset(map(id, (list, tuple, set, frozenset)))
# Types of C whose comparison and arithmetic are their own. No program can make one that is not a
# heap type, nor rename one.
_TRUSTED = ("datetime", "numpy", "array")
_HEAP_TYPE = 1 << 9
_WRAPPER: Any = type(int.__eq__)
_OPEN: set[int] = set()
"""The containers that are being changed."""


class Own:
    """An object that is no data, as the tests see it: what it has, holds and answers, seen alike.

    It is equal to others of its kind as its class says, and never to plain data. It takes part in
    no arithmetic: a difference of nought would be as good as being equal.
    """

    __slots__ = ("_returned", "_value")

    def __init__(self, value: object, returned: list[object] | None = None) -> None:
        object.__setattr__(self, "_value", value)
        object.__setattr__(self, "_returned", returned)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        kind: type = type(held(self))
        return kind

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        given = [_changed(value, _given, in_place=True) for value in args]
        named = {name: _changed(value, _given, in_place=True) for name, value in keywords.items()}
        try:
            value = held(self)(*given, **named)
        finally:
            for changed in (*given, *named.values()):
                _changed(changed, seen, in_place=True)
        returned = object.__getattribute__(self, "_returned")
        if returned is not None and len(returned) < KEPT:
            returned.append(value)
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + 4 * limit)  # as deep as `==` goes, in our steps
        try:
            return seen(value)
        finally:
            sys.setrecursionlimit(limit)

    def __getattr__(self, name: str) -> Any:
        return seen(getattr(held(self), name))

    def __setattr__(self, name: str, value: object) -> None:
        setattr(held(self), name, _changed(value, _given))

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(_given(value), held(self))

    def __iter__(self) -> Iterator[Any]:
        return map(seen, held(self))

    def __next__(self) -> Any:
        return seen(next(held(self)))

    def __len__(self) -> int:
        return len(held(self))

    def __bool__(self) -> bool:
        return bool(held(self))

    def __getitem__(self, key: object) -> Any:
        return seen(held(self)[_changed(key, _given)])

    def __str__(self) -> str:
        return str.__str__(str(held(self)))

    def __repr__(self) -> str:
        return str.__str__(repr(held(self)))

    def __await__(self) -> Generator[Any, Any, Any]:
        value = yield from held(self).__await__()
        return seen(value)

    def __eq__(self, other: object) -> bool:
        if type(other) is Own:
            return bool(held(self) == held(other))
        return type(held(self)) is type(other) and bool(held(self) == other)

    def __lt__(self, other: object) -> bool:
        return bool(held(self) < held(other)) if type(other) is Own else NotImplemented

    def __hash__(self) -> int:
        return hash(held(self))


def held(own: object) -> Any:
    """The program's object itself."""
    return object.__getattribute__(own, "_value")


def _given(value: object) -> Any:
    return held(value) if type(value) is Own else value


def seen(value: Any) -> Any:
    """`value` as the tests see it: data as it is, with `Own` in place of all that is none."""
    kind = type(value)
    if id(kind) in _PLAIN or kind is Own:
        return value
    if _is_container(kind):
        return _changed(value, seen)
    if _is_trusted(value, kind):
        return value
    number = _number(value, kind)
    if number is not None:
        return number
    try:
        return seen(protocol.flat(value, kind))
    except protocol.Opaque:
        return Own(value)


def _is_container(kind: type) -> bool:
    return id(kind) in _GROUPS or kind is dict or _is_deque(kind)


def _is_deque(kind: type) -> bool:
    """Whether it is the deque of C, not what the program may have put in its place."""
    if kind is not getattr(sys.modules.get("collections"), "deque", None):
        return False
    equal: Any = type.__dict__["__dict__"].__get__(kind).get("__eq__")
    return type(equal) is _WRAPPER and equal.__objclass__ is kind


def _is_trusted(value: Any, kind: type) -> bool:
    if type.__dict__["__flags__"].__get__(kind) & _HEAP_TYPE or kind.__module__ not in _TRUSTED:
        return False
    data_type = getattr(value, "dtype", None)  # numpy's arrays may hold any object
    return data_type is None or not data_type.hasobject


def _number(value: Any, kind: type) -> Any:
    """A Decimal or Fraction of the exact type; None for anything else."""
    bases = type.__dict__["__mro__"].__get__(kind)
    for module_name, name in (("decimal", "Decimal"), ("fractions", "Fraction")):
        base: Any = getattr(sys.modules.get(module_name), name, None)
        if not any(one is base for one in bases):
            continue
        if name == "Decimal":
            return base(value)
        parts = [base.__dict__[part].__get__(value) for part in ("_numerator", "_denominator")]
        if all(type(part) is int for part in parts):
            return base(*parts)
    return None


def _changed(value: Any, change: Any, *, in_place: bool = False) -> Any:
    """`value` with `change` made to all that it holds; itself where that changes nothing."""
    if not _is_container(type(value)):
        return change(value)
    if id(value) in _OPEN:  # it holds itself
        return Own(value)
    _OPEN.add(id(value))
    try:
        return _rebuilt(value, change, in_place)
    finally:
        _OPEN.remove(id(value))


def _rebuilt(value: Any, change: Any, in_place: bool) -> Any:
    kind = type(value)
    parts = [*value, *value.values()] if kind is dict else value
    if _PLAIN.issuperset(map(id, map(type, parts))):
        return value
    new = [_changed(part, change, in_place=in_place) for part in parts]
    if all(a is b for a, b in zip(parts, new, strict=True)):
        return value
    made = dict(zip(new, new[len(value) :], strict=False)) if kind is dict else new
    if not in_place or kind is tuple or kind is frozenset:
        return kind(made)
    value.clear()
    (value.extend if kind is list or _is_deque(kind) else value.update)(made)
    return value


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
