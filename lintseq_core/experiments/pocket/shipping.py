"""The models of a study and what they wrote, laid out for `assets/make/pocket.py`.

    FOLDER/ships/pocket-whole/model/ about.json samples/ results.jsonl results.jsonl.record.json

Of the first seed, at the end of training and T = 1.0: the weights in float16 that drew the samples.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from lintseq_core.data.files import whole_file
from lintseq_core.edits.formats import UNIFIED
from lintseq_core.errors import LintSeqError
from lintseq_core.experiments.pocket.study import Arm, Cell, StudyFolder
from lintseq_core.json_text import json_text
from lintseq_core.results.record import record_path

TEMPERATURE = 1.0


def ships(folder: StudyFolder, cell: Cell) -> bool:
    """Whether the samples and traces of `cell` are those that the explorer opens on."""
    study = folder.study
    asked = (cell.seed, cell.tokens, cell.asked.temperature, cell.tasks)
    return asked == (study.seeds[0], study.tokens, TEMPERATURE, "test")


def lay_out_ships(folder: StudyFolder) -> Path:
    """Lay out what ships; the folder. LintSeqError where the first seed of an arm is not done."""
    output = folder.path / "ships"
    shutil.rmtree(output, ignore_errors=True)
    for arm in folder.arms():
        cell = next(
            cell for cell in folder.cells(arm, folder.study.seeds[0]) if ships(folder, cell)
        )
        results = folder.results(cell.name)
        if not results.is_file():
            raise LintSeqError(f"{results}: not there yet; repeat the command of this study")
        place = output / model_name(arm)
        place.mkdir(parents=True)
        shutil.copytree(folder.asked_model(cell), place / "model")
        (place / "samples").symlink_to(folder.samples(cell.name).resolve())
        shutil.copyfile(results, place / "results.jsonl")
        shutil.copyfile(record_path(results), record_path(place / "results.jsonl"))
        about = {
            "trained_tokens": folder.study.base_tokens + folder.study.tokens,
            "seed": cell.seed,
            "commands": _commands(folder, arm, cell.seed),
        }
        with whole_file(place / "about.json") as file:
            file.write((json_text(about, indent=1) + "\n").encode())
    return output


def model_name(arm: Arm) -> str:
    """What the arm's model is called where it ships."""
    if arm.edit_format is None or arm.taught == "randseq":
        return f"pocket-{arm.taught}"
    return "pocket-lintseq" if arm.edit_format == UNIFIED else f"pocket-{arm.edit_format}"


def _commands(folder: StudyFolder, arm: Arm, seed: int) -> list[str]:
    """What made the model, of those that ran."""
    path = folder.path / "stages.jsonl"
    ran = [json.loads(line)["command"] for line in path.read_text(encoding="utf-8").splitlines()]
    made = [f" -o {folder.data('rows')}", f" -o {folder.data('whole')} "]
    made += [f" -o {folder.data(arm.taught)} ", f" -o {folder.base} "]
    made.append(f" -o {folder.run(arm, seed)} ")
    found = [
        command for output in dict.fromkeys(made) for command in ran if output in f"{command} "
    ]
    return list(dict.fromkeys(command.replace(f"{folder.path}/", "") for command in found))
