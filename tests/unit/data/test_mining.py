"""One module in, candidates and counted reasons out."""

from __future__ import annotations

import pytest

from lintseq_core.data.mining.mine import (
    DEFINITION_DROPS,
    FILE_DROPS,
    Candidate,
    LeftOut,
    mine_module,
)
from lintseq_core.data.mining.self_contained import MiningConfig


def mine(
    source: str | bytes, path: str = "package/module.py", **config: object
) -> list[Candidate | LeftOut]:
    data = source.encode() if isinstance(source, str) else source
    return list(mine_module(data, path, MiningConfig(**config)))  # type: ignore[arg-type]


def only(source: str, **config: object) -> Candidate:
    (found,) = [one for one in mine(source, **config) if isinstance(one, Candidate)]
    return found


def reasons(
    source: str | bytes, path: str = "package/module.py", **config: object
) -> list[tuple[str, str]]:
    """(name, reason) of what is left out."""
    return [
        (one.name, one.reason) for one in mine(source, path, **config) if isinstance(one, LeftOut)
    ]


DOC = '"""Return the words of a text in alphabetical order."""'
FUNCTION = f"""\
def ordered_words(text, *, reverse=False):
    {DOC}

    words = text.split()
    words.sort(reverse=reverse)
    return words
"""


def test_a_function_is_its_code_without_the_docstring_that_became_the_instruction() -> None:
    found = only(f"\n\nimport os\n\n\n{FUNCTION}\n\nx = 1\n")
    assert (found.name, found.line_number, found.helpers) == ("ordered_words", 6, ())
    assert found.program.text == (
        "def ordered_words(text, *, reverse=False):\n"
        "    words = text.split()\n"
        "    words.sort(reverse=reverse)\n"
        "    return words\n"
    )
    assert found.instruction == (
        "Write a Python function `ordered_words(text, *, reverse=False)` to return the words of a "
        "text in alphabetical order."
    )
    kept = only(FUNCTION, keep_docstring=True)
    assert kept.program.text == FUNCTION
    assert kept.instruction == found.instruction


def test_imports_of_the_standard_library_are_stated_on_top_and_named() -> None:
    found = only(
        '''\
import os, re as regex
import xml.dom
import xml.sax.saxutils
from typing import TYPE_CHECKING
from collections import OrderedDict, defaultdict

if TYPE_CHECKING:
    from collections.abc import Iterable


def group_names(names: Iterable[str]) -> dict[str, list[str]]:
    """Group file names by their suffix, escaped for markup."""
    found = defaultdict(list)
    for name in names:
        key = regex.sub(r"^\\.", "", os.path.splitext(name)[1])
        found[xml.sax.saxutils.escape(key)].append(name)
    return dict(found)
'''
    )
    imports = (
        "import os\n"
        "import re as regex\n"
        "import xml.sax.saxutils\n"
        "from collections import defaultdict\n"
        "from collections.abc import Iterable\n"
    )
    assert found.program.text.startswith(f"{imports}\n\ndef group_names")
    assert found.instruction.endswith(f"\n\nImports to use:\n{imports}".rstrip("\n"))


def test_helpers_of_the_module_come_along_in_its_order() -> None:
    source = '''\
from typing import TypeVar

LIMIT: int = 3
T = TypeVar("T")
OTHER = undefined_here


def main_task(items: list[T]) -> list[T]:
    """Return the items that occur more often than the limit says."""
    chosen = []
    for item in items:
        if _count(items, item) > LIMIT:
            chosen.append(item)
    return chosen


def _count(items, item):
    return sum(one == item for one in items)
'''
    found = only(source)
    assert found.helpers == ("LIMIT", "T", "_count")
    assert found.program.text == (
        "from typing import TypeVar\n"
        "\n\n"
        "LIMIT: int = 3\n"
        'T = TypeVar("T")\n'
        "\n\n"
        "def main_task(items: list[T]) -> list[T]:\n"
        "    chosen = []\n"
        "    for item in items:\n"
        "        if _count(items, item) > LIMIT:\n"
        "            chosen.append(item)\n"
        "    return chosen\n"
        "\n\n"
        "def _count(items, item):\n"
        "    return sum(one == item for one in items)\n"
    )
    assert reasons(source, helpers=False) == [
        ("main_task", "foreign_name"),
        ("_count", "undocumented"),
    ]


def test_future_annotations_are_stated_only_where_needed() -> None:
    source = '''\
from __future__ import annotations


class Chain:
    """A chain of links, each of which knows the one after it."""

    def __init__(self, after: Chain | None) -> None:
        self.after = after
        self.count = 1 + (after.count if after else 0)


def plain(x: int) -> int:
    """Return the square of x plus one and nothing more."""
    y = x * x
    return y + 1
'''
    chain, plain = mine(source)
    assert isinstance(chain, Candidate)
    assert isinstance(plain, Candidate)
    assert chain.program.text.startswith("from __future__ import annotations\n\n\nclass Chain:\n")
    assert "Imports to use:\nfrom __future__ import annotations" in chain.instruction
    assert plain.program.text.startswith("def plain")


def function(body: str, doc: str = DOC, head: str = "def work(a, b):") -> str:
    lines = [doc, "x = a + b", *body.split("\n"), "return x"]
    return head + "\n" + "".join(f"    {line}\n" for line in lines)


