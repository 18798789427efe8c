"""What generation yields: an `EditStep` for each edit, a `SampleEnd` for each sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lintseq_core.edits.formats import Fault
from lintseq_core.linting import Finding

NO_ID = -1
"""In place of a token's id where a backend does not give it."""
StopReason = Literal["close", "eos", "stop", "max_tokens", "context"]
"""Two empty edits; the end marker; a stop string; no tokens left; no room in the context."""
STOP_REASONS: tuple[StopReason, ...] = StopReason.__args__  # type: ignore[attr-defined]
StepOutcome = Literal["accepted", "rejected", "kept"]
"""What the guard said: nothing against it; drawn again; objected to, and no tries or tokens left.
Without a guard every edit is accepted."""
STEP_OUTCOMES: tuple[StepOutcome, ...] = StepOutcome.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class SampledToken:
    """A token as it was drawn; figures are the model's own, before temperature, top-p and min-p."""

    token_id: int
    """`NO_ID` where the backend gives text alone, which may then be of several tokens."""
    text: str
    """What it adds to the text; "" inside a character of several tokens."""
    log_prob: float
    """NaN where the backend does not give it."""
    entropy: float | None
    """In nats; None where the backend does not give it."""


@dataclass(frozen=True, slots=True)
class EditStep:
    """One edit that a model wrote, and what came of it."""

    sample_index: int
    step_index: int
    """0-based among the edits of the sample; the tries of one edit share it."""
    attempt: int
    """0-based; above 0 only with a guard."""
    text: str
    """From after its marker to before the next one; what there is of it if it was cut off."""
    tokens: tuple[SampledToken, ...]
    """Its own and those of the marker that ends it."""
    seconds: float | None
    """Wall time since the edit, or the sample, before it; None: drawn by a backend that does not
    give it."""
    faults: tuple[Fault, ...]
    """The strict parser's; empty: well formed. Lines count from the first edit's."""
    state: str
    """The program after this edit, read leniently."""
    compiles: bool
    new_findings: tuple[Finding, ...]
    """Findings of `state` that the state before does not have. A syntax error hides all others."""
    outcome: StepOutcome
    objection: str | None = None
    """The guard's."""
    verdict: str | None = None
    """Of the tests on `state`; None where there are none."""

    @property
    def log_prob(self) -> float:
        """Log-probability of the whole edit; NaN where the backend does not give it."""
        return sum(token.log_prob for token in self.tokens)

    @property
    def entropy(self) -> float | None:
        """Mean entropy of its tokens, in nats."""
        known = [token.entropy for token in self.tokens if token.entropy is not None]
        return sum(known) / len(known) if known else None


@dataclass(frozen=True, slots=True)
class MaskCost:
    """What drawing under a mask cost one sample."""

    nats: float
    """Summed over its tokens, minus the log of the probability that the mask left of the model's
    own: so much likelier the text is under the mask than without it. 0: it changed nothing."""
    seconds: float
    """Time spent on working out what may come next."""


@dataclass(frozen=True, slots=True)
class SampleEnd:
    """One finished sample."""

    sample_index: int
    stop_reason: StopReason
    text: str
    """What the model wrote, without an end marker; stepwise, the prompt's marker goes before it."""
    program: str
    """Stepwise: the last state. Whole: the code of the answer, or all of it."""
    faults: tuple[Fault, ...]
    """Stepwise: the strict parser's on all of the text. Whole: none."""
    compiles: bool
    n_tokens: int
    """Drawn: those of rejected edits and the end marker count."""
    n_rejected_tokens: int
    log_prob: float
    """Of what was kept, the end marker included; NaN where the backend does not give it."""
    seconds: float | None
    tokens: tuple[SampledToken, ...] = ()
    """Those that no step holds: all of a whole program's, the close of edits. No end marker."""
    verdict: str | None = None
    mask: MaskCost | None = None
    """What the format guard's mask cost; None: there was none."""
