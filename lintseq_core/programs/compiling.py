"""Compile a source text, whatever the process's warning filters say, from any thread.

`compile` sends each SyntaxWarning ("invalid escape sequence", `is` with a literal) through the
process-wide `warnings.filters`: printed once per state by default, a SyntaxError under `-W error`.
`warnings.catch_warnings` is not safe under threads, so one filter that matches only the made-up
file name below is kept at the front instead: nobody else's warnings can match it.
"""

from __future__ import annotations

import ast
import re
import threading
import warnings

FILE_NAME = "<lintseq program>"

_Filter = tuple[str, None, type[Warning], "re.Pattern[str]", int]
_FILTER: _Filter = ("ignore", None, Warning, re.compile(re.escape(FILE_NAME) + r"\Z"), 0)
_FILTER_LOCK = threading.Lock()

PARSE_LOCK = threading.RLock()
"""Held while syntax trees are built. CPython 3.11 counts their depth per process, not per thread:
two `ast.parse` at once end in "SystemError: AST constructor recursion depth mismatch"."""

# compile() and ast.parse() report a program that nests too deeply in these ways, by Python version
# and by which of the parser, the AST conversion and the symbol table gives up first.
TOO_DEEP = (RecursionError, MemoryError)


def compile_source(source: str) -> None:
    """Return if `source` compiles as a module; raise what `compile` raises if not.

    Catches what `ast.parse` does not: an orphaned `nonlocal`, a late `__future__` import, `return`
    outside a function. Raises SyntaxError, one of TOO_DEEP, ValueError or OverflowError.
    """
    _silence_warnings()
    compile(source, FILE_NAME, "exec", dont_inherit=True)


def compiles(source: str) -> bool:
    """Whether `compile_source` accepts `source`."""
    try:
        compile_source(source)
    except (SyntaxError, ValueError, OverflowError, *TOO_DEEP):
        return False
    return True


def parse_source(source: str) -> ast.Module:
    """The syntax tree of `source`; raises as `compile_source` does."""
    _silence_warnings()
    with PARSE_LOCK:
        return ast.parse(source, FILE_NAME)


def _silence_warnings() -> None:
    filters = warnings.filters
    if filters and filters[0] is _FILTER:
        return
    with _FILTER_LOCK:
        # In front of the others first, then its old copies out, so that it is never missing.
        filters.insert(0, _FILTER)  # type: ignore[attr-defined]
        for index in range(len(filters) - 1, 0, -1):
            if filters[index] is _FILTER:
                del filters[index]  # type: ignore[attr-defined]
