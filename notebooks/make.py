"""Writes the notebooks: pairs .py with .ipynb, runs them, keeps what a reader needs, and README.

    python notebooks/make.py            # all of them, on the profile in their parameters cell
    python notebooks/make.py 01 06      # some

A second run changes nothing: no times, no counts, no widget state is kept. How long a notebook
takes stands in timings.json and is measured again when its text has changed, or with --measure.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PLOTLY = "application/vnd.plotly.v1+json"
CELL_TIMEOUT_S = 300
METADATA = {
    "jupytext": {"formats": "ipynb,py:percent"},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
BADGE = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
_REQUIREMENT = re.compile(r'(lintseq-core\[[a-z,]+\])(?: @ git\+[^"\']*)?(?=["\'])')


@dataclass(frozen=True)
class Ran:
    """An executed notebook and the seconds it took."""

    notebook: Any
    seconds: float


def names() -> list[str]:
    """The notebooks without their suffix, in order."""
    return sorted(path.stem for path in FOLDER.glob("[0-9][0-9]_*.py"))


def read(name: str) -> Any:
    """The notebook `name` from its text, ready to run, with ids that stay."""
    notebook = jupytext.read(FOLDER / f"{name}.py")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"
    return notebook


def run(notebook: Any, *, profile: str | None = None, folder: Path | None = None) -> Ran:
    """Execute `notebook`; with `profile`, in place of the one in its parameters cell.

    The first error ends it (nbclient.exceptions.CellExecutionError).
    """
    if profile is not None:
        for cell in notebook.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = re.sub(r'^profile = ".*"', f'profile = "{profile}"', cell.source)
    start = time.perf_counter()
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder or FOLDER)}},
        store_widget_state=False,
    )
    client.execute()
    return Ran(notebook, time.perf_counter() - start)


def profile_of(notebook: Any) -> str:
    """The profile in the parameters cell of `notebook`; smoke where it has none."""
    cells = (c.source for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    found = re.search(r'^profile = "(.*)"', "\n".join(cells), re.MULTILINE)
    return found.group(1) if found else "smoke"


def with_repository(text: str, name: str, repository: str | None) -> str:
    """`text` with the Colab badge and the requirement of this repository, or without any.

    >>> with_repository("# # Title\\n#\\n", "00_quickstart", None)
    '# # Title\\n#\\n'
    """
    text = re.sub(r"^# \[!\[Open in Colab\].*\n#\n", "", text, flags=re.MULTILINE)
    place = f" @ git+{repository}" if repository else ""
    text = _REQUIREMENT.sub(lambda found: found.group(1) + place, text)
    if repository is None or "github.com/" not in repository:
        return text
    slug = repository.split("github.com/")[1].removesuffix(".git").strip("/")
    link = f"https://colab.research.google.com/github/{slug}/blob/main/notebooks/{name}.ipynb"
    return re.sub(
        r"^(# # .*\n#\n)", rf"\g<1># {BADGE}({link})\n#\n", text, count=1, flags=re.MULTILINE
    )


def repository() -> str | None:
    """project.urls.Repository; None while it is not set."""
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text())["project"]
    found: str | None = project.get("urls", {}).get("Repository")
    return found


def write(notebook: Any, path: Path) -> None:
    """Put the notebook at `path` as JSON that is the same for the same notebook."""
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def kept(notebook: Any) -> Any:
    """The executed notebook without what changes from run to run or needs a kernel."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        cell.metadata.pop("jupyter", None)
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if output.output_type in ("display_data", "execute_result"):
                output.metadata = {}
    return notebook


def faults(notebook: Any) -> list[str]:
    """What a reader must not meet: errors, stored widget state, outputs that need a kernel."""
    found = ["widget state is stored"] if "widgets" in notebook.metadata else []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if output.output_type == "error":
                found.append(f"{cell['id']}: {output.ename}: {output.evalue}")
            if output.output_type == "stream" and output.name == "stderr":
                found.append(f"{cell['id']}: says on stderr: {output.text[:200]}")
            live = [kind for kind in data if kind in (WIDGET_VIEW, PLOTLY)]
            if live and not {"text/html", "image/png"} & set(data):
                found.append(f"{cell['id']}: {live[0]} has no static twin")
            if "cdn." in json.dumps(data):
                found.append(f"{cell['id']}: fetches from a CDN")
    return found


def _digest(name: str) -> str:
    return hashlib.sha256((FOLDER / f"{name}.py").read_bytes()).hexdigest()[:16]


def main(arguments: list[str]) -> None:
    from readme import write_readme

    measure = "--measure" in arguments
    wanted = [one for one in arguments if not one.startswith("--")]
    unknown = [one for one in wanted if not any(name.startswith(one) for name in names())]
    if unknown:
        sys.exit(f"{unknown[0]}: no such notebook; there are {', '.join(names())}")
    timings_path = FOLDER / "timings.json"
    timings = json.loads(timings_path.read_text()) if timings_path.is_file() else {}
    for name in names():
        if wanted and not any(name.startswith(one) for one in wanted):
            continue
        path = FOLDER / f"{name}.py"
        text = path.read_text(encoding="utf-8")
        fitted = with_repository(text, name, repository())
        if fitted != text:
            path.write_text(fitted, encoding="utf-8")
        ran = run(read(name))
        if wrong := faults(ran.notebook):
            sys.exit(f"{name}: {wrong[0]}")
        write(kept(ran.notebook), FOLDER / f"{name}.ipynb")
        print(f"{name}.ipynb: {ran.seconds:.0f} s", flush=True)
        if measure or timings.get(name, {}).get("text") != _digest(name):
            cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
            timings[name] = {
                "text": _digest(name),
                "seconds": round(ran.seconds),
                "hardware": f"{cores or os.cpu_count()} CPU cores",
            }
            if (profile := profile_of(ran.notebook)) != "smoke":
                timings[name]["profile"] = profile
    timings_path.write_text(json.dumps(timings, indent=1, sort_keys=True) + "\n")
    write_readme(FOLDER, timings)


if __name__ == "__main__":
    main(sys.argv[1:])
