"""Python is found in an answer whatever fences it uses, and a program is never cut."""

from __future__ import annotations

import pytest

from lintseq_core.programs.markdown import FencedBlock, extract_python, fenced_blocks, find_program

ANSWERS = {
    "labelled": ("Here:\n```python\nx = 1\n```\nDone.", "x = 1"),
    "two labelled blocks": ("```python\nx = 1\n```\nthen\n```python\ny = 2\n```", "x = 1\ny = 2"),
    "py and other spellings": (
        "```py\na\n```\n```Python3\nb\n```\n``` python\nc\n```\n```{.python}\nd\n```",
        "a\nb\nc\nd",
    ),
    "label with attributes": ('```python title="a.py"\nx = 1\n```', "x = 1"),
    "other languages beside Python": ("```bash\npip\n```\n```python\nx\n```\n```\n1\n```", "x"),
    "only unlabelled": ("a\n```\nx = 1\n```\nb\n```\ny = 2\n```", "x = 1\ny = 2"),
    "only another language": ("```js\nlet x\n```", None),
    "unlabelled beside another language": ("```js\nlet x\n```\n```\nx = 1\n```", None),
    "tildes": ("~~~python\nx = 1\n~~~", "x = 1"),
    "longer fence around a shorter one": ("````python\ns = '''\n```\n'''\n````", "s = '''\n```\n'''"),
    "tildes inside backticks": ("```python\n'''\n~~~\n'''\n```", "'''\n~~~\n'''"),
    "never closed": ("```python\nx = 1\ny = 2", "x = 1\ny = 2"),
    "never closed, empty": ("```python", ""),
    "indented, as in a list": ("1. Do:\n\n   ```python\n   if x:\n       y\n   ```", "if x:\n    y"),
    "indented less inside": ("    ```python\n  x = 1\n    ```", "x = 1"),
    "blank lines inside": ("```python\n\nx = 1\n\n```", "\nx = 1\n"),
    "CRLF": ("```python\r\nx = 1\r\n```\r\n", "x = 1"),
    "inline code is no fence": ("Use ```x``` here.", "Use ```x``` here."),
    "no fence": ("x = 1\n", "x = 1\n"),
    "a closing fence has no label": ("```python\nx\n```python\ny\n```", "x\n```python\ny"),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_python_blocks_are_joined_and_everything_else_is_left_out(name: str) -> None:
    answer, python = ANSWERS[name]
    assert extract_python(answer) == python


def test_a_program_that_quotes_fences_is_taken_whole() -> None:
    program = 'def f():\n    """Example.\n\n    ```python\n    f()\n    ```\n    """\n'
    assert find_program(program) == program
    assert extract_python(program) == "f()"


def test_an_answer_around_a_fence_is_cut() -> None:
    assert find_program("Sure:\n```python\nx = 1\n```\n") == "x = 1"


def test_a_text_without_a_fence_is_given_back_even_if_it_does_not_compile() -> None:
    assert find_program("not a program") == "not a program"


def test_blocks_come_in_order_with_their_labels() -> None:
    text = "```Bash -x\nls\n```\n~~~\nx\n~~~"
    assert list(fenced_blocks(text)) == [FencedBlock("bash", "ls"), FencedBlock("", "x")]
