"""What a task asks, in words.

Every part says its piece, one way or another. Held-out tasks are always worded the first way, in
the first layout: what they test is whether parts are put together that were never together, not
whether a paraphrase is understood. Rows to train on draw one of all ways, so the first is among
them.
"""

from __future__ import annotations

import random

from lintseq_core.benchmarks.pocket.task import Chosen, PocketTask

_LAYOUTS = (
    "Write `{signature}`. Take {view}, {steps}, and return {result}.",
    "Write `{signature}`: take {view}, {steps}, then return {result}.",
    "Complete `{signature}`. Of {view}, {steps}. Return {result}.",
)
_JOINS = (", ", ", then ", ", ")


def instruction(task: PocketTask, rng: random.Random | None = None) -> str:
    """What the task asks; the canonical words without `rng`, else words drawn by it.

    The signature stands first, in backticks; texts in quotes and numbers are meant as they stand.
    """
    layout = 0 if rng is None else rng.randrange(len(_LAYOUTS))
    steps = _JOINS[layout].join(_words(step, rng) for step in task.steps)
    view = task.view.words[0] if rng is None else rng.choice(task.view.words)
    result = f"{_words(task.gathering, rng)} {_words(task.show, rng)}".strip()
    return (
        _LAYOUTS[layout]
        .replace("{signature}", task.signature)
        .replace("{view}", view)
        .replace("{steps}", steps)
        .replace("{result}", result)
    )


def _words(chosen: Chosen, rng: random.Random | None) -> str:
    words = chosen.part.words[0] if rng is None else rng.choice(chosen.part.words)
    return words.replace("{k}", str(chosen.constant))
