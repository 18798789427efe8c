"""The two adapters of SmolLM2-135M that ship, and what they write for the problems that ship.

    python -m lintseq_core.experiments.shipped_adapters --mined mined.jsonl -o runs/shipped

One writes edits, its twin whole programs: same instructions, same steps. Trained on data whose
licences allow it: MBPP (CC BY 4.0) and functions of packages under permissive licences. Run in a
checkout: adapters go to assets/adapters, what they write to assets/generations.
"""

from __future__ import annotations

import json
import math
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from lintseq_core.data.files import whole_file
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.small_models import command_of, run_as_module, run_settings
from lintseq_core.experiments.small_models_arms import Arm, Command, Layout, Settings, run_commands
from lintseq_core.models.adapters import compact_adapter

NAME = "shipped_adapters"
SETTINGS = Settings(
    model="smollm2-135m", steps=100, batch_size=16, micro_batch=1, learning_rate=1e-3,
    precision="bf16", lora_rank=8, max_length=512, n_mined=1_500,
    max_prompt_tokens=120, max_program_tokens=150,
    arms=(Arm("lintseq", "edits"), Arm("whole", "whole")), suites=(),
    n_samples=20, temperatures=(0.8,), max_tokens=200,
)  # fmt: skip
ADAPTERS = {"lintseq": "smollm2-135m-lintseq", "whole": "smollm2-135m-whole"}
"""Arm -> the short name of its adapter."""
N_TRACED = 4
"""Samples of each problem whose every step ships; of the other samples only the program."""
N_HELD_OUT = 100


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
        """95 % Wilson interval of the share that is well formed."""
        z, p = 1.96, self.well_formed / self.n
        middle = (p + z * z / (2 * self.n)) / (1 + z * z / self.n)
        half = z * math.sqrt(p * (1 - p) / self.n + z * z / (4 * self.n**2)) / (1 + z * z / self.n)
        return middle - half, middle + half


def sampling_commands(generations: Path, work: Path, device: str) -> Iterator[Command]:
    """Samples of both adapters for the problems that ship: programs of 20, every step of four."""
    values = ["--temperature", "0.8", "--top-p", f"{SETTINGS.top_p:g}", "--seed", "1"]
    values += ["--max-tokens", str(SETTINGS.max_tokens), "--device", device]
    for arm, name in ADAPTERS.items():
        way = ["--stepwise"] if arm == "lintseq" else []
        asked = ["generate", "-b", "basics", "--model", name, *way, *values]
        traced = generations / "traces" / name
        arguments = [*asked, "-n", str(N_TRACED), "-o", str(traced), "--allow-execution"]
        yield Command("sample", (*arguments,), traced / "samples.jsonl")
        many = work / name
        arguments = [*asked, "-n", str(SETTINGS.n_samples), "-o", str(many)]
        yield Command("sample", (*arguments,), many / "samples.jsonl")
        results = generations / f"{name}.jsonl"
        arguments = ["evaluate", str(many / "samples.jsonl"), "-b", "basics", "-o", str(results)]
        yield Command("evaluate", (*arguments, "--allow-execution", "--each-test"), results)


def held_out(mined: Path, used: Path, n: int, *, seed: int = 0) -> list[str]:
    """`n` instructions of `mined` that fit and are not in `used`."""
    from lintseq_core.models.load import load_encoder

    encoder = load_encoder(SETTINGS.model)
    taken = {json.loads(line)["instruction"] for line in used.read_text("utf-8").splitlines()}
    rows = [json.loads(line) for line in mined.read_text("utf-8").splitlines()]
    random.Random(seed + 1).shuffle(rows)

    def fits(row: dict[str, str]) -> bool:
        texts = [row["instruction"], row["response"]]
        prompt, program = (len(ids) for ids in encoder.encode(texts))
        is_short = prompt <= SETTINGS.max_prompt_tokens and program <= SETTINGS.max_program_tokens
        return is_short and row["instruction"] not in taken

    found: list[str] = []
    for row in rows:
        if len(found) == n:
            return found
        if fits(row):
            found.append(row["instruction"])
    raise LintSeqError(f"{mined}: only {len(found)} instructions are held out, {n} are needed")


def measure_well_formed(model: str, instructions: list[str], *, device: str) -> WellFormed:
    """Greedy answers of `model`, edit by edit, after the strict parser."""
    import hashlib

    from lintseq_core.generation.request import GenerationRequest, run_model
    from lintseq_core.generation.sampling import SamplingSettings
    from lintseq_core.generation.trace import gather_trace
    from lintseq_core.linting import get_linter, run_linter
    from lintseq_core.models.devices import choose_device
    from lintseq_core.models.load import load_model

    place = choose_device(device)
    loaded = load_model(model, dtype="float32" if place == "cpu" else "bfloat16", device=place)
    linter = get_linter("pyflakes")
    kinds: Counter[str] = Counter()
    whole = only_counts = compiles = clean = 0
    settings = SamplingSettings(temperature=0.0, max_tokens=SETTINGS.max_tokens)
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
    layout, command = Layout(output), command_of(NAME)
    run_settings(
        NAME, "cpu", SETTINGS, output,
        command=command, mined=mined, stages=("data", "train"), device=device,
    )  # fmt: skip
    for arm in SETTINGS.arms:
        target = assets / "adapters" / ADAPTERS[arm.name]
        if not (target / "adapter_model.safetensors").exists():
            compact_adapter(layout.run(arm, arm.seeds[0]) / "model", target)
    generations = assets / "generations"
    work = output / "samples"
    run_commands(sampling_commands(generations, work, device), output)
    (generations / "samples").mkdir(exist_ok=True)
    for name in ADAPTERS.values():
        shutil.copyfile(work / name / "samples.jsonl", generations / "samples" / f"{name}.jsonl")
    path = output / "well_formed.json"
    if n_held_out and not path.exists():
        asked = held_out(mined, layout.instructions, n_held_out)
        measured = measure_well_formed(ADAPTERS["lintseq"], asked, device=device)
        with whole_file(path) as file:
            file.write((json.dumps(asdict(measured), indent=1) + "\n").encode())
    known = path.exists()
    found = WellFormed(**json.loads(path.read_text(encoding="utf-8"))) if known else None
    from lintseq_core.experiments.shipped_report import write_report

    write_report(found, layout, assets, work, command=command)


if __name__ == "__main__":
    run_as_module(main, NAME)
