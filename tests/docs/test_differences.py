"""docs/differences.md names tests that exist, for each defect; those that stand nowhere else are here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from lintseq_core import (
    EditParseError,
    Program,
    SourceError,
    apply_edits,
    parse_edits,
    sample_path,
)

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "differences.md").read_text(encoding="utf-8")
SEEDS = range(20)


def test_every_defect_has_its_part_and_every_part_a_test() -> None:
    parts = re.findall(r"^### (\d+)\. .+?$(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
    assert [int(number) for number, _ in parts] == list(range(1, 15))
    for number, part in parts:
        assert re.search(r"^- \*\*Authors:\*\* .+\n- \*\*Here:\*\* ", part, re.MULTILINE), number
        assert re.search(r"^  - `tests/[\w/]+\.py::test_\w+`$", part, re.MULTILINE), number


def test_every_named_test_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)
    assert len(named) > 20
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (
            f"docs/differences.md names {path}::{name}, which is not there"
        )


def test_an_import_that_is_not_installed_holds_nothing_together() -> None:
    program = Program.from_text(
        "import not_there_at_all as np\nx = 1\ndef zeros():\n    return np.zeros(3)\nprint(x)\n"
    )
    together = {
        tuple(line for line, birth in enumerate(sequence.birth_steps) if birth == last)
        for sequence in (sample_path(program, seed=seed) for seed in SEEDS)
        for last in [sequence.n_edits - 1]
    }
    # the import alone never brings `x = 1`, and another part can well be the last edit
    assert len(together) > 2
    assert all(not {0, 1} <= set(lines) for lines in together)


def test_no_edit_is_empty() -> None:
    program = Program.from_text("x = 1\n\n\ny = 2\n\n")
    for seed in SEEDS:
        assert all(edit.count("\n+") >= 1 for edit in sample_path(program, seed=seed).edits())


@pytest.mark.parametrize("lenient", [False, True])
def test_one_closing_marker_is_named_and_adds_no_line(lenient: bool) -> None:
    text = "\n<|diff|>@@ -0,0 +1 @@\n+return text\n<|diff|>"
    if lenient:
        assert apply_edits(parse_edits(text, strict=False).edits) == "return text\n"
    else:
        with pytest.raises(EditParseError, match="one of the two closing markers"):
            parse_edits(text)


def test_a_program_of_comments_is_refused_in_words() -> None:
    with pytest.raises(SourceError, match="only comments; give one line of code"):
        sample_path(Program.from_text("# one\n# two\n"))


@pytest.mark.parametrize("indent", ["\t", "  ", "   ", "    "])
def test_tabs_do_not_make_a_program_one_edit(indent: str) -> None:
    text = "def f(x):\n>y = x\n>z = 2\n>for i in range(3):\n>>print(i)\n>return y\nprint(f(1))\n"
    program = Program.from_text(text.replace(">", indent))
    sizes = [sample_path(program, seed=seed).n_edits for seed in SEEDS]
    assert sum(size > 1 for size in sizes) > len(sizes) / 2
    assert max(sizes) >= 4


def test_no_line_of_a_docstring_comes_before_its_quotes() -> None:
    program = Program.from_text(
        'def f():\n    """One.\n\n    Two.\n    """\n    x = 1\n    return x\n'
    )
    for seed in SEEDS:
        births = sample_path(program, seed=seed).birth_steps
        assert births[1] == births[4] <= min(births[2:4]), seed


def test_an_else_never_comes_before_its_if() -> None:
    program = Program.from_text("a = 1\nif a:\n    a = 2\nelse:\n    a = 3\n")
    for seed in SEEDS:
        births = sample_path(program, seed=seed).birth_steps
        assert births[3] >= births[1], seed
