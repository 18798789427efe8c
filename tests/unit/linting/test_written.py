"""What models write may be no Python at all: it is linted and counted all the same."""

from __future__ import annotations

import pytest

from lintseq_core.linting import get_linter
from lintseq_core.linting.written import lint_text
from lintseq_core.metrics.lint_errors import count_lint_errors

NUL = "x = 1\ny = '\0'\n"
DEEP = "(" * 5_000 + "1" + ")" * 5_000 + "\n"
SURROGATE = "x = '\ud800'\n"


@pytest.mark.parametrize("linter", ["pyflakes", "syntax"])
@pytest.mark.parametrize(("text", "line"), [(NUL, 2), (DEEP, 1), (SURROGATE, 1)])
def test_what_python_refuses_without_a_line_is_a_syntax_error(
    linter: str, text: str, line: int
) -> None:
    is_program, (finding,) = lint_text(text, get_linter(linter))
    assert not is_program
    assert (finding.code, finding.line_number) == ("SyntaxError", line)


def test_programs_of_any_bytes_are_counted() -> None:
    found = count_lint_errors([NUL, DEEP, SURROGATE, "x = 1\n", "print(y)"], get_linter("pyflakes"))
    assert (found.n_programs, found.n_with_errors) == (5, 4)
    assert found.by_code == (("SyntaxError", 3, 3), ("UndefinedName", 1, 1))


@pytest.mark.parametrize("text", ["", "\n", "  \n\n"])
def test_a_text_without_code_has_no_findings(text: str) -> None:
    assert lint_text(text, get_linter("pyflakes")) == (True, ())
