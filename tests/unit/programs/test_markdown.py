"""Python is found in an answer whatever fences it uses, and a program is never cut."""

from __future__ import annotations

import time

import pytest

from lintseq_core.programs.markdown import (
    Answer,
    FencedBlock,
    extract_python,
    fenced_blocks,
    find_program,
    read_answer,
    without_end_markers,
)

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
    "a fence opened again": ("```python\nx\n```python\ny\n```", "x\ny"),
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


DOCUMENTED = '''def halve(x):
    """Half of x.

    {fence}
    halve(4)
    ```
    """
    return x / 2'''
LABELLED, BARE = DOCUMENTED.format(fence="```python"), DOCUMENTED.format(fence="```")
TEMPLATE = 'TEXT = """\n```\ncode\n```\n"""\n\n\ndef render():\n    return TEXT'
ADD = "def add(x, y):\n    return x + y"
FENCED = f"```python\n{ADD}\n```"
PROGRAMS = {
    "a labelled fence in a docstring": (f"Hi.\n\n```python\n{LABELLED}\n```\n\nBye.", LABELLED),
    "a bare fence in a docstring": (f"Hi.\n```python\n{BARE}\n```\nBye.", BARE),
    "a docstring's fence in an unlabelled block": (f"Hi.\n```\n{BARE}\n```\nBye.", BARE),
    "a docstring's fence in a list": (
        "1. Do:\n\n   ```python\n   " + BARE.replace("\n", "\n   ") + "\n   ```\n", BARE
    ),
    "a string with a fence at the margin": (f"```python\n{TEMPLATE}\n```", TEMPLATE),
    "a string with a fence, another block behind": (
        f"```python\n{TEMPLATE}\n```\nand\n```python\nx = 1\n```", f"{TEMPLATE}\nx = 1"
    ),
    "fences in strings of one line": (
        '```python\nf = ["```", x, "```"]\n```', 'f = ["```", x, "```"]'
    ),
    "a fence in a comment": ("```python\n# ```\nx = 1\n```", "# ```\nx = 1"),
    "a string that never ends": (
        f'```python\ndef f():\n    """Half\n```\nFixed:\n{FENCED}', ADD
    ),
    "closed deeper than opened": ("```python\nfor i in x:\n    i\n    ```", "for i in x:\n    i"),
    "a lone closing fence": (f"{ADD}\n```", ADD),
    "a lone closing fence and prose": (f"{ADD}\n```\n\nThis adds.\n", ADD),
    "a lone closing fence and another block": (
        f"{ADD}\n```\nUse:\n```python\nadd(1, 2)\n```", f"{ADD}\nadd(1, 2)"
    ),
    "a lone closing fence at the end of a line": (f"{ADD}```", ADD),
    "unlabelled behind a word": (f"Sure\n```\n{ADD}\n```", ADD),
    "unlabelled behind a label": (f"Answer: yes\n```\n{ADD}\n```", ADD),
    "unlabelled behind commands": (f"```bash\npip install x\n```\nthen\n```\n{ADD}\n```", ADD),
    "opened twice": (f"```python\n{FENCED}", ADD),
    "opened twice, first without label": (f"```\n{FENCED}\n```", ADD),
    "commands whose fence is never closed": (f"```bash\nls\n{FENCED}", ADD),
    "tildes never closed, which compiles": ("~~~python\nx = 1\nprint(x)\n", "x = 1\nprint(x)\n"),
    "tildes never closed behind a word": ("Sure\n~~~py\nx = 1\n", "x = 1\n"),
    "a block on one line": ("```python print(1 + 1)```", "print(1 + 1)"),
    "prose before a fence": (f"Here it is: {FENCED}", ADD),
    "prose before a fence without label": (f"Here it is: ```\n{ADD}\n```", ADD),
    "prose behind a closing fence": (f"{FENCED} This adds.\nBye.", ADD),
    "a closing fence behind code": (f"```python\n{ADD}```\nThis adds.", ADD),
    "a block quote": ("> ```python\n> x = 1\n> print(x)\n> ```\n", "x = 1\nprint(x)"),
    "a draft": (f"<think>\n```python\nx = (\n```\n</think>\n{FENCED}", ADD),
    "a draft never fenced": (f"<think>Easy.</think>\n\n{ADD}\n", f"\n{ADD}\n"),
    "a draft that the prompt began": (f"So.\n```python\nx\n```\n</think>\n\n{FENCED}", ADD),
    "a draft with an open fence": (f"<think>\n```python\nx = 1\n</think>\n{FENCED}", ADD),
    "drafts between blocks": (
        "<thinking>\na\n</thinking>\n```python\nx = 1\n```\n<thinking>\n```python\ny\n```\n"
        f"</thinking>\n{FENCED}", f"x = 1\n{ADD}",
    ),
    "a program that quotes a draft": (
        '```python\nT = """\n<think>\n</think>\n"""\n```', 'T = """\n<think>\n</think>\n"""'
    ),
    "a second block that does not compile": (
        f"{FENCED}\nUse:\n```python\n>>> add(1, 2)\n3\n```", ADD
    ),
    "a first block that does not compile": (f"```python\nx = (\n```\n{FENCED}", ADD),
    "two blocks that compile joined": (
        "```python\ntry:\n    x()\n```\n```python\nexcept OSError:\n    pass\n```",
        "try:\n    x()\nexcept OSError:\n    pass",
    ),
    "future imports in each block": (
        "```python\nfrom __future__ import annotations\nx = 1\n```\n"
        "```python\nfrom __future__ import annotations\ny = 2\n```",
        "from __future__ import annotations\n\nx = 1\n\ny = 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_comes_out_whole_and_nothing_else(name: str) -> None:
    answer, program = PROGRAMS[name]
    assert find_program(answer) == program
    crlf = find_program(answer.replace("\n", "\r\n"))
    assert crlf is not None and crlf.replace("\r\n", "\n") == program


MARKERS = (
    "<|endoftext|>", "<|im_end|>", "</s>", "<eos>", "<|eot_id|>", "<end_of_turn>", "<|end|>",
    "<|EOT|>", "<|eom_id|>", "<|end_of_text|>", "<|return|>", "<｜end▁of▁sentence｜>", "<pad>",
    "<|END_OF_TURN_TOKEN|>", "<|eot|>", "<|endofprompt|>", "<|fim_pad|>", "<turn|>",
)  # fmt: skip


@pytest.mark.parametrize("marker", MARKERS)
def test_an_end_of_text_marker_ends_the_answer_wherever_it_is_glued(marker: str) -> None:
    for answer in (
        f"{FENCED}{marker}",
        f"{FENCED}{marker}\n",
        f"{FENCED} {marker}{marker}",
        f"{FENCED}\n{marker}\n```python\nother(\n```",
        f"{FENCED}{marker}\n```python\nother = 1\n```",
        f"```python\n{ADD}\n{marker}\nuser\nThanks!",
        f"```python\n{ADD}{marker}",
        f"```python\n{ADD}```{marker}",
        f"{ADD}{marker}",
        f"{ADD}\n```{marker}",
        f"{ADD}\n{marker}\nprint(3)\n",
    ):
        assert find_program(answer) == ADD


def test_markers_inside_a_program_stay() -> None:
    code = 'TEXT = """<|im_start|>user\n{q}\n<|im_end|>\n"""\nx = a <b> c\nEND = "</s>"'
    assert find_program(f"```python\n{code}\n```<|im_end|>") == code
    assert find_program(code) == code
    assert without_end_markers("x<|diff|>") == "x<|diff|>"


def test_blocks_that_are_left_out_are_counted() -> None:
    answer = f"{FENCED}\n```python\n>>> 1\n```\n```python\nadd(<x>)\n```"
    assert read_answer(answer) == Answer(ADD, left_out=2)
    nothing_compiles = "```python\nx = (\n```\n```python\ny = (\n```"
    assert read_answer(nothing_compiles) == Answer("x = (\ny = (")


def test_a_draft_without_end_is_no_answer_and_says_so() -> None:
    found = read_answer("<think>\n```python\nx = 1\n```\nbut")
    assert found == Answer(None, why="the answer ends inside its draft: no closing </think>")


def test_a_body_counts_as_code_where_it_may_go_on_inside_a_function() -> None:
    answer = "```python\n    return x\n```\n```python\nprint(f(1))\n```"
    assert read_answer(answer, continues=True) == Answer("    return x\nprint(f(1))")
    assert read_answer("    return x\n```\nThis", continues=True) == Answer("    return x")


def test_another_languages_block_makes_no_unlabelled_one_python() -> None:
    assert find_program("```js\nlet x\n```\n```\nx = 1\n```") is None
    assert find_program("```bash\npip\n```\n```\nError: no such\n```") is None
    assert find_program("````markdown\n```python\nx = 1\n```\n````") is None


HOSTILE = {
    "open blocks": "```python\n" * 100_000,
    "strings that never end": "```python\n\\'''\n```\n" * 50_000,
    "fences in a string": '```python\nx = """\n' + "```\n" * 250_000,
    "blocks that do not compile": "```python\nx = (\n```\n" * 45_000,
    "blocks beside one that does not compile": "```python\n)\n```\n" + "```python\nx\n```\n" * 50_000,
    "a thousand blocks of which some compile": "```python\n)\n```\n```python\nx=1\n```\n" * 450,
    "large blocks beside one that does not compile": (
        "```python\n)\n```\n" + ("```python\n" + "x = 1\n" * 300 + "```\n") * 500
    ),
    "deep fences": "```python\n        ```\n" * 40_000,
    "docstrings": '```python\n"""\n```\n"""\n(\n```\n' * 30_000,
    "markers": "```<|endoftext|>" * 60_000,
    "only markers": "<|endoftext|>" * 80_000,
    "drafts": "<think>" * 150_000,
    "drafts in lines": "<think>\n" * 130_000,
    "nesting": "```python\n" + "(" * 1_000_000,
    "signs": "```python\n" + "-" * 1_000_000 + "1\n```",
    "quotes": "```python\n" + "'\\" * 500_000,
    "spaces": "```python" + " " * 1_000_000 + "x ````",
    "glued spaces": "a" + " " * 1_000_000 + "```",
    "block quotes": "> ```\n> x\n" * 90_000,
    "deep block quotes": "> " * 500_000 + "```",
    "future imports": "```python\nfrom __future__ import annotations\n```\n" * 22_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_megabyte_of_fences_is_read_within_seconds(name: str) -> None:
    started = time.process_time()
    read_answer(HOSTILE[name])
    assert time.process_time() - started < 20


def test_blocks_come_in_order_with_their_labels() -> None:
    text = "```Bash -x\nls\n```\n~~~\nx\n~~~"
    assert list(fenced_blocks(text)) == [FencedBlock("bash", "ls"), FencedBlock("", "x")]
