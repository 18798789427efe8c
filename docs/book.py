"""The parts of the book that are read off the project: contents, commands, docstrings.

A Sphinx extension. Contents are the links of docs/README.md and all notebooks; the reference
pages, which are made anew at each build in build/reference/, come from the command line's own
help and from the docstrings of every module. Nothing here is checked in twice.
"""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

import typer.main

import lintseq_core
from lintseq_core.cli import app as command_line

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
CONTENTS = ROOT / "docs" / "README.md"
REFERENCE = ROOT / "build" / "reference"
STAGES = (
    "programs", "linting", "edits", "benchmarks", "data", "execution", "models", "training",
    "generation", "metrics", "results", "experiments", "charts", "viewer",
)  # fmt: skip
_LINK = re.compile(r"\[([^\]]+)\]\(([^)#]+)\)")
_CODE = re.compile(r"(`[^`]+`)")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("builder-inited", lambda app: write_reference(REFERENCE, app.tags))
    app.connect("source-read", add_contents)
    # The contents change with the files that they name, so they are read at each build.
    app.connect("env-get-outdated", lambda app, *_: [app.config.root_doc])
    app.connect("autodoc-process-docstring", as_rest)
    app.connect("build-finished", write_entrance)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def sections(text: str) -> dict[str, list[tuple[str, str]]]:
    """Words and target of the first link of each list item, by the heading it stands under."""
    found: dict[str, list[tuple[str, str]]] = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("## "):
            heading = line[3:].strip()
        elif line.startswith("- ") and heading and (link := _LINK.search(line)):
            found.setdefault(heading, []).append((link[1], link[2]))
    return found


def add_contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Give the page of contents the tables that Sphinx builds its navigation from."""
    if name != app.config.root_doc:
        return
    for heading, targets in sections(source[0]).items():
        entries = [f"{words} </docs/{target}>" for words, target in targets]
        if heading == "Notebooks":
            entries += [f"/{path}" for path in notebooks()]
        if heading == "Project":
            entries += [f"/{path}" for path in unlisted(source[0])]
        if heading == "Reference":
            entries += [f"/build/reference/{path.name}" for path in sorted(REFERENCE.glob("*.md"))]
        source[0] += "\n".join(
            ("", "```{toctree}", ":hidden:", f":caption: {heading}", "", *entries, "```", "")
        )


def unlisted(text: str) -> list[str]:
    """Pages of assets/ that the contents do not name: newer than the list, or a card of a model."""
    listed = {target for targets in sections(text).values() for _, target in targets}
    pages = sorted(path.relative_to(ROOT) for path in (ROOT / "assets").rglob("README.md"))
    return [str(page) for page in pages if f"../{page}" not in listed]


def notebooks() -> list[str]:
    """Every notebook of the series, in its order."""
    return [f"notebooks/{path.name}" for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))]


def write_reference(folder: Path, tags: Container[str] = ()) -> None:
    """Write the reference pages: the commands, the public names, each stage's modules.

    With the tag `quick` (`sphinx -t quick`), only a stage or two, to see the rest of the book.
    """
    stages = STAGES[:3] if "quick" in tags else STAGES
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"01_commands.md": commands_page(), "02_public_names.md": public_page()}
    for number, stage in enumerate(stages, start=3):
        pages[f"{number:02}_{stage}.md"] = stage_page(stage)
    for stale in folder.glob("*.md"):
        if stale.name not in pages:
            stale.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def public_page() -> str:
    """The names of `lintseq_core.__all__`, which stay as they are between minor versions."""
    names = [
        f".. {'autoclass' if isinstance(getattr(lintseq_core, name), type) else 'autofunction'}"
        f":: lintseq_core.{name}"
        for name in lintseq_core.__all__
        if callable(getattr(lintseq_core, name))
    ]
    body = "\n\n".join(f"{name}\n   :members:" if "class::" in name else name for name in names)
    return f"# The public names\n\n```python\nimport lintseq_core\n```\n\n{_rest(body)}"


def stage_page(stage: str) -> str:
    """Every public module of one stage."""
    package = f"lintseq_core.{stage}"
    parts = [f"# {package}", _rest(_automodule(package, members=False))]
    folder = ROOT / "lintseq_core" / stage
    for module in pkgutil.walk_packages([str(folder)], f"{package}."):
        if not any(part.startswith("_") for part in module.name.split(".")):
            title = module.name.removeprefix(f"{package}.")
            parts += [f"## {title}", _rest(_automodule(module.name, members=True))]
    return "\n\n".join(parts) + "\n"


def commands_page() -> str:
    """What `lintseq COMMAND --help` says, of every command."""
    parts = ["# Commands", "What `lintseq COMMAND --help` says."]
    root = typer.main.get_command(command_line)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        parts += _command_parts(f"lintseq {name}", command)
    return "\n\n".join(parts) + "\n"


def _command_parts(name: str, command) -> list[str]:  # type: ignore[no-untyped-def]
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join((name, *command.collect_usage_pieces(context)))
    parts = [f"## {name}", f"```text\n{usage}\n```", _help_text(command.help or "")]
    rows = [
        record
        for param in command.get_params(context)
        if param.name != "help" and (record := param.get_help_record(context))
    ]
    if rows and not hasattr(command, "commands"):
        table = [f"| `{_cell(option)}` | {_cell(text)} |" for option, text in rows]
        parts.append("\n".join(("| option | meaning |", "|---|---|", *table)))
    for child, subcommand in getattr(command, "commands", {}).items():
        parts += _command_parts(f"{name} {child}", subcommand)
    return parts


def _help_text(text: str) -> str:
    """Typer's help as Markdown: what stands behind \\b is shown as it is."""
    blocks = [block.strip("\n") for block in re.split(r"\n\s*\n", text)]
    return "\n\n".join(
        f"```text\n{block.split(chr(8), 1)[1].strip(chr(10))}\n```" if "\b" in block else block
        for block in blocks
    )


