"""In a box of its own: run a benchmark's tests, with proxies in place of the program.

One warm process takes test after test and forks for each; it compiles, but runs, no test itself.
What the program answers arrives as values of exact builtin types, and the test's own code compares.
"""

from __future__ import annotations

import builtins
import gc
import sys
from posix import O_RDWR, _exit, dup2, fork, waitpid
from posix import open as open_descriptor

from lintseq_core.execution.inside import protocol
from lintseq_core.execution.inside.child import add_site_builtins, enter, set_limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

# What tests import most; loaded once, before the forks.
_PRELOADED = (
    "collections",
    "copy",
    "itertools",
    "json",
    "math",
    "random",
    "re",
    "resource",
    "string",
)
_COMPILED_KEPT = 8
_LONGEST_NUMBER = 12
_TESTED, _ERROR = "__lintseq_tested__", "__lintseq_error__"
_MUTABLE = (list, dict, set, bytearray)


class Gone(BaseException):
    """The program ended before it answered; the harness knows how."""


class Undecided(BaseException):
    """A value could not cross, so nothing can be said here."""


class JudgedTest:
    """A test that is run: its proxies, and what became of their calls."""

    def __init__(self, channel: int, names: list[str]) -> None:
        self.channel = channel
        self.calls = 0
        self.raised: BaseException | None = None
        """What the program raised last."""
        self.has_told = False
        self.space: dict[str, Any] = {"__name__": "tests", "__builtins__": builtins}
        self.space[_TESTED] = self.tested
        for name in names:
            self.space[name] = self.proxy(name)

    def proxy(self, name: str) -> Any:
        """A function that stands for the program's function `name`."""

        def candidate(*args: Any, **keywords: Any) -> Any:
            return self.call(name, args, keywords)

        candidate.__name__ = candidate.__qualname__ = name
        return candidate

    def call(self, name: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """What the program returns for these arguments, or raises."""
        # Three references are ours: the tuple, the loop variable, the argument of getrefcount.
        held = any(type(item) in _MUTABLE and sys.getrefcount(item) > 3 for item in args)
        try:
            request = protocol.encode([name, list(args), keywords, held])
        except protocol.Opaque as error:
            raise Undecided(f"an argument: {error}") from None
        self.calls += 1
        protocol.send(self.channel, protocol.CALL, request)
        frame = protocol.receive(self.channel)
        if frame is None or frame[0] == protocol.GONE:
            raise Gone
        kind, body = frame
        if kind == protocol.OPAQUE:
            raise Undecided(f"a result: {body.decode('utf-8', 'replace')}")
        if kind == protocol.RAISED:
            self.raised = _as_exception(body)
            raise self.raised
        reply = protocol.decode(body)
        if type(reply) is not list or len(reply) != 2:
            raise protocol.Violation("a reply of the wrong form")
        if held:
            if type(reply[1]) is not list or len(reply[1]) != len(args):
                raise protocol.Violation("a reply without the arguments")
            for old, new in zip(args, reply[1], strict=True):
                _take_over(old, new)
        return reply[0]

    def run(self, code: CodeType) -> None:
        """Run the tests and tell the verdict, unless the harness knows it."""
        try:
            exec(code, self.space)
        except BaseException as error:
            self.tell(*self.ruling(error))
        else:
            if self.calls:
                self.tell("passed", "")
            else:
                self.tell("no_calls", "the tests never called the program")

    def tested(self, error: Exception | None) -> None:
        """A test's end, where each is run: the first failure decides, the others are counted."""
        if isinstance(error, protocol.Violation):
            raise error
        protocol.send(self.channel, protocol.TESTED, b"1" if error is None else b"0")
        if error is not None:
            self.tell(*self.ruling(error))

    def tell(self, verdict: str, detail: str) -> None:
        """Say the verdict, once."""
        if verdict and not self.has_told:
            self.has_told = True
            text = f"{verdict}\0{detail[:300]}"
            protocol.send(self.channel, protocol.VERDICT, text.encode("utf-8", "replace"))

    def ruling(self, error: BaseException) -> tuple[str, str]:
        """(verdict, detail) for what ended a test; "" as verdict if the harness has to say it."""
        if isinstance(error, Gone):
            return "", ""
        if isinstance(error, Undecided):
            return "opaque_value", str(error)
        if isinstance(error, protocol.Violation):
            return "protocol_violation", str(error)
        if error is self.raised:
            return "exception", _text(error)
        if isinstance(error, MemoryError):
            return "judge_limit", "comparing took too much memory"
        if type(error) is AssertionError:
            return "wrong_answer", _text(error)
        return "wrong_answer", f"in the test: {_text(error)}"


def main() -> None:
    """Serve tests on the descriptor named by the first argument until it is closed."""
    channel = int(sys.argv[1])
    enter(sys.argv[2:])
    protocol.send(channel, protocol.HELLO)
    for name in _PRELOADED:
        __import__(name)
    add_site_builtins("copyright, credits, license")
    for stream in (1, 2):  # tests may print; nobody would read it
        dup2(open_descriptor("/dev/null", O_RDWR), stream)
    compiled: dict[tuple[str, bool], CodeType | str] = {}
    while (frame := protocol.receive(channel)) is not None:
        if frame[0] != protocol.JOB:  # for a test whose process has ended meanwhile
            continue
        job = protocol.decode(frame[1])
        for path in job["paths"]:
            if path not in sys.path:
                sys.path.append(path)
        for name in job["packages"]:
            if name not in sys.modules:
                __import__(name)
        key = (job["tests"], job["each"])
        if key not in compiled:
            while len(compiled) >= _COMPILED_KEPT:
                del compiled[next(iter(compiled))]
            compiled[key] = _compiled(*key)
            gc.freeze()  # or each fork would copy the pages of what it only counts
        code = compiled[key]
        if isinstance(code, str):
            protocol.send(channel, protocol.VERDICT, f"harness_error\0{code}".encode())
            protocol.send(channel, protocol.IDLE, b"0")
            continue
        pid = fork()
        if pid == 0:
            _judge(channel, job, code)
        status = waitpid(pid, 0)[1]
        protocol.send(channel, protocol.IDLE, str(status).encode())


def _judge(channel: int, job: dict[str, Any], code: CodeType) -> None:
    """The forked process: decide, tell, end. Never returns."""
    try:
        set_limits(job["limits"])
        import random

        random.seed(0)
        JudgedTest(channel, job["names"]).run(code)
    except BaseException:
        _exit(70)
    _exit(0)


def _compiled(source: str, each: bool) -> CodeType | str:
    try:
        if each:
            return compile(_going_on(source), "tests", "exec", dont_inherit=True)
        return compile(source, "tests", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        return f"the tests do not compile: {error}"


def _going_on(source: str) -> Any:
    """The tests, every assertion of which tells how it ended and lets the next one follow."""
    import ast

    class Rewrite(ast.NodeTransformer):
        def visit_Assert(self, node: ast.Assert) -> ast.stmt:
            if isinstance(node.test, ast.Constant):  # HumanEval has many an "assert True"
                return node
            frame = ast.parse(
                f"try: pass\nexcept Exception as {_ERROR}: {_TESTED}({_ERROR})\n"
                f"else: {_TESTED}(None)"
            ).body[0]
            assert isinstance(frame, ast.Try)
            frame.body = [node]
            return ast.copy_location(frame, node)

    return Rewrite().visit(ast.parse(source))


def _as_exception(body: bytes) -> BaseException:
    """The exception that the program says it raised: a builtin one of that name, or like it."""
    parts = body.decode("utf-8", "replace").split("\0")
    if len(parts) != 4:
        raise protocol.Violation("an exception of the wrong form")
    _, name, number, message = parts
    found = vars(builtins).get(name)
    if isinstance(found, type) and issubclass(found, BaseException):
        try:
            if issubclass(found, OSError) and 0 < len(number) < _LONGEST_NUMBER:
                return found(int(number), message)
            return found(message)
        except (TypeError, ValueError):
            pass
    made: type[Exception] = type(name if name.isidentifier() else "Exception", (Exception,), {})
    return made(message)


def _text(error: BaseException) -> str:
    number = error.errno if isinstance(error, OSError) and type(error.errno) is int else ""
    try:
        message = str(error)[:200]
    except Exception:
        message = ""
    return f"{type(error).__name__}\0{number}\0{message}"


def _take_over(old: Any, new: Any) -> None:
    """Give `old` the contents of `new`, in place, as far down as the two have the same shape."""
    kind = type(old)
    if kind is not type(new):
        return
    if kind is list:
        if len(old) == len(new):
            for index, (before, after) in enumerate(zip(old, new, strict=True)):
                if type(before) in _MUTABLE and type(before) is type(after):
                    _take_over(before, after)
                else:
                    old[index] = after
        else:
            old[:] = new
    elif kind is dict:
        kept = {key: value for key, value in old.items() if type(value) in _MUTABLE}
        old.clear()
        for key, after in new.items():
            before = kept.get(key)
            if before is not None and type(before) is type(after):
                _take_over(before, after)
                after = before
            old[key] = after
    elif kind is set:
        old.clear()
        old |= new
    elif kind is bytearray:
        old[:] = new


if __name__ == "__main__":
    main()
