"""Faults of harnesses, put into answers that pass when whole.

Written without the detector, and without anything that it uses: each function does what the harness
does that makes the fault. An answer is what a model wrote, and the prompt it was asked with.
"""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Answer:
    """One row of a file of samples before it is written."""

    task_id: str
    prompt: str
    """Code or words that the model was given."""
    text: str
    """What it wrote: the rest of a program where `continues`, else a whole program."""
    continues: bool
    """Whether the harness puts the prompt above."""
    entry_point: str
    is_solution: bool = False
    """Whether the row will hold the whole program, with the prompt above a text that continues."""


Inject = Callable[[Answer, random.Random], Answer | None]
"""The answer with one fault; None where this answer cannot have it (nothing would change)."""


def fences(answer: Answer, rng: random.Random) -> Answer:
    mark = rng.choice(["```python", "```", "```py"])
    return replace(
        answer, text=f"{mark}\n{answer.text.rstrip(chr(10))}\n```" + rng.choice(["", "\n"])
    )


PREFACES = (
    "Sure! Here is the completed function:",
    "Here's a Python solution to the problem:",
    "Certainly! The function below does what you asked for.",
    "To solve this problem, we can use a simple loop.\nHere is the implementation:",
    "I'd be happy to help! Below is the code.",
)
EPILOGUES = (
    "",
    "",
    "\nThis function goes through the list once, so it runs in linear time.",
    "\nLet me know if you have any questions!",
)


def preface(answer: Answer, rng: random.Random) -> Answer:
    text = f"{rng.choice(PREFACES)}\n\n{answer.text}{rng.choice(EPILOGUES)}"
    return replace(answer, text=text)


def lost_indent(answer: Answer, rng: random.Random) -> Answer | None:
    if not answer.continues or answer.text.lstrip("\n")[:1] not in (" ", "\t"):
        return None
    if rng.random() < 0.2:  # every line, as textwrap.dedent does
        lines = answer.text.split("\n")
        width = min(len(one) - len(one.lstrip()) for one in lines if one.strip())
        text = "\n".join(one[width:] for one in lines)
    else:
        text = answer.text.strip()
    return _cut(answer, text) if text != answer.text else None


def prompt_repeated(answer: Answer, rng: random.Random) -> Answer | None:
    if answer.is_solution and not answer.continues:
        return None  # the row holds no prompt above it
    between = "" if answer.prompt.endswith("\n") else "\n"
    return replace(answer, text=answer.prompt + between + answer.text)


def prompt_missing(answer: Answer, rng: random.Random) -> Answer | None:
    if answer.continues:
        return replace(answer, continues=False) if answer.is_solution else None
    # A whole program of one function, without its first line.
    header = re.match(r"def \w+\([^\n]*\) *(?:->[^\n]*)?: *\n", answer.text)
    if header is None or re.search(r"^\S", answer.text[header.end() :], re.MULTILINE):
        return None
    return replace(answer, text=answer.text[header.end() :])


def wrong_entry_point(answer: Answer, rng: random.Random) -> Answer | None:
    whole = answer.prompt + answer.text if answer.continues else answer.text
    name = rng.choice(["solution", "solve", "my_function", f"{answer.entry_point}_v2"])
    renamed = re.sub(rf"\b{re.escape(answer.entry_point)}\b", name, whole)
    if renamed == whole:
        return None
    return replace(answer, text=renamed, continues=answer.continues and not answer.is_solution)


STOPS = ("\n\n", "\ndef", "\nclass", "\n#", "\nif", "\nprint", "\nassert", "\n    #")


def stop_string(answer: Answer, rng: random.Random) -> Answer | None:
    """Cut before a stop string, where it leaves something and takes a statement away."""
    for stop in rng.sample(STOPS, len(STOPS)):
        # Inside a docstring nobody can tell it from the limit of tokens.
        at = answer.text.find(stop, max(1, *map(answer.text.rfind, ('"""', "'''"))))
        if at > 0 and answer.text[:at].strip() and _code_lines(answer.text[at:]):
            return _cut(answer, answer.text[:at])
    return None


