"""assets/results/README.md: every recorded claim beside what the paper published.

    python assets/make/results_page.py

Written from the records by this program; a test holds the committed page to them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lintseq_core import experiments
from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.claims import Claim
from lintseq_core.experiments.experiment import Experiment, Recorded, recorded_results
from lintseq_core.experiments.places import asset_folder
from lintseq_core.experiments.pocket.claims import CLAIMS
from lintseq_core.experiments.pocket.recorded import NAME as POCKET
from lintseq_core.experiments.pocket.recorded import NO_RECORD
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
_POCKET = """
How to read its tables: an *arm* is what was taught (`whole`, `lintseq-FORMAT`, `randseq`), always
from the same base and for as many trained tokens; *lenient* reads edits past their faults, *strict*
takes a program with a fault for wrong. `low` and `high` are ends of 95 % intervals over seeds and
tasks together, `seed_error` and `task_error` what each adds.

- `scores`: pass@k of each arm at each checkpoint and temperature; `differences`: every two arms,
  task by task
- `programs`: well-formed share, edits, tokens, FLOPs of a sample; `kinds`: verdicts, first faults,
  findings and ends
- `diversity`: different syntax trees among as many programs, of all and of correct ones alone
- `nats`: what programs held out cost each model, by what each token is for; `training`: tokens,
  losses, seconds
- `rates`, `formats`: the pilot, on validation tasks: the learning rates tried, and LintSeq in each
  format, one training each

[How to run the study, and how to train one model](../../docs/pocket.md#the-study).

**What it says of large models: nothing by itself.** These models have 0.8 million parameters and
know no Python but what these tasks showed them. What an edit format costs them may be cheap for a
model of billions of parameters, and what edits bring such a model may be out of reach here. What
carries over is how to ask: the same edits in another format, equal trained tokens, several
trainings, intervals over seeds.
"""
_ABOUT = {POCKET: _POCKET}
"""Below the numbers of an experiment whose record needs words of its own."""


@dataclass(frozen=True, slots=True)
class _About:
    """An experiment as this page needs it."""

    name: str
    title: str
    claims: tuple[Claim, ...]


def page() -> str:
    """The page's text; LintSeqError outside a checkout or wheel."""
    parts = [_HEAD]
    for experiment in _experiments():
        known = recorded_results(experiment.name)
        parts += [_section(experiment, found) for found in known]
        if experiment.name == POCKET and not known:
            parts.append(f"\n## {experiment.title}\n\n{NO_RECORD}\n")
    return "\n".join(parts)


def _experiments() -> Iterator[_About]:
    for module in sorted(pkgutil.iter_modules(experiments.__path__), key=lambda one: one.name):
        loaded = importlib.import_module(f"{experiments.__name__}.{module.name}")
        found = vars(loaded).get("EXPERIMENT")
        if isinstance(found, Experiment):
            yield _About(found.name, found.title, found.claims)
        elif module.name == POCKET:  # run in sittings, so not what `Experiment` calls
            yield _About(POCKET, "Pocket models: edits against whole programs, and formats", CLAIMS)


def _section(experiment: _About, found: Recorded) -> str:
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
{_ABOUT.get(experiment.name, "")}"""


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
    if seconds >= 7_200:
        return f"{seconds / 3600:.1f} hours"
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
