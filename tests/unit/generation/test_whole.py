from __future__ import annotations

import pytest

from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.generation.steps import SampleEnd
from lintseq_core.generation.whole import generate_whole
from tests.unit.generation.scripted import EOS, scripted_model

ANSWER = "Here:\n```python\nx = 1\n```\nDone."


def run(*tokens: str, **options: object) -> SampleEnd:
    settings = SamplingSettings(max_tokens=options.pop("max_tokens", 100))  # type: ignore[arg-type]
    model = scripted_model(list(tokens), context_length=options.pop("context_length", 1_000))  # type: ignore[arg-type]
    ticks = iter((0.0, 2.5))
    (end,) = generate_whole(
        model, "Do it.", settings=settings, clock=lambda: next(ticks), **options  # type: ignore[arg-type]
    )  # fmt: skip
    return end


@pytest.mark.parametrize(
    ("tokens", "options", "reason", "text", "n_tokens"),
    [
        (["x = 1", "\n", EOS], {}, "eos", "x = 1\n", 3),
        (["x = 1", "\n", "y"], {"max_tokens": 2}, "max_tokens", "x = 1\n", 2),
        (["x = 1", "\n", "y"], {"context_length": 8}, "context", "x = 1\n", 2),
        (["x = 1\n", "de", "f f"], {"stop": ("\ndef", "\nclass")}, "stop", "x = 1", 3),
        (["x\ncla", "ss", " A"], {"stop": ("\ndef", "\nclass")}, "stop", "x", 2),
    ],
)
def test_every_reason_to_stop(
    tokens: list[str], options: dict, reason: str, text: str, n_tokens: int
) -> None:
    end = run(*tokens, **options)
    assert (end.stop_reason, end.text, end.n_tokens, end.seconds) == (reason, text, n_tokens, 2.5)


def test_the_program_is_taken_out_of_markdown_and_judged() -> None:
    end = run(ANSWER, judge=lambda program: f"saw {program!r}")
    assert (end.text, end.program, end.compiles) == (ANSWER, "x = 1", True)
    assert end.verdict == "saw 'x = 1'"
    assert run("def f(:").compiles is False


def test_tokens_add_up_to_the_text() -> None:
    end = run("x =", " 1", "\n")
    assert "".join(token.text for token in end.tokens) == end.text == "x = 1\n"
    assert end.log_prob == 0.0