def _cell(text: str) -> str:
    return (
        text.replace("|", "\\|").replace("<", "&lt;") if "`" in text else text.replace("|", "\\|")
    )


def _automodule(name: str, *, members: bool) -> str:
    # What a package hands on stands where it is defined, and would be there twice.
    own = "\n   :members:\n   :ignore-module-all:" if members else ""
    return f".. automodule:: {name}{own}"


def _rest(text: str) -> str:
    return f"```{{eval-rst}}\n{text}\n```"


def as_rest(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Turn a docstring, which is plain text with `code` in backticks, into what Sphinx reads.

    A paragraph with indented lines in it is a table or code: it is shown as it stands.
    """
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip("\n"))
    rest: list[str] = []
    for paragraph in paragraphs:
        if paragraph.lstrip().startswith((">>> ", "- ")):
            rest.append(paragraph if ">>> " in paragraph else _escaped(paragraph))
        elif re.search(r"^\s", paragraph, re.MULTILINE):
            rest.append("::\n\n" + "\n".join(f"   {line}" for line in paragraph.splitlines()))
        else:
            rest.append(_escaped(paragraph))
    lines[:] = [*"\n\n".join(rest).splitlines(), ""]


def _escaped(text: str) -> str:
    pieces = _CODE.split(text)
    pieces[1::2] = [f"`{piece}`" for piece in pieces[1::2]]
    pieces[0::2] = [re.sub(r"([\\*|_`])", r"\\\1", piece) for piece in pieces[0::2]]
    return "".join(pieces)


def write_entrance(app: Sphinx, error: Exception | None) -> None:
    """An index.html that leads to the first page."""
    if error is None and app.builder.name == "html":
        page = f'<meta http-equiv="refresh" content="0; url={app.config.root_doc}.html">'
        Path(app.outdir, "index.html").write_text(f"<!doctype html>\n{page}\n", "utf-8")
