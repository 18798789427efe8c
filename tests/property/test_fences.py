"""Any program that compiles comes back out of any fence, whatever prose stands around it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lintseq_core.programs.markdown import Answer, read_answer
from tests.property.generated_programs import program_texts

# Statements that hold fences, quotes and markers where Python lets them stand.
HOLDING = (
    'TEXT = """\n```\ncode\n```\n"""\n',
    "TEXT = '''\n```python\nx = 1\n'''\n",
    'def f():\n    """Half.\n\n    ```python\n    f()\n    ```\n    """\n    return "```"\n',
    "def g():\n    r'''\n```\n\\d'''\n    return 1\n",
    'x = "\\\n```\\\n"\n',
    "# it isn't a fence: ```\n",
    'x = \'"""\'  # """ and \'\'\'\n',
    "x = \"``` '''\"\n",
    "y = f'''{1:>3}\n```\n'''\n",
    "TEXT = '''\n~~~\n<|im_end|>\n</think>\n'''\n",
    "y = '\\\\'\n",
    "y = x <1> 2\n",
)
programs = st.lists(st.one_of(st.sampled_from(HOLDING), program_texts), min_size=1, max_size=4).map(
    lambda texts: "".join(text if text.endswith("\n") else f"{text}\n" for text in texts)
)
prose = st.lists(
    st.sampled_from(
        (
            "",
            "Sure, here's how.",
            "x = 1",
            'It says """so.',
            "Don't",
            "Use `f`:",
            "a <b> c",
            "# Code",
        )
    ),
    max_size=4,
).map(lambda lines: "".join(f"{line}\n" for line in lines))
fences = st.sampled_from(
    ("```python", "````python", "``` py", "   ```Python3", '```python title="a.py"', "~~~~python", "\t```py")
)  # fmt: skip
ends = st.sampled_from(("", "<|im_end|>", "</s>", " <|endoftext|>\n", "\n"))


@given(program=programs, before=prose, fence=fences, end=ends, after=prose)
def test_a_program_comes_back_out_of_a_fence(
    program: str, before: str, fence: str, end: str, after: str
) -> None:
    indent = fence[: len(fence) - len(fence.lstrip())]
    closing = "".join(c for c in fence if c in "`~")
    inside = "".join(f"{indent}{line}" for line in program.splitlines(keepends=True))
    if "\f" in program:  # ends a line for `splitlines` alone
        inside = "".join(f"{indent}{line}\n" for line in program.split("\n")[:-1])
    text = f"{before}{fence}\n{inside}{indent}{closing}{end}"
    text += after if end.endswith("\n") else ""
    assert read_answer(text) == Answer(program.removesuffix("\n"))


@given(program=programs, after=prose)
def test_a_program_comes_back_from_above_a_lone_closing_fence(program: str, after: str) -> None:
    text = f"def first():\n    return 1\n{program}```\n{after}"
    assert read_answer(text).program == f"def first():\n    return 1\n{program}".removesuffix("\n")


@given(first=programs, second=programs, between=prose)
def test_two_programs_are_joined_and_what_does_not_compile_is_left_out(
    first: str, second: str, between: str
) -> None:
    broken = "```python\n>>> f()\n```\n"
    text = f"```python\n{first}```\n{between}{broken}{between}```python\n{second}```\n"
    joined = f"{first.removesuffix(chr(10))}\n{second.removesuffix(chr(10))}"
    assert read_answer(text) == Answer(joined, left_out=1)
