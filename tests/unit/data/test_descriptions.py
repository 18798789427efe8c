"""Docstrings in every style, as descriptions and instructions."""

from __future__ import annotations

import ast

import pytest

from lintseq_core.data.mining.descriptions import Description, first_paragraph, read_description
from lintseq_core.data.mining.instructions import MAX_CHARACTERS, write_instruction

NUMPY = """Return the sum of two
    numbers.

    Both are :class:`~numbers.Number`; see [1]_ and `the guide <https://example.org>`_.

    Parameters
    ----------
    a : int
        The first.

    b : int, optional

    Returns
    -------
    int

    See Also
    --------
    subtract : the inverse

    Examples
    --------
    >>> add(1, 2)
    3

    Notes
    -----
    Fast.

    References
    ----------
    .. [1] A book.
    """
GOOGLE = """Computes ``a + b``.

    .. versionadded:: 1.2
       With more.

    Args:
        a: The first.
        b: The second.

    Returns:
        The sum.

    Note:
        Fast.
    """
SPHINX = """Add a to b. For example::

        >>> add(1, 2)
        3

    :param int a: the first
    :type b: int
    :returns: the sum
    :raises TypeError: if they do not add up
    """
PLAIN = "Add two numbers.\n\n    - a is one\n    - b is another\n"

DESCRIPTIONS = {
    "numpy": (NUMPY, Description(
        "Return the sum of two numbers.\n\nBoth are `Number`; see and the guide.",
        (("Arguments", "a : int\n    The first.\n\nb : int, optional"), ("Returns", "int")),
        ">>> add(1, 2)\n3",
    )),
    "google": (GOOGLE, Description(
        "Computes `a + b`.",
        (("Arguments", "    a: The first.\n    b: The second."), ("Returns", "    The sum.")),
        "",
    )),
    "sphinx": (SPHINX, Description(
        "Add a to b.",
        (
            ("Arguments", "    int a: the first\n    b: int"), ("Returns", "    the sum"),
            ("Raises", "    TypeError: if they do not add up"),
        ),
        ">>> add(1, 2)\n3",
    )),
    "epydoc": ("Catch a fish.\n\n@param pond: where, a L{Pond}\n@type pond: C{str}", Description(
        "Catch a fish.", (("Arguments", "    pond: where, a `Pond`\n    pond: `str`"),), "",
    )),
    "plain": (PLAIN, Description("Add two numbers.\n\n- a is one\n- b is another", (), "")),
    "parameters only": (":param a: one\n:return: it", Description(
        "", (("Arguments", "    a: one"), ("Returns", "    it")), "",
    )),
    "empty": ("", Description("", (), "")),
}  # fmt: skip


@pytest.mark.parametrize(("docstring", "expected"), DESCRIPTIONS.values(), ids=DESCRIPTIONS)
def test_a_docstring_is_read_whatever_its_style(docstring: str, expected: Description) -> None:
    assert read_description(docstring) == expected


def instruction(source: str, imports: tuple[str, ...] = ()) -> str:
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return write_instruction(node, ast.get_docstring(node) or "", imports)


HEADS = {
    "Return the sum of a and b.": "Write a Python function `f(a, b=1)` to return the sum of a and b.",
    "Computes the sum.": "Write a Python function `f(a, b=1)` that computes the sum.",
    "Classifies all a.": "Write a Python function `f(a, b=1)` that classifies all a.",
    "The sum of a and b.": "Write a Python function `f(a, b=1)`.\n\nThe sum of a and b.",
    "HTML escape of a.": "Write a Python function `f(a, b=1)`.\n\nHTML escape of a.",
}


@pytest.mark.parametrize(("docstring", "expected"), HEADS.items())
def test_a_verb_reads_on_after_the_signature(docstring: str, expected: str) -> None:
    assert instruction(f'def f(a, b=1):\n    """{docstring}"""\n') == expected


def test_an_instruction_has_its_parts_in_order() -> None:
    source = f'async def add(a: int, b: int = 0) -> int:\n    """{NUMPY}"""\n'
    assert instruction(source, ("import os",)) == (
        "Write a Python async function `add(a: int, b: int=0) -> int` to return the sum of two "
        "numbers.\n\nBoth are `Number`; see and the guide.\n\n"
        "Arguments:\na : int\n    The first.\n\nb : int, optional\n\n"
        "Returns:\nint\n\n"
        "Example:\n>>> add(1, 2)\n3\n\n"
        "Imports to use:\nimport os"
    )


def test_a_class_lists_its_public_methods() -> None:
    source = '''class Stack(list):
    """A list of which only the last item is taken."""

    def __init__(self, items=()):
        self.extend(items)

    @property
    def top(self):
        """The last item, or None
        if there is none.

        More text.
        """

    @top.setter
    def top(self, value): ...

    def _grow(self): ...

    async def drain(self): ...
'''
    assert instruction(source) == (
        "Write a Python class `Stack(list)`.\n\n"
        "A list of which only the last item is taken.\n\n"
        "Methods:\n"
        "- `__init__(self, items=())`\n"
        "- `top(self)`: The last item, or None if there is none.\n"
        "- `drain(self)`"
    )


EXAMPLES = {
    ">>> f(1)\n    2": True,
    ">>> f(1)\n    ... # more\n    2": True,
    ">>> module.f(1)\n    2": False,
    ">>> from m import f\n    >>> f(1)\n    2": False,
    ">>> g(1)\n    2": False,
    ">>> f(1)\n" + "    1\n" * 12: False,
}


@pytest.mark.parametrize(("example", "is_kept"), EXAMPLES.items())
def test_examples_are_kept_where_they_call_it_by_its_name(example: str, is_kept: bool) -> None:
    text = instruction(f'def f(a):\n    """Return twice a.\n\n    {example}\n    """\n')
    assert ("Example:" in text) is is_kept


def test_a_long_instruction_loses_its_last_sections() -> None:
    long = "word " * 380
    source = f'def f(a):\n    """Return a.\n\n    {long}\n\n    :param a: one\n    :raises E: {long}\n    """\n'
    text = instruction(source, ("import os",))
    assert len(text) <= MAX_CHARACTERS
    assert "Arguments:" in text
    assert "Raises:" not in text
    assert text.endswith("Imports to use:\nimport os")


def test_a_first_paragraph_is_one_line_of_limited_width() -> None:
    assert first_paragraph("One\n    line.\n\n    Two.") == "One line."
    assert first_paragraph("word " * 50, width=12) == "word word ..."
