"""What can go wrong between a model and its tests, in the words that a reader sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "wrong_version",
    "empty",
    "escaped_newlines",
    "html_escaped",
    "reasoning_left",
    "special_tokens",
    "wrong_prompt_style",
    "prompt_repeated",
    "chat_text",
    "code_fences",
    "typographic_characters",
    "shifted",
    "prompt_missing",
    "tabs_and_spaces",
    "lost_indentation",
    "truncated",
    "stop_string",
    "wrong_entry_point",
]
KINDS: tuple[FaultKind, ...] = FaultKind.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind of fault is told."""

    title: str
    remedy: str
    can_be_mended: bool = True
    """False where what is missing cannot be had from the samples."""


WORDS: dict[FaultKind, Words] = {
    "wrong_version": Words(
        "task_ids of another version of the benchmark",
        "sample and score with the same version, or rename the task_ids",
    ),
    "empty": Words(
        "nothing was written",
        "look at the log of the model: refused requests, or a stop string at the very start",
        can_be_mended=False,
    ),
    "escaped_newlines": Words(
        "line breaks written as \\n",
        "write the text into JSON once, not twice",
    ),
    "html_escaped": Words(
        "text escaped for HTML (&lt; for <)",
        "unescape it (Python: html.unescape) before it is scored",
    ),
    "reasoning_left": Words(
        "reasoning in <think> left in the answer",
        "score what follows </think>",
    ),
    "special_tokens": Words(
        "special tokens left in the text",
        "decode with skip_special_tokens=True",
    ),
    "wrong_prompt_style": Words(
        "edits that are run as code",
        "name the style the model was asked in: lintseq evaluate --style diff",
    ),
    "prompt_repeated": Words(
        "the prompt stands in the answer again",
        "cut the prompt off what the model returns, or do not put it above once more",
    ),
    "chat_text": Words(
        "sentences of a chat around the code",
        "take the code out of the answer: lintseq evaluate --style instruction",
    ),
    "code_fences": Words(
        "code in Markdown fences",
        "take the code out of its fences: lintseq evaluate --style instruction",
    ),
    "typographic_characters": Words(
        "typographic quotes or spaces in code",
        "keep the text as the model wrote it: some editors and web pages change quotes",
    ),
    "shifted": Words(
        "samples shifted by one problem",
        "match samples to problems by task_id; a failed request must keep its place",
    ),
    "prompt_missing": Words(
        "the prompt is missing above the code",
        "put the prompt above each completion, with its imports",
    ),
    "tabs_and_spaces": Words(
        "tabs and spaces mixed",
        "keep white space as the model wrote it, or expand tabs to four spaces",
    ),
    "lost_indentation": Words(
        "indentation lost at the start",
        "do not strip completions: the white space before their first line is code",
    ),
    "truncated": Words(
        "cut off at the limit of tokens",
        "draw again with a larger max_tokens",
        can_be_mended=False,
    ),
    "stop_string": Words(
        "cut off by a stop string",
        "draw again without stop strings that occur inside programs",
        can_be_mended=False,
    ),
    "wrong_entry_point": Words(
        "the function has another name than the tests call",
        "name the function in the prompt, or call the one that was written",
    ),
}