def truncated(answer: Answer, rng: random.Random) -> Answer | None:
    """Cut at a token, of 1 to 6 characters each, in the second half."""
    code = next((answer.text.removesuffix(one) for one in EPILOGUES[2:] if one in answer.text), "")
    tokens = re.findall(r"\s*\w{1,6}|\s*[^\w\s]|\s+", (code or answer.text).rstrip())
    if len(tokens) < 8:
        return None
    kept = "".join(tokens[: rng.randint(len(tokens) // 2, int(0.9 * len(tokens)))])
    return _cut(answer, kept)


SPECIAL = ("Ċ", "<s>", "<|im_start|>", "<|endoftext|>", "<|im_end|>", "</s>")
MARKS = (SPECIAL, ("</think>",), ("\t",), ("“", "‘", "\u00a0"))
"""What other faults leave in a text."""


def _cut(answer: Answer, text: str) -> Answer | None:
    """None where another fault, or all of a program, went with what is cut off."""
    for marks in MARKS:
        if any(mark in answer.text for mark in marks) and not any(mark in text for mark in marks):
            return None
    has_name = "def " in text or "def " not in answer.text
    return replace(answer, text=text) if has_name else None


def _code_lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip() and line.strip()[0] != "#"]


def special_tokens(answer: Answer, rng: random.Random) -> Answer:
    kind = rng.randrange(4)
    if kind == 0:
        return replace(
            answer, text=answer.text + rng.choice(["<|endoftext|>", "</s>", "<|im_end|>"])
        )
    if kind == 1:
        return replace(answer, text="<s>[INST][/INST]" + answer.text + "</s>")
    if kind == 2:
        return replace(answer, text=f"<|im_start|>assistant\n{answer.text}<|im_end|>\n")
    return replace(answer, text=answer.text.replace("\n", "Ċ").replace(" ", "Ġ"))


def wrong_version(answer: Answer, rng: random.Random) -> Answer:
    number = answer.task_id.rpartition("/")[2]
    form = {"HumanEval": "Python/{}", "Mbpp": "MBPP_{}"}.get(
        answer.task_id.partition("/")[0], "test-{}"
    )
    return replace(answer, task_id=form.format(number))


def wrong_prompt_style(answer: Answer, rng: random.Random) -> Answer:
    """The program as edits, each of one to four lines, in the format of the paper."""
    lines = answer.text.rstrip("\n").split("\n")
    text, at = "", 0
    while at < len(lines):
        some = lines[at : at + rng.randint(1, 4)]
        place = f"@@ -{at},0 +{at + 1},{len(some)} @@"
        text += "<|diff|>" + "\n".join([place, *("+" + line for line in some)]) + "\n"
        at += len(some)
    return replace(answer, text=text.removeprefix("<|diff|>"))


def html_escaped(answer: Answer, rng: random.Random) -> Answer | None:
    text = html.escape(answer.text, quote=rng.random() < 0.7)
    return replace(answer, text=text) if text != answer.text else None


def tabs(answer: Answer, rng: random.Random) -> Answer | None:
    """Some of the lines with tabs for each four spaces, so that both stand in one block."""
    lines = answer.text.split("\n")
    deep = [at for at, line in enumerate(lines) if line.startswith("    ")]
    if (len(deep) < 2 and not answer.continues) or not deep:
        return None
    chosen = deep if answer.continues else sorted(rng.sample(deep, len(deep) // 2))
    for at in chosen:
        white = len(lines[at]) - len(lines[at].lstrip(" "))
        lines[at] = "\t" * (white // 4) + " " * (white % 4) + lines[at].lstrip(" ")
    text = "\n".join(lines)
    return replace(answer, text=text) if _is_broken(answer, text) else None


def escaped_newlines(answer: Answer, rng: random.Random) -> Answer | None:
    if "\n" not in answer.text.strip():
        return None
    return replace(answer, text=json.dumps(answer.text, ensure_ascii=False)[1:-1])


def reasoning(answer: Answer, rng: random.Random) -> Answer:
    draft = "First, I look at the examples.\nThen I loop over the values, and return the result."
    if rng.random() < 0.5:
        return replace(answer, text=f"<think>\n{draft}\n</think>\n\n{answer.text}")
    return replace(answer, text=f"{draft}\n</think>\n{answer.text}")


def typographic(answer: Answer, rng: random.Random) -> Answer | None:
    text = re.sub(r"'([^'\n]*)'", "‘\\1’", re.sub(r'(?<!")"([^"\n]+)"(?!")', "“\\1”", answer.text))
    if text == answer.text:
        text = answer.text.replace(" = ", "\u00a0= ")
    return replace(answer, text=text) if _is_broken(answer, text) else None


def _is_broken(answer: Answer, text: str) -> bool:
    """Whether what stood between quotes and at line starts was more than words and comments."""
    try:
        compile(answer.prompt + text if answer.continues else text, "answer", "exec")
    except SyntaxError:
        return text != answer.text
    return False


def nothing(answer: Answer, rng: random.Random) -> Answer:
    return replace(answer, text=rng.choice(["", "\n", " "]))


INJECTIONS: dict[str, Inject] = {
    # in the order in which a pair happens: what the model writes, what ends it, what stores it
    "wrong_entry_point": wrong_entry_point,
    "tabs_and_spaces": tabs,
    "typographic_characters": typographic,
    "wrong_prompt_style": wrong_prompt_style,
    "code_fences": fences,
    "chat_text": preface,
    "reasoning_left": reasoning,
    "special_tokens": special_tokens,
    "stop_string": stop_string,
    "truncated": truncated,
    "empty": nothing,
    "lost_indentation": lost_indent,
    "prompt_repeated": prompt_repeated,
    "prompt_missing": prompt_missing,
    "html_escaped": html_escaped,
    "escaped_newlines": escaped_newlines,
    "wrong_version": wrong_version,
}
SHIFTED = "shifted"
"""Of a file, not of an answer: see `inject`."""
ALL = (*INJECTIONS, SHIFTED)
NO_PAIRS = {
    "empty": {*ALL},
    "truncated": {"stop_string"},
    "prompt_missing": {"prompt_repeated", "wrong_entry_point"},
}
"""Kinds that leave nothing of each other."""


def makes_no_pair(first: str, second: str) -> bool:
    """Whether one of two faults leaves no trace of the other."""
    return second in NO_PAIRS.get(first, set()) or first in NO_PAIRS.get(second, set())


def inject(
    answers: list[Answer], kinds: tuple[str, ...], share: float, seed: int
) -> tuple[list[Answer], list[set[str]]]:
    """`answers` with all of `kinds` in a share of them, if so many can have them, and what each has.

    A shift goes through a stretch of neighbouring answers, as a lost request makes it; other
    faults are where chance puts them.
    """
    rng = random.Random(f"{kinds} {share} {seed}")
    found = list(answers)
    has: list[set[str]] = [set() for _ in answers]
    wanted = max(1, round(share * len(answers)))
    order = rng.sample(range(len(answers)), len(answers))
    if SHIFTED in kinds:
        wanted = max(wanted, min(3, len(answers)))
        start = rng.randrange(len(answers) - wanted + 1)
        order = list(range(start, start + wanted))
        for at in order:
            other = answers[(at - 1) % len(answers)]
            found[at] = replace(other, task_id=answers[at].task_id)
            has[at].add(SHIFTED)
    for at in order:
        if sum(map(bool, has)) == wanted and not has[at]:
            break
        changed, kept = found[at], set[str]()
        for kind, change in INJECTIONS.items():
            if kind in kinds and (after := change(changed, rng)) is not None:
                changed = after
                kept.add(kind)
        if len(kept) == len([kind for kind in kinds if kind != SHIFTED]):
            found[at], has[at] = changed, has[at] | kept
    return found, has
