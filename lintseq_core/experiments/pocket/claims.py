"""What the study was set up to decide, written before its runs, and what decides it.

All of the last checkpoint at T = 1.0, read leniently, unless a claim says otherwise; intervals are
over seeds and tasks together. An effect is in points of pass@k where nothing else is said.

The first three are judged on harder tasks, too. Those were added when one seed of whole programs
had solved nearly all tasks in 50 tries, so that no arm could do better or grow more.
"""

from __future__ import annotations

from lintseq_core.experiments.claims import Claim
from lintseq_core.results.paper import published

_SMALL = "TinyCodeLM 150M"
LINTER_HELPS = Claim(
    "Edits in the order that a linter allows are learned better than edits in random order: "
    "pass@50 of LintSeq less that of RandSeq",
    "linter ablation (v1 Figure 4)",
    published(model=_SMALL, variant="RandSeqInstruct", k=50),
)
EDITS_HELP = Claim(
    "A small model that writes edits solves more in 50 tries than one that writes whole programs",
    "abstract; Table 1 has k = 10",
    published(model=_SMALL, variant="LintSeqInstruct", k=10),
)
EDITS_GROW = Claim(
    "With edits, pass@k grows more from 1 to 50 tries than with whole programs", "Figure 1"
)
MORE_DIVERSE = Claim(
    "Of as many correct programs, those written in edits have more different syntax trees",
    "abstract; the paper measures diversity by pass@k alone",
)
FORMAT_MATTERS = Claim(
    "The edit format that the pilot chose solves more in 10 tries than the paper's format, with "
    "the same edits in the same order",
    "ours; the paper has one format",
)
GAP_CLOSES = Claim(
    "Whole programs are ahead by less after all trained tokens than after the first checkpoint "
    "(pass@10)",
    "ours",
)
CLAIMS = (LINTER_HELPS, EDITS_HELP, EDITS_GROW, MORE_DIVERSE, FORMAT_MATTERS, GAP_CLOSES)
