"""Verdicts of evalplus 0.3.1, for comparison; runs in an environment that has it, without ours.

    python evalplus_peer.py HumanEvalPlus.jsonl.gz|MbppPlus.jsonl.gz < PROGRAMS > VERDICTS

PROGRAMS: one JSON object a line, {"task_id": ..., "source": ...}, grouped by task. VERDICTS: one
line each, in order, {"task_id": ..., "base": ..., "plus": ...} in EvalPlus' words (pass, fail,
timeout). The expected answers are computed from the reference each time: EvalPlus' own cache of
them is a pickle in the user's home.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import itertools
import json
import sys
import types
from pathlib import Path

import evalplus

# evalplus.data imports packages that fetch data, which is not wanted here: only its parser is.
_DATA = types.ModuleType("evalplus.data")
_DATA.__path__ = [str(Path(evalplus.__path__[0], "data"))]
sys.modules["evalplus.data"] = _DATA
_DATASETS = types.ModuleType("datasets")
_DATASETS.load_dataset = None
sys.modules["datasets"] = _DATASETS

from evalplus.data.mbpp import mbpp_deserialize_inputs  # noqa: E402
from evalplus.eval import untrusted_check  # noqa: E402
from evalplus.eval._special_oracle import MBPP_OUTPUT_NOT_NONE_TASKS  # noqa: E402
from evalplus.gen.util import trusted_exec  # noqa: E402


def main() -> None:
    with gzip.open(Path(sys.argv[1]), "rt") as file:
        problems = {row["task_id"]: row for row in map(json.loads, file)}
    programs = map(json.loads, sys.stdin)
    for task_id, group in itertools.groupby(programs, key=lambda program: program["task_id"]):
        problem = problems[task_id]
        kind = "mbpp" if task_id.startswith("Mbpp") else "humaneval"
        name = problem["entry_point"]
        inputs = [problem["base_input"], problem["plus_input"] or []]
        if kind == "mbpp":
            inputs = [mbpp_deserialize_inputs(task_id, part) for part in inputs]
        reference = problem["prompt"] + problem["canonical_solution"]
        not_none = kind == "mbpp" and name in MBPP_OUTPUT_NOT_NONE_TASKS
        with contextlib.redirect_stdout(io.StringIO()):
            known = [
                trusted_exec(reference, part, name, record_time=True, output_not_none=not_none)
                for part in inputs
            ]
        for program in group:
            told = [
                untrusted_check(
                    kind,
                    program["source"],
                    part,
                    name,
                    expected,
                    problem["atol"],
                    times,
                    fast_check=True,
                    min_time_limit=4.0,
                )[0]
                if len(part)
                else "pass"
                for part, (expected, times) in zip(inputs, known, strict=True)
            ]
            row = {"task_id": task_id, "base": told[0], "plus": told[1]}
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
