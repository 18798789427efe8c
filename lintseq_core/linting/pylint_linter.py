"""pylint in process, with the paper's arguments and the paper's choice of messages."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintseq_core.errors import LinterFailure, LinterUnavailable
from lintseq_core.linting.blame import blame_line_number, without_line_numbers
from lintseq_core.linting.finding import Finding
from lintseq_core.programs.compiling import FILE_NAME, PARSE_LOCK, compile_source

if TYPE_CHECKING:
    from pylint.lint import PyLinter
    from pylint.message import Message

# Paper: command line arguments. Here: options of the object, because with arguments pylint also
# reads pylintrc, pyproject.toml, setup.cfg and $PYLINTRC.
_OPTIONS: dict[str, Any] = {
    "reports": False,
    "score": False,
    "unsafe-load-any-extension": True,
    "generated-members": ["cv2.*"],
}
_WARNINGS_THAT_COUNT = ("W0311", "W0231")  # bad-indentation, super-init-not-called

# Undefined, used before assignment, undefined in __all__, possibly used before assignment.
_NAME_CODES = ("E0602", "E0601", "E0603", "E0606")
_QUOTED = re.compile(r"'([^']*)'")
_ENDS_ON_LINE = re.compile(r"on line (\d+)$")
_COOKIE = re.compile(r"coding(?=[:=])")

_LOCK = PARSE_LOCK  # astroid has one set of caches per process, not safe under threads


class PylintLinter:
    """The paper's linter: every E and F, W0311 and W0231 (and I1101, the one I that is on).

    A program's own `# pylint: disable=...` and `skip-file` comments are obeyed, as the authors'
    runs obeyed them. Imports are looked up among what is installed. `upstream_blame` puts a syntax
    error on the authors' line: the one that its message ends on, else the reported one.
    """

    name = "pylint"

    def __init__(self, *, upstream_blame: bool = False) -> None:
        try:
            import astroid  # type: ignore[import-untyped]
            import pylint
        except ImportError as error:
            raise LinterUnavailable(
                "linter 'pylint' is not installed: pip install 'lintseq-core[pylint]'"
            ) from error
        self.version = f"{pylint.__version__} (astroid {astroid.__version__})"
        self._upstream_blame = upstream_blame
        self._pylint: PyLinter | None = None

    def lint(self, source: str) -> tuple[Finding, ...]:
        with _LOCK, _no_relative_import_path():
            try:
                findings = self._lint(_hide_cookie(source))
            except BaseException as error:
                self._pylint = None  # stopped half-way: nothing in it can be relied on
                _forget_imports()
                if not isinstance(error, (Exception, SystemExit)):
                    raise
                why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
                raise LinterFailure(f"linter 'pylint' crashed: {why}; try another one") from error
        return tuple(sorted(findings, key=lambda it: (it.line_number, it.column, it.code)))

    def _lint(self, source: str) -> list[Finding]:
        from astroid import MANAGER, AstroidSyntaxError
        from pylint.typing import FileItem
        from pylint.utils import FileState

        # One object for all sources and no file: 3 times as fast as a Run for each source, with
        # the same findings on 240 states of HumanEval.
        if self._pylint is None:
            self._pylint = _new_pylint()
        pylint = self._pylint
        path = str(Path(os.sep, FILE_NAME, "program.py").absolute())  # no such file
        compile_source("")  # puts the filter for warnings about FILE_NAME in front
        pylint.open()  # hands "unsafe-load-any-extension" on to astroid
        try:
            module = MANAGER.ast_from_string(source, FILE_NAME, path)
        except AstroidSyntaxError as error:
            return [self._syntax_finding(error.error, source)]
        wrote_into_imports = _wrote_into_imports(module)
        # Pragmas and messages live in these two: those of the last source would silence errors of
        # this one. The tree of FILE_NAME is found in astroid's cache, hence the pop.
        pylint.file_state = FileState("", pylint.msgs_store, is_base_filestate=True)
        pylint.reporter.messages = []
        pylint.check_single_file_item(FileItem(FILE_NAME, path, FILE_NAME))
        MANAGER.astroid_cache.pop(FILE_NAME)
        if wrote_into_imports:
            _forget_imports()
        return [
            _finding(message)
            for message in pylint.reporter.messages
            if message.C != "W" or message.msg_id in _WARNINGS_THAT_COUNT
        ]

    def _syntax_finding(self, error: Exception, source: str) -> Finding:
        """pylint's E0001, from the exception that pylint would print."""
        if not isinstance(error, SyntaxError) or error.lineno is None:
            raise error  # the parser gave up; pylint would call this E0001 of line 1
        column = (error.offset or 0) - 1
        if self._upstream_blame:
            named = _ENDS_ON_LINE.search(error.msg)
            line_number = int(named[1]) if named else error.lineno
        else:
            line_number = blame_line_number(error.msg, error.lineno, column, source)
        return Finding("E0001", line_number, max(column, 0), (without_line_numbers(error.msg),))


