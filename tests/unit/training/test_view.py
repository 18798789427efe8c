from __future__ import annotations

from lintseq_core.models.tiny import tiny_tokenizer
from lintseq_core.models.tokens import TextEncoder
from lintseq_core.training.encode import encode_examples
from lintseq_core.training.examples import Example
from lintseq_core.training.view import PROMPT_STYLE, SPECIAL_STYLE, TRAINED_STYLES, token_view


def test_colours_say_which_tokens_are_trained_on() -> None:
    tokenizer = tiny_tokenizer()
    encoder = TextEncoder(tokenizer, "tiny")
    (encoded,) = encode_examples([Example("é", "", ("@\tä",))], encoder)
    view = token_view(encoded, tokenizer, frozenset((encoder.diff_id, encoder.eos_id)))
    one, two = TRAINED_STYLES
    assert [(view.plain[span.start : span.end], span.style) for span in view.spans] == [
        ("é", PROMPT_STYLE),
        ("↵\n", two),
        ("<|diff|>", SPECIAL_STYLE),
        ("@", two),
        ("⇥\t", one),
        ("ä", two),
        ("↵\n", one),
        ("<|diff|>", SPECIAL_STYLE),
        ("↵\n", one),
        ("<|diff|>", SPECIAL_STYLE),
        ("<|endoftext|>", SPECIAL_STYLE),
    ]
