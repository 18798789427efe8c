"""Whatever stands in a .py file, mining counts it and goes on."""

from __future__ import annotations

import random
import sysconfig
from pathlib import Path

import pytest

from lintseq_core.data.mining.mine import DEFINITION_DROPS, FILE_DROPS, Candidate, mine_module
from lintseq_core.data.mining.self_contained import MiningConfig

STDLIB = Path(sysconfig.get_path("stdlib"))
DOC = '    """Return the first of the words that the text holds, or None."""\n'
FUNCTION = f"def first_word(text):\n{DOC}    words = text.split()\n    return words[0] if words else None\n"

ODD = {
    "docstring on the line of the def": 'def first_word(t): "Return the first of many words"; x = t; return x\n',
    "docstring and code on one line": f"def first_word(t):\n{DOC.rstrip()}; x = t\n    return x\n",
    "form feeds and tabs": FUNCTION.replace("    ", "\t").replace("\n", "\f\n", 1),
    "no line break at the end": FUNCTION.rstrip("\n"),
    "CRLF and a BOM": "\ufeff" + FUNCTION.replace("\n", "\r\n"),
    "lines that only str.splitlines sees": FUNCTION.replace("words[0]", "'\x1c\x85\u2028' or words[0]"),
    "lone surrogate escape": FUNCTION.replace("None\n", "'\\ud800'\n"),
    "bytes as a docstring": FUNCTION.replace('"""R', 'b"""R'),
    "an f-string as a docstring": FUNCTION.replace('"""R', 'f"""R'),
    "a docstring with reST, braces and percent signs": FUNCTION.replace("or None", ":x:`a <b>` %s {0} L{x} `_"),
    "a docstring of sections only": FUNCTION.replace("Return the", "Args:\n        a: Return the"),
    "a name bound in a comprehension, walrus and match": (
        f"def first_word(text):\n{DOC}    if (n := len(text)) and [n for n in text]:\n"
        "        match text:\n            case [x, *y] if y: return x\n    return n\n"
    ),
    "nonlocal and a class scope": (
        f"def first_word(text):\n{DOC}    n = 0\n    class A:\n        m = n\n"
        "        def f(self):\n            nonlocal n\n            n = 1\n    return A, text\n"
    ),
    "two definitions of one name": FUNCTION + "\n\n" + FUNCTION.replace("None\n", "text\n"),
    "a cycle of helpers": FUNCTION.replace("text.split()", "a(text)") + "def a(x):\n    return b(x)\ndef b(x):\n    return a(x)\n",
    "a hundred thousand brackets": "x = " + "(" * 100_000 + ")" * 100_000 + "\n" + FUNCTION,
    "a deep tree": "x = " + "+".join(["1"] * 20_000) + "\n" + FUNCTION,
    "a deep definition": FUNCTION.replace("text.split()", "[" * 90 + "text" + "]" * 90),
    "a very long line": FUNCTION.replace("text.split()", "'" + "x" * 500_000 + "'"),
    "nothing": "",
}  # fmt: skip


@pytest.mark.parametrize("source", ODD.values(), ids=ODD)
def test_an_odd_module_gives_programs_that_compile_or_counted_reasons(source: str) -> None:
    for found in mine_module(source.encode(), "module.py", MiningConfig()):
        if isinstance(found, Candidate):
            compile(found.program.text, "mined", "exec")
            assert found.instruction.startswith("Write a Python ")
        else:
            assert found.reason in FILE_DROPS | DEFINITION_DROPS


def test_bytes_that_are_no_python_are_one_drop_each() -> None:
    rng = random.Random(0)
    for _ in range(200):
        data = FUNCTION.encode()
        for _ in range(rng.randrange(1, 6)):
            place = rng.randrange(len(data))
            data = data[:place] + rng.randbytes(rng.randrange(4)) + data[place + rng.randrange(4) :]
        for found in mine_module(data, "module.py", MiningConfig()):
            if not isinstance(found, Candidate):
                assert found.reason in FILE_DROPS | DEFINITION_DROPS


def test_the_tests_of_python_itself_are_mined_without_a_crash() -> None:
    """They hold what breaks parsers: bad encodings, deep nesting, Python 2, odd grammar."""
    files = sorted((STDLIB / "test").rglob("*.py"))[::5]
    if not files:
        pytest.skip("this Python comes without its tests")
    for path in files:
        for found in mine_module(path.read_bytes(), "module.py", MiningConfig()):
            if isinstance(found, Candidate):
                compile(found.program.text, str(path), "exec", dont_inherit=True)
