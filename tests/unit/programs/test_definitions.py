"""One function or class out of a program, as a program of its own."""

from __future__ import annotations

from textwrap import dedent

import pytest

from lintseq_core import LintSeqError, Program, SourceError, extract_definition

MODULE = Program.from_text('''\
import functools


def top(a):  # note

    return a
    # not a part


class Tree:
    """A tree.

    Of nodes.
    """

    kind = "tree"

    @property
    def size(self):
        """How many.

            Indented more.
        """
        return self._size

    @size.setter
    def size(self, value):
        self._size = value

    @functools.lru_cache(
        maxsize=None,
    )
    async def add(self, x):
        # in front
        def inner(y): return y + 1

        class Local:
            z = (1,
          2)

        return inner(x)

    def last(self): return [
        self,
    ]


if Tree:
    def chosen(): return 1
else:
    def chosen(): return 2
try:
    def tried(): pass
except Exception:
    def handled(): pass
finally:
    def cleaned(): pass
for _ in ():
    def looped(): pass
with Tree() as tree:
    def scoped(): pass
match tree:
    case _:
        def matched(): pass
class Short: a = 1; b = 2
''')

NAMES = (
    "top, Tree, Tree.size, Tree.add, Tree.add.inner, Tree.add.Local, Tree.last, chosen, tried, "
    "handled, cleaned, looped and 3 more"
)

# path: text
DEFINITIONS = {
    "top": "def top(a):  # note\n\n    return a\n",
    "Tree.size:19": '''\
@property
def size(self):
    """How many.

        Indented more.
    """
    return self._size
''',
    "Tree.size:27": "@size.setter\ndef size(self, value):\n    self._size = value\n",
    "Tree.add": """\
@functools.lru_cache(
    maxsize=None,
)
async def add(self, x):
    # in front
    def inner(y): return y + 1

    class Local:
        z = (1,
      2)

    return inner(x)
""",
    "Tree.add.inner": "def inner(y): return y + 1\n",
    # A continuation line with less indent than its statement loses what it has.
    "Tree.add.Local": "class Local:\n    z = (1,\n  2)\n",
    "Tree.last": "def last(self): return [\n    self,\n]\n",
    "chosen:49": "def chosen(): return 1\n",
    "chosen:51": "def chosen(): return 2\n",
    "tried": "def tried(): pass\n",
    "handled": "def handled(): pass\n",
    "cleaned": "def cleaned(): pass\n",
    "looped": "def looped(): pass\n",
    "scoped": "def scoped(): pass\n",
    "matched": "def matched(): pass\n",
    "Short": "class Short: a = 1; b = 2\n",
}


@pytest.mark.parametrize(("path", "text"), DEFINITIONS.items(), ids=DEFINITIONS)
def test_a_path_names_one_definition_with_its_decorators(path: str, text: str) -> None:
    assert extract_definition(MODULE, path).text == text


def test_a_class_is_cut_whole() -> None:
    tree = extract_definition(MODULE, "Tree")
    first = MODULE.lines.index("class Tree:")
    last = MODULE.lines.index("if Tree:")
    assert tree.text.rstrip() == "\n".join(MODULE.lines[first:last]).rstrip()
    assert extract_definition(tree, "Tree.add") == extract_definition(MODULE, "Tree.add")


