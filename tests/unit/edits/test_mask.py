"""The mask: whatever a model wants to write, what it may write is well formed and ends in time."""

from __future__ import annotations

import random
import string

import numpy as np
import pytest

from lintseq_core import LintSeqError, apply_edits, parse_edits
from lintseq_core.edits.formats import FORMAT_NAMES, get_format, model_text
from lintseq_core.edits.formats.mask import EditMask
from lintseq_core.edits.formats.vocabulary import Vocabulary
from lintseq_core.edits.hunks import edits_from_birth_steps

MARKER = "<|diff|>"
SIGNS = [
    *string.printable.replace("\x0b", "").replace("\x0c", ""),
    "\u00e9",
    "\u2028",
    "\U0010ffff",
]
# What byte pairs become: signs of structure joined with each other, with code, with line breaks.
MERGED = [
    "\n+", "@@", "@@ ", "@@ -", ",0 +", " @@", " @@\n", "\n@", "\n@@ ", "@@\n+", "\n-", "\n<", "<|",
    "x\n+", "x\n@@ x", "x\n@@1 x\n+", "\n\n", "\n    ", "    ", "def ", "return ", "+x", "++", "+\n",
    "+\n+\n+", "11", "12", "1 @@\n+x\n", "x", "xx", "-x\n+x\n", "diff|>", "\n+\n@",
]  # fmt: skip
TOY = Vocabulary([*SIGNS, *MERGED, MARKER, None, ""])
PLAIN = Vocabulary([*SIGNS, MARKER])


def draw(name: str, vocabulary: Vocabulary, max_tokens: int, seed: int) -> tuple[str, int]:
    """The text that random logits write under the mask, and its tokens."""
    rng = np.random.default_rng(seed)
    mask = EditMask(get_format(name), vocabulary, max_tokens)
    # Breaks, signs and the few words that anchors need are likelier, so that much happens.
    likely = np.array([text in ("\n", "+", "@", "@@", "x", MARKER) for text in TEXTS[vocabulary]])
    written, n_tokens = "", 0
    while not mask.is_closed:
        logits = rng.normal(size=vocabulary.size) * 2 + 3 * likely * rng.random()
        logits[~mask.allowed()] = -np.inf
        chosen = int(logits.argmax())
        assert np.isfinite(logits[chosen]), "nothing may follow"
        written += vocabulary.text(chosen)
        mask.push(chosen)
        n_tokens += 1
    return written, n_tokens


TEXTS = {TOY: [*SIGNS, *MERGED, MARKER, "", ""], PLAIN: [*SIGNS, MARKER]}
formats = pytest.mark.parametrize("name", FORMAT_NAMES)


def check_samples(name: str, vocabulary: Vocabulary, max_tokens: int, seeds: range) -> None:
    """No sample is malformed, too long, or blank."""
    n_written = n_hunks = 0
    for seed in seeds:
        text, n_tokens = draw(name, vocabulary, max_tokens, seed)
        parsed = parse_edits(MARKER + text, edit_format=name)  # strictly: a fault raises
        assert n_tokens <= max_tokens
        assert text.endswith(f"\n{MARKER}\n{MARKER}")
        n_written += bool(apply_edits(parsed.edits).strip())
        n_hunks += sum(map(len, parsed.edits))
    assert n_written == len(seeds)
    assert n_hunks > 1.1 * len(seeds)


@formats
@pytest.mark.parametrize(("max_tokens", "n_samples"), [(64, 120), (512, 12)])
@pytest.mark.parametrize("vocabulary", [TOY, PLAIN], ids=["merges", "single signs"])
def test_no_sample_of_a_random_model_is_malformed(
    name: str, vocabulary: Vocabulary, max_tokens: int, n_samples: int
) -> None:
    check_samples(name, vocabulary, max_tokens, range(n_samples))


@pytest.mark.full
@pytest.mark.timeout(7200)
@formats
@pytest.mark.parametrize("max_tokens", [64, 512])
def test_none_of_10_000_samples_of_a_random_model_is_malformed(name: str, max_tokens: int) -> None:
    check_samples(name, TOY, max_tokens, range(10_000))


