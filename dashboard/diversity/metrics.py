"""The measures of diversity: what each means in a line, and a pair of programs to see it on."""

from __future__ import annotations

from dataclasses import dataclass

from lintseq_core.metrics.diversity import ProblemDiversity, problem_diversity

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure as the page shows it."""

    field: str
    """Of ProblemDiversity."""
    title: str
    meaning: str
    pair: Pair
    reading: str
    """What the pair shows."""
    is_similarity: bool = False
    """Whether it shrinks as programs differ more."""
    pair_outcomes: tuple[tuple[str, ...], ...] | None = None

    def of_pair(self) -> float:
        """Its value on its own pair."""
        return float(getattr(problem_diversity(self.pair, self.pair_outcomes), self.field))

    def of(self, found: ProblemDiversity) -> float:
        """Its value on a problem."""
        return float(getattr(found, self.field))


_EVEN = "def even(n):\n    return n % 2 == 0\n"
_EVEN_BITS = "def even(n):\n    return not n & 1\n"
_EVEN_WRONG = "def even(n):\n    return n % 2 == 1 or n == 0\n"

MEASURES = (
    Measure(
        "distinct_texts",
        "Different texts",
        "how many programs differ in a character that a reader sees",
        ("x = 1\n", "x = 1  \n"),
        "Spaces at line ends do not count: one text.",
    ),
    Measure(
        "distinct_trees",
        "Different trees",
        "how many syntax trees there are, names numbered, comments and docstrings left out",
        ("x = 1\n", "y = 1  # one\n"),
        "Two texts, one tree: only the name and a comment differ.",
    ),
    Measure(
        "edit_distance",
        "Edit distance",
        "mean over pairs: characters to change over characters of the longer one; 0 the same",
        ("x = 1\n", "x = 12\n"),
        "One character of seven, the line break among them.",
    ),
    Measure(
        "vendi",
        "Vendi score",
        "how many different programs they amount to, by the tokens they have in common",
        ("x = 1\n", "print(y)\n"),
        "Nothing in common: two programs amount to two.",
    ),
    Measure(
        "tree_similarity",
        "Tree similarity",
        "mean over pairs: subtrees in common over subtrees of both; 1 the same",
        ("x = a + 1\n", "x = f(a + 1)\n"),
        "The sum is in both trees; what stands around it is not.",
        is_similarity=True,
    ),
    Measure(
        "code_bleu",
        "CodeBLEU",
        "mean over pairs: tokens, keywords, syntax and data flow in common; 1 the same",
        ("def f(a):\n    return a + 1\n", "def f(b):\n    return b + 2\n"),
        "Syntax and data flow are the same; half of the tokens are not.",
        is_similarity=True,
    ),
    Measure(
        "behaviours",
        "Behaviours",
        "how many groups of programs there are that pass and fail the same tests",
        (_EVEN, _EVEN_BITS),
        "Written differently, the same answer in both tests: one behaviour.",
        pair_outcomes=(("1", "1"), ("1", "1")),
    ),
    Measure(
        "effective_behaviours",
        "Effective behaviours",
        "behaviours, each counted by its share: exp of the entropy of the shares",
        (_EVEN, _EVEN_WRONG),
        "The second says yes to 3: one program each, so two behaviours count in full.",
        pair_outcomes=(("1", "1"), ("1", "0")),
    ),
    Measure(
        "unparsable",
        "Do not parse",
        "how many programs are no Python; they have no tree to compare",
        ("y = 1\n", "y =\n"),
        "The second is cut off.",
    ),
)
BY_TITLE = {measure.title: measure for measure in MEASURES}