# name: (program, path, text)
DEDENTED = {
    "docstrings move with the code": (
        '''\
        class A:
            def f(self):
                """Doc
                string."""
                def g():
                    """Doc

                    string."""
        ''',
        "A.f",
        '''\
        def f(self):
            """Doc
            string."""
            def g():
                """Doc

                string."""
        ''',
    ),
    "a string that is assigned keeps its text": (
        '''\
        class A:
            def f(self):
                text = """
                a
            b
                """
                return text
        ''',
        "A.f",
        '''\
        def f(self):
            text = """
                a
            b
                """
            return text
        ''',
    ),
    "a string that is returned keeps its text": (
        '''\
        class A:
            def f(self):
                return """
                a"""
        ''',
        "A.f",
        '''\
        def f(self):
            return """
                a"""
        ''',
    ),
    "an f-string keeps its text": (
        '''\
        class A:
            def f(self, x):
                return (1, f"""{x}
                a {x}
                """)
        ''',
        "A.f",
        '''\
        def f(self, x):
            return (1, f"""{x}
                a {x}
                """)
        ''',
    ),
    "an argument keeps its text, the lines around it move": (
        '''\
        class A:
            def f(self, x):
                x(
                    """
                    a
                    """,
                    x,
                )
        ''',
        "A.f",
        '''\
        def f(self, x):
            x(
                """
                    a
                    """,
                x,
            )
        ''',
    ),
    "a method called on a string at the start of a line keeps its text": (
        '''\
        class A:
            def f(self):
                """
                a""".strip()
        ''',
        "A.f",
        '''\
        def f(self):
            """
                a""".strip()
        ''',
    ),
    "a comment with less indent stays where it is": (
        """\
        class A:
            def f(self):
                a
          # b
        # c
                d
        """,
        "A.f",
        """\
        def f(self):
            a
        # b
        # c
            d
        """,
    ),
    "tabs": (
        "class A:\n\tdef f(self):\n\t\treturn 1\n\tdef g(self): pass\n",
        "A.f",
        "def f(self):\n\treturn 1\n",
    ),
    "a statement behind a semicolon comes along": (
        "class A:\n    def f(self): return 1; a = 2\n    b = 3\n",
        "A.f",
        "def f(self): return 1; a = 2\n",
    ),
}


@pytest.mark.parametrize(("source", "path", "text"), DEDENTED.values(), ids=DEDENTED)
def test_dedenting_moves_code_and_docstrings_and_no_other_string(
    source: str, path: str, text: str
) -> None:
    assert extract_definition(Program.from_text(dedent(source)), path).text == dedent(text)


# path: whole message
NOT_FOUND = {
    "nothing": f"no definition 'nothing'; there are: {NAMES}",
    "size": f"no definition 'size'; there are: {NAMES}",
    "Tree.nothing": f"no definition 'Tree.nothing'; there are: {NAMES}",
    "": f"no definition ''; there are: {NAMES}",
    "Tree.size": "'Tree.size' is defined 2 times; pick one of Tree.size:19, Tree.size:27",
    "chosen": "'chosen' is defined 2 times; pick one of chosen:49, chosen:51",
}


@pytest.mark.parametrize(("path", "message"), NOT_FOUND.items(), ids=NOT_FOUND)
def test_a_path_that_names_none_or_several_is_refused_with_the_choices(
    path: str, message: str
) -> None:
    with pytest.raises(LintSeqError) as caught:
        extract_definition(MODULE, path)
    assert str(caught.value) == message


def test_a_wrong_line_is_answered_with_the_right_ones() -> None:
    with pytest.raises(LintSeqError) as caught:
        extract_definition(MODULE, "Tree.size:18")  # the decorator's line, not the def's
    assert str(caught.value) == (
        "no definition of 'Tree.size' on line 18; there are: Tree.size:19, Tree.size:27"
    )


def test_a_program_without_definitions_says_so() -> None:
    with pytest.raises(LintSeqError) as caught:
        extract_definition(Program.from_text("x = 1\n"), "f")
    assert str(caught.value) == "no definition 'f'; there are: none"


def test_a_definition_that_is_no_program_alone_is_refused_by_name() -> None:
    program = Program.from_text(
        "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    return g\n"
    )
    with pytest.raises(SourceError) as caught:
        extract_definition(program, "f.g")
    assert str(caught.value) == ("f.g, line 2: no binding for nonlocal 'x' found: 'nonlocal x'")


def test_a_long_chain_of_elifs_is_searched_to_its_end() -> None:
    """`ast` nests each elif in the one above: 2,000 levels here, more than Python's stack."""
    source = "if a: pass\n" + "elif a: pass\n" * 2000 + "else:\n    def deep(): pass\n"
    assert extract_definition(Program.from_text(source), "deep").text == "def deep(): pass\n"
