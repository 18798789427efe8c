"""What the paper claims of small models; `small_models_report` judges it by what arms score."""

from __future__ import annotations

from lintseq_core.experiments.claims import Claim
from lintseq_core.results.paper import published

_SMALL = "TinyCodeLM 150M"
EDITS_HELP = Claim(
    "A small model trained on edits solves more problems in k tries than one trained on whole "
    "programs",
    "Table 1, pass@10",
    published(model=_SMALL, variant="LintSeqInstruct", k=10)
    + published(model=_SMALL, variant="Instruct", k=10),
)
LINTER_HELPS = Claim(
    "Without the linter, edits in random order, the gain goes: LintSeq solves more than RandSeq",
    "linter ablation (v1 Figure 4)",
    published(model=_SMALL, variant="RandSeqInstruct", k=50),
)
MORE_DIVERSE = Claim(
    "Programs written edit by edit differ more from each other than whole ones",
    "abstract; the paper measures it by pass@k alone",
)
CLAIMS = (EDITS_HELP, LINTER_HELPS, MORE_DIVERSE)
