"""What goes with a drawn line, and the one reason kept for each line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from lintseq_core import (
    Closure,
    Finding,
    LinterFailure,
    LintSeqError,
    Program,
    closure,
    get_linter,
)
from lintseq_core.edits.reasons import Dependent, Drawn, FromFinding, Reason

Reasons = dict[int, Reason]
DRAWN = Drawn()


def name(missing: str, round_: int, *absent: int, code: str = "UndefinedName") -> FromFinding:
    return FromFinding(code, (missing,), round_, absent)


def syntax(message: str, round_: int, *absent: int) -> FromFinding:
    return FromFinding("SyntaxError", (message,), round_, absent)


def empty(what: str, round_: int, *absent: int) -> FromFinding:
    return syntax(f"expected an indented block after {what} on line", round_, *absent)


def no_handler(round_: int, *absent: int) -> FromFinding:
    return syntax("expected 'except' or 'finally' block", round_, *absent)


def taken(relation: str, of: int, lines: Iterable[int]) -> Reasons:
    return {line: Dependent(of, relation) for line in lines}  # type: ignore[arg-type]


def reasons_of(text: str, drawn: int, **options: object) -> Reasons:
    return dict(closure(Program.from_text(text), drawn, **options).reasons)  # type: ignore[arg-type]


# --- structure -----------------------------------------------------------------------------------

FUNCTION = "def f(x):\n    # note\n\n    y = x\n\n    # note\n    return y\n    # after\n\nz = 1\n"
IF_ELSE = "if True:\n    x = 1\n# note\nelif False:\n    x = 2\nelse:\n    x = 3\n"
LOOP = "for i in (1, 2):\n    print(i)\nelse:\n    print(0)\n"
TRY = "try:\n    x = 1\nexcept ValueError:\n    x = 2\nexcept TypeError:\n    x = 3\nelse:\n    x = 4\nfinally:\n    x = 5\n"
MATCH = "match 1:\n    case 1:\n        x = 1\n    case _:\n        x = 2\n"
DECORATED = "import abc\n@abc.abstractmethod\n# note\n@staticmethod\ndef f():\n    pass\n"
DOCSTRING = "def f():\n    '''One.\n\n    Two.\n    '''\n    return 1\n"
CALL = "x = max(\n    '''a\n    b''',\n    'c')\n"
DICT = "x = {\n    1: 2,\n    3: 4,\n}\ny = 1\n"

STRUCTURE: list[tuple[str, int, Reasons]] = [
    ("x = 1\ny = 2\n", 0, {0: DRAWN}),
    # block: up to the last line of its last statement, comments and blank lines between included
    (FUNCTION, 0, {0: DRAWN, **taken("block", 0, range(1, 7))}),
    ("class A:\n    def f(self):\n        if 1:\n            pass\n        # note\nx = 1\n", 0, {0: DRAWN, **taken("block", 0, [1, 2, 3])}),
    ("with open('x') as file, \\\n        open('y'):\n    file\n", 0, {0: DRAWN, 1: Dependent(0, "statement"), 2: Dependent(0, "block")}),
    # ... reached from the last line of a header through its first
    ("def f(\n    x\n):\n    return x\n", 2, {0: Dependent(2, "statement"), 1: Dependent(2, "statement"), 2: DRAWN, 3: Dependent(0, "block")}),
    ("if True: x = 1\ny = 2\n", 0, {0: DRAWN}),
    # clause: the head takes its clauses with their bodies
    (IF_ELSE, 0, {0: DRAWN, 1: Dependent(0, "block"), **taken("clause", 0, range(3, 7))}),
    (LOOP, 0, {0: DRAWN, 1: Dependent(0, "block"), **taken("clause", 0, [2, 3])}),
    (LOOP.replace("for i in (1, 2)", "while (i := 1)"), 0, {0: DRAWN, 1: Dependent(0, "block"), **taken("clause", 0, [2, 3])}),
    (TRY, 0, {0: DRAWN, 1: Dependent(0, "block"), **taken("clause", 0, range(2, 10))}),
    ("if True: x = 1\nelse: x = 2\n", 0, {0: DRAWN, 1: Dependent(0, "clause")}),
    # ... its own clauses only
    ("if True:\n    if True:\n        x = 1\nelse:\n    x = 2\n", 1, {0: empty("'if' statement", 1, 1, 2), 1: DRAWN, 2: Dependent(1, "block"), **taken("clause", 0, [3, 4])}),
    # ... and a clause may go alone
    (IF_ELSE, 5, {5: DRAWN, 6: Dependent(5, "block")}),
    (IF_ELSE, 3, {3: DRAWN, 4: Dependent(3, "block")}),
    (LOOP, 2, {2: DRAWN, 3: Dependent(2, "block")}),
    (TRY, 2, {2: DRAWN, 3: Dependent(2, "block")}),
    (TRY, 6, {6: DRAWN, 7: Dependent(6, "block")}),
    (TRY, 8, {8: DRAWN, 9: Dependent(8, "block")}),
    (MATCH, 3, {3: DRAWN, 4: Dependent(3, "block")}),
    (MATCH, 0, {0: DRAWN, **taken("block", 0, range(1, 5))}),
    # decorators and their definition are one unit
    (DECORATED, 1, {1: DRAWN, 3: Dependent(1, "decorator"), 4: Dependent(1, "decorator"), 5: Dependent(4, "block")}),
    (DECORATED, 4, {1: Dependent(4, "decorator"), 3: Dependent(4, "decorator"), 4: DRAWN, 5: Dependent(4, "block")}),
    ("@print(\n    1,\n)\nclass A: pass\n", 2, {0: Dependent(2, "statement"), 1: Dependent(2, "statement"), 2: DRAWN, 3: Dependent(0, "decorator")}),
    ("@print\nasync def f():\n    pass\n", 0, {0: DRAWN, 1: Dependent(0, "decorator"), 2: Dependent(1, "block")}),
    # statement: the first or last line takes all, an inner line goes alone
    (DICT, 0, {0: DRAWN, **taken("statement", 0, [1, 2, 3])}),
    (DICT, 3, {**taken("statement", 3, [0, 1, 2]), 3: DRAWN}),
    (DICT, 1, {1: DRAWN}),
    ("x = 1; y = (2,\n    3,\n)\n", 2, {**taken("statement", 2, [0, 1]), 2: DRAWN}),
    # docstring: its quotes take it, its text goes alone
    (DOCSTRING, 1, {1: DRAWN, **taken("statement", 1, [2, 3, 4])}),
    (DOCSTRING, 4, {**taken("statement", 4, [1, 2, 3]), 4: DRAWN}),
    (DOCSTRING, 3, {3: DRAWN}),
    # string: inside a statement its quotes take only itself
    (CALL, 1, {1: DRAWN, 2: Dependent(1, "string")}),
    (CALL, 2, {1: Dependent(2, "string"), 2: DRAWN}),
    (CALL.replace("'''a", "f'''a{1}"), 2, {1: Dependent(2, "string"), 2: DRAWN}),
    # ... both strings that meet on a line; as the statement's ends, they take all of it
    ("x = '''\na\n''' + f'''\nb{\n1}\n'''\ny = 1\n", 2, {**taken("string", 2, [0, 1, 3, 4, 5]), 2: DRAWN}),
    ("x = max(\n    '''a\n    b''', f'''\n    c''',\n    'd')\n", 1, {1: DRAWN, 2: Dependent(1, "string"), 3: Dependent(2, "string")}),
    # ... a string that a backslash continues over lines, too
    ("x = max(\n    'a\\\nb',\n    'c')\n", 2, {1: Dependent(2, "string"), 2: DRAWN}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "drawn", "expected"), STRUCTURE)
def test_what_a_line_takes_by_structure(text: str, drawn: int, expected: Reasons) -> None:
    assert reasons_of(text, drawn) == expected


@pytest.mark.parametrize(
    ("text", "drawn", "expected"),
    [row for row in STRUCTURE if FromFinding not in map(type, row[2].values())],
)
def test_structure_needs_no_linter(text: str, drawn: int, expected: Reasons) -> None:
    assert reasons_of(text, drawn, linter=get_linter("none")) == expected


# --- findings ------------------------------------------------------------------------------------

INNER_TRY = (
    "try:\n    try:\n        a = 1\n    except ValueError:\n        a = 2\nfinally:\n    b = 1\n"
)
LATE_TRY = "def f():\n    try:\n        return 1\n    finally:\n        pass\nprint(f())\n"

FINDINGS: list[tuple[str, int, Reasons]] = [
    # an undefined name: absent is the line that binds it
    ("x = 1\ny = 2\nprint(x + y)\n", 0, {0: DRAWN, 2: name("x", 1, 0)}),
    ("import os.path as p, sys\nprint(sys)\nprint(p)\n", 0, {0: DRAWN, 1: name("sys", 1, 0), 2: name("p", 1, 0)}),
    ("def f(x):\n    return x\nf(1)\n", 0, {0: DRAWN, 1: Dependent(0, "block"), 2: name("f", 1, 0)}),
    ("for i in []:\n    pass\nprint(i)\n", 0, {0: DRAWN, 1: Dependent(0, "block"), 2: name("i", 1, 0)}),
    ("def f(\n    a,\n    b,\n):\n    return a + b\n", 1, {0: empty("function definition", 2, 4), 1: DRAWN, **taken("statement", 0, [2, 3]), 4: name("a", 1, 1)}),
    # ... both lines that bind it, where one deletion takes both
    ("if True:\n    x = 1\nelse:\n    x = 2\nprint(x)\n", 0, {0: DRAWN, 1: Dependent(0, "block"), **taken("clause", 0, [2, 3]), 4: name("x", 1, 1, 3)}),
    # ... not a line of an earlier round that binds something else
    ("a = 1\nb = a\nprint(b)\n", 0, {0: DRAWN, 1: name("a", 1, 0), 2: name("b", 2, 1)}),
    # ... but the line that binds it, if an earlier round took that
    ("if True:\n    n = 1\nprint(n)\n", 1, {0: empty("'if' statement", 1, 1), 1: DRAWN, 2: name("n", 2, 1)}),
    # ... and all that the last round deleted, where none of it binds the name
    ("from os import *\nprint(path)\n", 0, {0: DRAWN, 1: name("path", 1, 0)}),
    ("if True:\n    x = 1\n    from os import *\nprint(path)\n", 0, {0: DRAWN, **taken("block", 0, [1, 2]), 3: name("path", 1, 0, 1, 2)}),
    # other findings about names
    ("__all__ = ['f']\ndef f():\n    pass\n", 1, {0: name("f", 1, 1, code="UndefinedExport"), 1: DRAWN, 2: Dependent(1, "block")}),
    ("x = 1\ndef f():\n    global x\n    print(x)\n    x = 2\n", 2, {2: DRAWN, 3: name("x", 1, 2, code="UndefinedLocal")}),
    # a finding that is not about a name: absent is what the last round deleted
    ("'{} {}'.format(\n    1,\n    2,\n)\n", 1, {0: FromFinding("StringDotFormatMissingArgument", ("1",), 1, (1,)), 1: DRAWN, **taken("statement", 0, [2, 3])}),
    # an emptied block is its header's fault, up and up
    ("if True:\n    x = 1\n", 1, {0: empty("'if' statement", 1, 1), 1: DRAWN}),
    ("if True:\n    x = 1\n    # note\nelse:\n    y = 1\n", 1, {0: empty("'if' statement", 1, 1), 1: DRAWN, **taken("clause", 0, [3, 4])}),
    ("class A:\n    def f(self):\n        return 1\n", 2, {0: empty("class definition", 2, 1), 1: empty("function definition", 1, 2), 2: DRAWN}),
    (MATCH, 4, {3: empty("'case' statement", 1, 4), 4: DRAWN}),
    ("match 1:\n    case 1:\n        x = 1\n", 1, {0: empty("'match' statement", 1, 1, 2), 1: DRAWN, 2: Dependent(1, "block")}),
    ("def f():\n    '''One.'''\nf()\n", 1, {0: empty("function definition", 1, 1), 1: DRAWN, 2: name("f", 2, 0)}),
    # a try without handlers is the fault of the try
    ("try:\n    x = 1\nexcept ValueError:\n    x = 2\n", 2, {0: no_handler(1, 2, 3), 1: Dependent(0, "block"), 2: DRAWN, 3: Dependent(2, "block")}),
    ("try:\n    x = 1\nfinally:\n    x = 2\ny = 1\n", 2, {0: no_handler(1, 2, 3), 1: Dependent(0, "block"), 2: DRAWN, 3: Dependent(2, "block")}),
    # ... of the outer, where the inner has its handlers
    (INNER_TRY, 5, {0: no_handler(1, 5, 6), **taken("block", 0, range(1, 5)), 5: DRAWN, 6: Dependent(5, "block")}),
    # ... of the inner, where that has none
    (INNER_TRY, 3, {0: empty("'try' statement", 2, 1, 2), 1: no_handler(1, 3, 4), 2: Dependent(1, "block"), 3: DRAWN, 4: Dependent(3, "block"), **taken("clause", 0, [5, 6])}),
    # ... also where the parser notices on a line further out
    (LATE_TRY, 3, {0: empty("function definition", 2, 1, 2), 1: no_handler(1, 3, 4), 2: Dependent(1, "block"), 3: DRAWN, 4: Dependent(3, "block"), 5: name("f", 3, 0)}),
    # an inner line may break its statement
    ("x = [\n    1, 2\n    , 3\n]\n", 1, {1: DRAWN, 2: syntax("invalid syntax", 1, 1)}),
    ("x = sum(\n    i for i in\n    range(3)\n)\ny = 1\n", 2, {**taken("statement", 3, [0, 1]), 2: DRAWN, 3: syntax("invalid syntax", 1, 2)}),
    ("x = {\n    'a': 1,\n    'b':\n    2,\n}\n", 3, {2: syntax("expression expected after dictionary key and ':'", 1, 3), 3: DRAWN}),
    # what compile() alone sees
    ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    return g\n", 1, {1: DRAWN, 3: syntax("no binding for nonlocal 'x' found", 1, 1)}),
    ("async def f():\n    async with f():\n        return 1\n", 0, {0: DRAWN, **taken("block", 0, [1, 2])}),
    # a dependent of a line that a finding names
    ("x = [1]\nif x:\n    print(1)\n", 0, {0: DRAWN, 1: name("x", 1, 0), 2: Dependent(1, "block")}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "drawn", "expected"), FINDINGS)
def test_what_a_line_takes_by_findings(text: str, drawn: int, expected: Reasons) -> None:
    assert reasons_of(text, drawn) == expected


# findings that the whole program has are not new
NOT_NEW = [
    ("x = 1\nprint(gone)\n", 0, {0: DRAWN}),
    ("x = 1\nprint(gone, x)\n", 0, {0: DRAWN, 1: name("x", 1, 0)}),
    ("__all__ = ['gone', 'f']\nf = 1\nx = 2\n", 2, {2: DRAWN}),
    # ... moved to another line number by the deletion, or to another column
    ("x = 1\n\n\nprint(gone); print(gone)\n", 0, {0: DRAWN}),
    # ... but the same finding on another line is
    ("gone = 1\nprint(gone)\ndel gone\nprint(gone)\n", 0, {0: DRAWN, 1: name("gone", 1, 0), 2: name("gone", 1, 0)}),
    # ... and so is another name on that line
    ("from nowhere import a\nprint(b)\nprint(a, b)\n", 0, {0: DRAWN, 2: name("a", 1, 0)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "drawn", "expected"), NOT_NEW)
def test_what_was_wrong_before_takes_nothing(text: str, drawn: int, expected: Reasons) -> None:
    assert reasons_of(text, drawn) == expected


# --- which reason is kept ------------------------------------------------------------------------


class Stub:
    """A linter that answers from the lines it is shown."""

    name = "stub"
    version = "1"

    def __init__(self, answer: Callable[[list[str]], Iterable[Finding]]) -> None:
        self.answer = answer

    def lint(self, source: str) -> tuple[Finding, ...]:
        return tuple(self.answer(source.split("\n")[:-1]))


def complaint(
    lines: list[str], text: str, code: str, column: int, *arguments: str
) -> list[Finding]:
    """A finding on the line that reads `text`, if it is there."""
    if text not in lines:
        return []
    return [Finding(code, lines.index(text) + 1, column, arguments)]


ABCDE = "a\nb\nc\nd\ne\n"


def test_of_several_findings_the_leftmost_is_kept_then_the_first_code() -> None:
    def answer(lines: list[str]) -> list[Finding]:
        if "a" in lines:
            return []
        return [
            *complaint(lines, "c", "A1", 5),
            *complaint(lines, "c", "B1", 2, "z"),
            *complaint(lines, "c", "B1", 2, "y"),
            *complaint(lines, "c", "C1", 2),
            *complaint(lines, "d", "Z9", 0),
            *complaint(lines, "d", "A1", 1),
            *complaint(lines, "e", "B1", 3),
            *complaint(lines, "e", "A1", 3),
        ]

    # whichever order the linter names them in
    for arrange in (list, reversed):
        linter = Stub(lambda lines, arrange=arrange: arrange(answer(lines)))  # type: ignore[misc]
        assert reasons_of(ABCDE, 0, linter=linter) == {
            0: DRAWN,
            2: FromFinding("B1", ("y",), 1, (0,)),
            3: FromFinding("Z9", (), 1, (0,)),
            4: FromFinding("A1", (), 1, (0,)),
        }


def test_a_finding_is_kept_before_a_dependent_of_the_same_round() -> None:
    text = "a\nif b:\n    c\n    d\ne\n"
    linter = Stub(
        lambda lines: (
            []
            if "a" in lines
            else [*complaint(lines, "if b:", "X", 9), *complaint(lines, "    d", "X", 9)]
        )
    )
    assert reasons_of(text, 0, linter=linter) == {
        0: DRAWN,
        1: FromFinding("X", (), 1, (0,)),
        2: Dependent(1, "block"),
        3: FromFinding("X", (), 1, (0,)),
    }


def test_drawn_is_kept_before_a_dependent() -> None:
    # the decorator takes the definition, and that the decorator
    text = "@print\n@str\ndef f(): pass\n"
    for line in range(3):
        others = [other for other in range(3) if other != line]
        assert reasons_of(text, line) == dict(
            sorted({line: DRAWN, **taken("decorator", line, others)}.items())
        )


def test_of_several_lines_that_take_a_line_the_lowest_is_kept() -> None:
    text = "a\nif b:\n    if c:\n        d\n    e\nf\n"
    linter = Stub(
        lambda lines: (
            []
            if "a" in lines
            else [*complaint(lines, "    if c:", "X", 0), *complaint(lines, "if b:", "Y", 0)]
        )
    )
    assert reasons_of(text, 0, linter=linter) == {
        0: DRAWN,
        1: FromFinding("Y", (), 1, (0,)),
        2: FromFinding("X", (), 1, (0,)),
        3: Dependent(1, "block"),
        4: Dependent(1, "block"),
    }


def test_a_round_is_one_lint_and_takes_what_that_names() -> None:
    chain = Stub(
        lambda lines: [
            finding
            for before, after in ("ab", "bd", "dc")
            if before not in lines
            for finding in complaint(lines, after, "X", 0, before)
        ]
    )
    program = Program.from_text(ABCDE)
    assert closure(program, 0, linter=chain) == Closure(
        line_index=0,
        reasons={
            0: DRAWN,
            1: FromFinding("X", ("a",), 1, (0,)),
            2: FromFinding("X", ("d",), 3, (3,)),
            3: FromFinding("X", ("b",), 2, (1,)),
        },
        rounds=4,
    )


# --- what a linter may not answer ----------------------------------------------------------------


def test_a_finding_beyond_the_end_is_on_the_last_line_that_is_left() -> None:
    linter = Stub(
        lambda lines: [] if "a" in lines or "d" not in lines else [Finding("X", 99, 0, ())]
    )
    assert reasons_of(ABCDE, 0, linter=linter) == {
        0: DRAWN,
        3: FromFinding("X", (), 2, (4,)),
        4: FromFinding("X", (), 1, (0,)),
    }


@pytest.mark.parametrize("line_number", [0, -1, None])
def test_a_finding_without_a_line_is_a_failure(line_number: int) -> None:
    linter = Stub(lambda lines: [] if "a" in lines else [Finding("X", line_number, 0, ())])
    with pytest.raises(LinterFailure) as caught:
        reasons_of(ABCDE, 0, linter=linter)
    assert str(caught.value) == "linter 'stub' gave X without a line"


def test_a_linter_that_crashes_is_a_failure() -> None:
    def crash(lines: list[str]) -> list[Finding]:
        raise KeyError("no such line")

    with pytest.raises(LinterFailure) as caught:
        reasons_of(ABCDE, 0, linter=Stub(crash))
    assert str(caught.value) == (
        "linter 'stub' crashed on a 5-line state: KeyError: 'no such line'; try another linter"
    )


# --- closure() -----------------------------------------------------------------------------------

USES = "n = 1\nn = 2\nprint(n)\nm = n\n"


def test_a_closure_lists_its_lines_and_counts_its_lints() -> None:
    found = closure(Program.from_text("a = 1\nc = 3\nb = a\nprint(b)\n"), 0)
    assert (found.line_index, found.lines, found.rounds) == (0, (0, 2, 3), 3)
    assert closure(Program.from_text("a = 1\n"), 0) == Closure(0, {0: DRAWN}, 0)


def test_only_lines_of_the_state_go_and_only_they_are_blamed() -> None:
    # line 0, which also binds n, went with an earlier edit
    assert reasons_of(USES, 1, present=[1, 2, 3]) == {
        1: DRAWN,
        2: name("n", 1, 1),
        3: name("n", 1, 1),
    }
    assert reasons_of(USES, 1, present=(3, 1)) == {1: DRAWN, 3: name("n", 1, 1)}
    assert reasons_of(USES, 1) == {1: DRAWN}  # line 0 still binds n


@pytest.mark.parametrize(
    ("line_index", "present", "message"),
    [
        (4, None, "line index 4 is not in this state; it has 4 lines of 4, counted from 0"),
        (-1, None, "line index -1 is not in this state; it has 4 lines of 4, counted from 0"),
        (0, [1, 2], "line index 0 is not in this state; it has 2 lines of 4, counted from 0"),
        (0, [], "line index 0 is not in this state; it has 0 lines of 4, counted from 0"),
    ],
)
def test_a_line_that_is_not_there_is_refused(
    line_index: int, present: list[int] | None, message: str
) -> None:
    with pytest.raises(LintSeqError) as caught:
        reasons_of(USES, line_index, present=present)
    assert str(caught.value) == message


@pytest.mark.parametrize("beyond", [-1, 4])
def test_a_state_with_a_line_the_program_has_not_is_refused(beyond: int) -> None:
    with pytest.raises(LintSeqError, match=str(beyond)):
        reasons_of(USES, 1, present=[1, 2, beyond])


def test_pyflakes_is_the_linter_unless_another_is_given() -> None:
    assert reasons_of(USES, 1, present=[1, 2]) == reasons_of(
        USES, 1, present=[1, 2], linter=get_linter("pyflakes")
    )
    assert reasons_of(USES, 1, present=[1, 2], linter=get_linter("syntax")) == {1: DRAWN}