LEFT_OUT = {
    "undocumented": "def work(a):\n    b = a\n    return b\n",
    "test": function("x += 1", head="def test_work(a, b):"),
    "too_short": f"def work(a):\n    {DOC}\n    return a + 1\n",
    "too_long": function("x += 1\n" * 150 + "x += 2"),
    "trivial": f"def work(a):\n    {DOC}\n    # later\n\n    raise NotImplementedError(\n        'later')\n",
    "deprecated": function("x += 1", '"""Return the words in order. Deprecated since 2.0."""'),
    "generated": "x = 1\n" * 200 + function("x += 1", '"""A pair of numbers. Auto-generated by a tool."""'),
    "documentation_thin": function("x += 1", '"""Work.\n\n    :param a: one of the numbers to add up\n    """'),
    "documentation_not_english": function("x += 1", '"""Вернуть the слова of этого text в порядке."""'),
    "refers_elsewhere": function("x += 1", '"""See the documentation of the other function."""'),
    "global_state": "C = 0\n" + function("global C\nC += 1"),
    "module_context": function("x += len(__file__)"),
    "foreign_name": "from .words import more\n" + function("x += more"),
    "foreign_import": function("import numpy"),
    "helpers_too_long": "def more():\n" + "    print()\n" * 20 + function("x += more()"),
    "finding": function("x += '%s %s' % (a,)"),
}  # fmt: skip


@pytest.mark.parametrize(("reason", "source"), LEFT_OUT.items(), ids=LEFT_OUT)
def test_what_is_left_out_has_its_reason(reason: str, source: str) -> None:
    found = [one for one in reasons(source) if one != ("more", "undocumented")]
    assert [one for _, one in found] == [reason]
    assert [one for one in mine(source) if isinstance(one, Candidate)] == []


def test_a_sound_function_of_the_same_make_is_mined() -> None:
    assert only(function("x += 1")).name == "work"


def test_each_reason_for_a_definition_is_tested_here_or_with_the_data_set() -> None:
    elsewhere = {"duplicate", "evaluation_problem", "future", "too_deep"}
    assert set(LEFT_OUT) == set(DEFINITION_DROPS) - elsewhere


TRIVIAL = [
    "pass", "...", "return None", "return self.name", "raise ValueError('x')", "return other(self, 1)",
    "self.x = 1", "return super().work(self)",
]  # fmt: skip


@pytest.mark.parametrize("body", TRIVIAL[:-1])
def test_bodies_without_work_are_trivial(body: str) -> None:
    source = f"def work(\n    self,\n    other,\n):\n    {DOC}\n    {body}\n"
    assert reasons(source) == [("work", "trivial")]


def test_a_class_of_trivial_methods_is_trivial() -> None:
    source = f"class Box:\n    {DOC}\n\n    size = 1\n\n    def get(self):\n        return self.x\n"
    assert reasons(source) == [("Box", "trivial")]


FILES = {
    "file_test": (FUNCTION.encode(), "package/tests/words.py"),
    "file_vendored": (FUNCTION.encode(), "package/_vendor/words.py"),
    "file_generated": (
        b"# Generated by a tool. Do not edit.\n" + FUNCTION.encode(),
        "package/w.py",
    ),
    "file_encoding": (b"x = '\xff'\n", "package/w.py"),
    "file_nul": (b"x = 1\0\n", "package/w.py"),
    "file_syntax": (b"print 'two'\n", "package/w.py"),
    "file_too_deep": (b"x = " + b"-" * 100_000 + b"1\n", "package/w.py"),
    "file_no_code": (b"# nothing\n", "package/w.py"),
}


@pytest.mark.parametrize(("reason", "file"), FILES.items(), ids=FILES)
def test_a_file_that_is_no_source_is_one_drop(reason: str, file: tuple[bytes, str]) -> None:
    assert reasons(*file) == [("", reason)]


def test_each_reason_for_a_file_is_tested_here_or_with_the_data_set() -> None:
    assert set(FILES) == set(FILE_DROPS) - {"file_unreadable", "file_too_large"}


TEST_PATHS = [
    "a/tests/x.py",
    "test/x.py",
    "a/test_x.py",
    "a/x_test.py",
    "conftest.py",
    "a/testing/x.py",
]
OTHER_PATHS = ["a/contest.py", "a/latest.py", "a/attest/x.py", "a/library.py", "a/generators.py"]


def test_paths_of_tests_are_known_and_words_that_hold_test_are_not() -> None:
    assert [reasons(FUNCTION, path) for path in TEST_PATHS] == [[("", "file_test")]] * len(
        TEST_PATHS
    )
    assert [reasons(FUNCTION, path) for path in OTHER_PATHS] == [[]] * len(OTHER_PATHS)


def test_syntax_warnings_of_a_mined_module_are_silent(recwarn: pytest.WarningsRecorder) -> None:
    only(FUNCTION.replace("text.split()", "text.split('\\.') if text is not 1 else ''"))
    assert list(recwarn) == []


def test_decorators_count_as_names_and_their_line_as_the_first() -> None:
    source = "import functools\n\n\n@functools.cache\n" + function("x += 1")
    found = only(source)
    assert found.line_number == 4
    assert found.program.text.startswith("import functools\n\n\n@functools.cache\ndef work")
    assert reasons(source.replace("functools", "numba")) == [("work", "foreign_name")]


def test_a_name_with_two_bindings_is_no_stated_import() -> None:
    two_ways = "try:\n    import json\nexcept ImportError:\n    json = None\n"
    assert reasons(two_ways + function("x += json")) == [("work", "foreign_name")]
    rebound = "import json\njson = None\n"
    assert reasons(rebound + function("x += json")) == [("work", "foreign_name")]


def test_an_import_that_this_python_lacks_is_foreign() -> None:
    source = "from collections import Mapping\n" + function("x += Mapping()")
    assert reasons(source) == [("work", "foreign_name")]


def test_other_modules_may_be_allowed() -> None:
    source = "import numpy as np\n" + function("x += np.sum(a)")
    assert reasons(source) == [("work", "foreign_name")]
    modules = MiningConfig().modules | {"numpy"}
    assert only(source, modules=modules).program.text.startswith("import numpy as np\n\n\ndef")