@formats
@pytest.mark.parametrize("n_more", range(12))
def test_the_fewest_tokens_that_an_edit_takes_are_enough(name: str, n_more: int) -> None:
    with pytest.raises(LintSeqError) as caught:
        EditMask(get_format(name), TOY, 1)
    told = str(caught.value)
    assert told.startswith(f"max_tokens is 1, and the shortest text of the format {name} takes ")
    assert told.endswith(": allow more (--max-tokens)")
    least = int(told.split(" takes ")[1].split(":", maxsplit=1)[0])
    for seed in range(40):
        text, n_tokens = draw(name, TOY, least + n_more, seed)
        assert n_tokens <= least + n_more
        assert apply_edits(parse_edits(MARKER + text, edit_format=name).edits).strip()


@formats
def test_every_text_that_is_written_may_be_drawn(name: str) -> None:
    """Whatever tokens spell it: the mask only leaves out what the format does not write."""
    rng = random.Random(name)
    for _ in range(60):
        lines = [rng.choice(["x", "xx", "", "+x", "@@", "@@1 x", "-x"]) for _ in range(9)]
        births = [rng.randrange(4) for _ in lines]
        used = sorted(set(births))
        edits = edits_from_birth_steps(lines, [used.index(birth) for birth in births])
        left = model_text(edits, edit_format=name).removeprefix(f"\n{MARKER}")
        mask = EditMask(get_format(name), TOY, 2000)
        while left:
            allowed = mask.allowed()
            fitting = [at for at, text in enumerate(TEXTS[TOY]) if text and left.startswith(text)]
            # A marker that is spelled in code is code; where an edit begins it is a token.
            fitting = [at for at in fitting if allowed[at]]
            assert fitting, left
            chosen = rng.choice(fitting)
            mask.push(chosen)
            left = left.removeprefix(TEXTS[TOY][chosen])
        assert mask.is_closed


@formats
def test_what_is_not_allowed_cannot_be_read_or_is_not_what_is_written(name: str) -> None:
    """Headers are the writer's, a program has a line, and a text ends where it is closed."""
    mask = EditMask(get_format(name), PLAIN, 100)
    allowed = {text for text, may in zip(TEXTS[PLAIN], mask.allowed(), strict=True) if may}
    assert allowed == {"@"}  # neither the marker, which would close an empty program, nor code
    for sign in {"unified": "@@ -0,0 +1 @@\n+", "placed": "@@ +1\n+"}.get(name, "@@\n+"):
        mask.push(TEXTS[PLAIN].index(sign))
    allowed = {text for text, may in zip(TEXTS[PLAIN], mask.allowed(), strict=True) if may}
    assert allowed == set(TEXTS[PLAIN])  # within a line all is code
    with pytest.raises(LintSeqError, match="was not allowed here"):
        mask.push(TEXTS[PLAIN].index("\n"))
        mask.push(TEXTS[PLAIN].index("-"))


def test_an_anchor_may_be_the_line_that_its_own_token_ends() -> None:
    """Below a second "x" the first is no longer the only one, so `@@ x` does not name it."""
    mask = EditMask(get_format("anchored"), TOY, 200)
    ids = TEXTS[TOY].index
    for token in ("@@", "\n+", "x", "\n", MARKER, "@@", "\n+"):
        mask.push(ids(token))
    assert not mask.allowed()[ids("x\n@@ x")]
    mask.push(ids("y"))
    assert mask.allowed()[ids("x\n@@ x")]


def test_a_tokenizer_that_joins_the_marker_with_code_is_refused() -> None:
    with pytest.raises(
        LintSeqError, match=r"^toy: its token '<\|diff\|>def' joins <\|diff\|> with"
    ):
        Vocabulary([*SIGNS, MARKER, f"{MARKER}def"], "toy")
    with pytest.raises(LintSeqError, match=r"^toy: no token is <\|diff\|>, so no mask can be made"):
        Vocabulary(SIGNS, "toy")
    with pytest.raises(LintSeqError, match=r"^toy: no token is '@' alone, which headers of edits"):
        Vocabulary([*(sign for sign in SIGNS if sign != "@"), MARKER], "toy")


def test_tokens_without_a_text_are_never_allowed() -> None:
    mask = EditMask(get_format("placed"), TOY, 64)
    while not mask.is_closed:
        allowed = mask.allowed()
        assert not allowed[-2:].any()
        mask.push(int(np.flatnonzero(allowed)[0]))