def _finding(message: Message) -> Finding:
    # F0001, F0002, F0010 and F0011 say that pylint gave up, not that the program is wrong. They
    # are also the only ones here without a line: pylint gives those line 1.
    if message.msg_id.startswith("F00"):
        raise RuntimeError(f"{message.msg_id} {message.msg}")
    # From the object. The authors print "category|id|line|column|text" and split it again, which
    # loses each text with a "|" in it: E1131, "unsupported operand type(s) for |".
    quoted = _QUOTED.search(message.msg) if message.msg_id in _NAME_CODES else None
    return Finding(
        code=message.msg_id,
        line_number=message.line,
        column=message.column,
        arguments=(without_line_numbers(message.msg),),
        name=quoted[1] if quoted else None,
    )


def _new_pylint() -> PyLinter:
    """A pylint that prints nothing, reads no configuration and writes no file."""
    from pylint.lint import PyLinter
    from pylint.reporters import CollectingReporter

    class QuietPyLinter(PyLinter):
        def check_astroid_module(
            self, ast_node: Any, walker: Any, rawcheckers: Any, tokencheckers: Any
        ) -> bool | None:
            walker.exception_msg = True  # else it prints the traceback of a crash, then raises it
            return super().check_astroid_module(ast_node, walker, rawcheckers, tokencheckers)

    pylint = QuietPyLinter(reporter=CollectingReporter())
    pylint.load_default_plugins()
    pylint.disable("C")
    pylint.disable("R")
    for option, value in _OPTIONS.items():
        pylint.set_option(option, value)
    pylint.initialize()
    return pylint


def _wrote_into_imports(module: Any) -> bool:
    """Whether astroid noted an attribute that `module` sets (`os.x = 1`) in the tree of an import.

    Those trees are kept, so that in the next program `os.x` would be defined.
    """
    from astroid import InferenceError, nodes
    from astroid.util import Uninferable  # type: ignore[import-untyped]

    for target in module.nodes_of_class(nodes.AssignAttr):
        with contextlib.suppress(InferenceError):
            for owner in target.expr.infer():
                if owner is Uninferable or owner.root() is module:
                    continue
                tables = (getattr(owner, "instance_attrs", {}), getattr(owner, "locals", {}))
                if any(target in table.get(target.attrname, ()) for table in tables):
                    return True
    return False


def _forget_imports() -> None:
    from astroid import MANAGER

    MANAGER.clear_cache()


def _hide_cookie(source: str) -> str:
    """`source` with an unreadable PEP 263 cookie of the same length: pylint gets UTF-8 anyway."""
    lines = source.split("\n", 2)
    for index, line in enumerate(lines[:2]):
        if line.lstrip().startswith("#"):
            lines[index] = _COOKIE.sub("c_ding", line)
    return "\n".join(lines)


@contextlib.contextmanager
def _no_relative_import_path() -> Iterator[None]:
    """Without "" in sys.path (there in a notebook), which stands for the working directory."""
    before = sys.path[:]
    sys.path[:] = [entry for entry in before if Path(entry).is_absolute()]
    try:
        yield
    finally:
        sys.path[:] = before
