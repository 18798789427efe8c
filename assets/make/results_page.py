"""assets/results/README.md: every recorded claim beside what the paper published.

    python assets/make/results_page.py

Written from the records by this program; a test holds the committed page to them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lintseq_core import experiments
from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.experiment import Experiment, Recorded, recorded_results
from lintseq_core.experiments.places import asset_folder
from lintseq_core.results.paper import PublishedNumber

_MOST_NUMBERS = 4
_HEAD = """# Results

What the paper claims, what it published, what was measured here. This page is written by
`python assets/make/results_page.py` from the records beside it. Words and verdicts are those of the
run, computed from its intervals: a claim holds if the whole 95 % interval lies where the claim
says, does not hold if none of it does, and cannot be told otherwise. How a published number is
known stands behind it: SEEN in its source, read in the authors' CODE, DIGITIZED from a figure,
INFERRED from others.

A record names the command that made it, with seeds, versions and hashes. [LOG.md](LOG.md) has what
was tried and what came of it, negative results too. Profiles: `cpu` is minutes to an hour on a
laptop, `small` one GPU, `paper` the authors' settings.
"""


def page() -> str:
    """The page's text; LintSeqError outside a checkout or wheel."""
    parts = [_HEAD]
    for experiment in _experiments():
        for found in recorded_results(experiment.name):
            parts.append(_section(experiment, found))
    return "\n".join(parts)


def _experiments() -> Iterator[Experiment[Any]]:
    for module in sorted(pkgutil.iter_modules(experiments.__path__), key=lambda one: one.name):
        loaded = importlib.import_module(f"{experiments.__name__}.{module.name}")
        found = vars(loaded).get("EXPERIMENT")
        if isinstance(found, Experiment):
            yield found


def _section(experiment: Experiment[Any], found: Recorded) -> str:
    device = found.record.device
    where = device.get("gpu") or f"{device.get('cores')} CPU cores"
    rows = ["| claim | paper | here | holds? |", "|---|---|---|---|"]
    claims = {claim.statement: claim for claim in experiment.claims}
    for statement, verdict, words in found.verdicts:
        claim = claims.get(statement)
        paper = "" if claim is None else _published(claim.place, claim.published)
        rows.append(f"| {_cell(statement)} | {_cell(paper)} | {_cell(words)} | **{verdict}** |")
    notes = "\n".join(f"- {note}" for note in found.notes)
    tables = ", ".join(
        f"[{name}]({experiment.name}/{found.profile}/{name}.csv)" for name in found.tables
    )
    return f"""
## {experiment.title.rstrip(".")}: `{found.profile}`

{found.record.created[:10]}, {where}, {_duration(found.seconds)}.
[Record]({experiment.name}/{found.profile}/record.json); tables: {tables}.

```
{found.record.command}
```

{chr(10).join(rows)}

{notes}
"""


def _published(place: str, numbers: tuple[PublishedNumber, ...]) -> str:
    shown = [
        f"{one.benchmark} {one.model} {one.variant} {one.value:g} {one.unit} "
        f"({one.version}, {one.evidence})"
        for one in numbers[:_MOST_NUMBERS]
    ]
    more = f" and {len(numbers) - _MOST_NUMBERS} more" if len(numbers) > _MOST_NUMBERS else ""
    return f"{place}: {'; '.join(shown)}{more}" if shown else f"{place}: no number could be seen"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"


def main() -> None:
    """Write the page into the checkout."""
    folder = asset_folder("results")
    if folder is None:
        raise LintSeqError("assets/results is missing; run this in a checkout")
    path: Path = folder / "README.md"
    with whole_file(path) as file:
        file.write(page().encode())
    print(path)


if __name__ == "__main__":
    main()
