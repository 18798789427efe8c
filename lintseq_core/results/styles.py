"""In which style a file's samples are written: one decision a file, by all who read programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lintseq_core.benchmarks.problem import PROMPT_STYLES, PromptStyle
from lintseq_core.edits.formats import DIFF_MARKER, has_hunk
from lintseq_core.programs.compiling import compiles
from lintseq_core.programs.markdown import read_answer, without_end_markers
from lintseq_core.results.formats.fault import Fault, FormatError
from lintseq_core.results.programs import edits_of, is_edit_text
from lintseq_core.results.record import RunRecord
from lintseq_core.results.sample import Sample

LEAST_SHARE = 0.95
"""Of the samples must look alike for a style to be told from them."""
NEARLY_ALL = 0.9
"""Of the samples that fail to compile say that they are read in the wrong style."""
_LOOKS = {
    "completion": "like completions of code",
    "instruction": "like answers with code fences",
    "markdown": "like answers that go on after an opening fence",
    "diff": "like edits",
}


@dataclass(frozen=True, slots=True)
class StyleDecision:
    """The style a file is read in, and what its samples look like."""

    style: PromptStyle
    is_detected: bool
    """False where it was named, and where no sample says anything (whole programs)."""
    votes: Mapping[str, int]

    def __str__(self) -> str:
        total = sum(self.votes.values())
        if not self.is_detected:
            return f"style {self.style}" + (" (named by --style)" if total else "")
        agree = self.votes[self.style]
        return f"style {self.style}: {agree:,} of {total:,} samples look {_LOOKS[self.style]}"

    def as_json(self) -> dict[str, object]:
        """For the record of a run."""
        return {"detected": self.is_detected, "votes": dict(sorted(self.votes.items()))}


@dataclass(slots=True)
class StyleVotes:
    """What the samples of a file look like, counted as they come."""

    counts: Counter[str] = field(default_factory=Counter)
    most: int | None = None
    """Look at so many samples, the first; None: at all."""

    def add(self, sample: Sample) -> None:
        """Count one sample more; an empty one, and a whole program without a fence, say nothing."""
        if self.most is not None and self.counts.total() >= self.most:
            return
        style = style_of(sample)
        if style is not None:
            self.counts[style] += 1

    def decide(self, name: str, given: PromptStyle | None = None) -> StyleDecision:
        """`given`, or what nearly all samples look like; FormatError where they disagree.

        `name` of the file is for the message.
        """
        if given is not None:
            return StyleDecision(given, is_detected=False, votes=self.counts)
        total = self.counts.total()
        if not total:
            return StyleDecision("completion", is_detected=False, votes=self.counts)
        style, agree = self.counts.most_common(1)[0]
        if agree < LEAST_SHARE * total:
            first, *others = (f"{n:,} {{}}{_LOOKS[look]}" for look, n in self.counts.most_common())
            looks = ", ".join((first.format("look "), *(one.format("") for one in others)))
            remedy = (
                f"say what the model was asked for with --style ({', '.join(PROMPT_STYLES)}), or "
                "keep the kinds in files of their own"
            )
            raise FormatError(Fault(name, f"of {total:,} samples {looks}", remedy))
        found = next(one for one in PROMPT_STYLES if one == style)
        return StyleDecision(found, is_detected=True, votes=self.counts)


def named_style(record: RunRecord) -> PromptStyle | None:
    """The style that the command of a run named; None where it was told from the samples.

    None too for records of older versions, which had a default and no telling.
    """
    told = record.config.get("style_from")
    if not isinstance(told, dict) or told.get("detected") or not told.get("votes"):
        return None
    return next((one for one in PROMPT_STYLES if one == record.config.get("style")), None)


def decide_style(
    samples: Iterable[Sample], name: str, given: PromptStyle | None = None
) -> StyleDecision:
    """The style of `samples`, all of the file `name`, as `StyleVotes.decide` says."""
    votes = StyleVotes()
    for sample in samples:
        votes.add(sample)
    return votes.decide(name, given)


def style_of(sample: Sample) -> PromptStyle | None:
    """What one sample looks like; None if it fits every style.

    A prompt in its row that ends in the edit marker or in an opening fence says it. Else
    "instruction" stands for all answers out of which code must be taken: with fences, a lone
    closing one, a draft. Where none of it is a program and a hunk stands in it, it is edits.
    """
    asked = (sample.prompt or "").rstrip()
    if sample.solution is None and sample.completion is not None:
        if asked.endswith(DIFF_MARKER):
            return "diff"
        if asked.endswith("```python"):
            return "markdown"
    text = sample.solution if sample.solution is not None else sample.completion
    if text is None or not text.strip():
        return None
    if sample.solution is None and (is_edit_text(text) or edits_of(sample) is not None):
        return "diff"
    text = without_end_markers(text)
    program = read_answer(text, continues=True).program
    if sample.solution is None and has_hunk(text) and not (program and compiles(program)):
        return "diff"
    if program != text:
        return "instruction"
    return None if sample.solution is not None else "completion"


def fails_nearly_always(n_failing: int, n: int) -> bool:
    """Whether so many programs do not compile that the style must be doubted."""
    return n > 0 and n_failing >= NEARLY_ALL * n


def doubt(
    n_failing: int,
    n: int,
    style: str = "",
    *,
    n_without: int = 0,
    command: str = "lintseq evaluate",
) -> str:
    """The warning where nearly all of `n` samples are no program that compiles; else "".

    `n_failing` do not compile, and `n_without` are answers without a program. `command` is the
    one that can be told the style.
    """
    if not fails_nearly_always(n_failing + n_without, n):
        return ""
    what = "samples hold no program that compiles" if n_without else "programs do not compile"
    read = f" as {style}" if style else ""
    return (
        f"{n_failing + n_without:,} of {n:,} {what}: if the samples were not meant to be "
        f"read{read}, name what the model was asked for ({command} --style)"
    )
