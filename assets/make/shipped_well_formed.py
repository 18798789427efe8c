"""How many greedy answers of the adapter that ships are edits that the strict parser takes."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.shipped_settings import SETTINGS
from lintseq_core.metrics.intervals import share_interval


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

    from lintseq_core.generation.request import run_model
    from lintseq_core.generation.sampling import SamplingSettings
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
