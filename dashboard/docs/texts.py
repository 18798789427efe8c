"""The documentation that ships with a checkout: which files, and how their links lead on here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("docs/*.md", "*.md", "notebooks/README.md", "assets/results/*.md", "perf/*.md")
FIRST = "docs/README.md"
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")


@cache
def documents(root: Path = ROOT) -> Mapping[str, Path]:
    """The files by their path in the checkout, `FIRST` first; none where they are not."""
    if not (root / FIRST).is_file():
        return {}
    found = [path for place in PLACES for path in sorted(root.glob(place))]
    names = [path.relative_to(root).as_posix() for path in found]
    return {FIRST: root / FIRST} | dict(zip(names, found, strict=True))


def title_of(path: Path) -> str:
    """What stands in the first heading."""
    with path.open(encoding="utf-8") as lines:
        heading = next((line for line in lines if line.startswith("# ")), f"# {path.stem}")
    return heading[2:].strip()


def parts_of(name: str, documents: Mapping[str, Path]) -> list[tuple[str, Path | None]]:
    """The text of `name` in parts: Markdown, or words and the picture they describe.

    A link to another document leads to it on this page, one to a file that no page shows is left
    as words, and one to the web stays.
    """
    path = documents[name]
    parts: list[tuple[str, Path | None]] = []
    told: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        picture = _LINK.fullmatch(line.strip())
        if picture and picture[1] and (file := (path.parent / picture[3])).is_file():
            parts += [("\n".join(told), None), (picture[2], file)]
            told = []
        else:
            told.append(line)
    parts.append(("\n".join(told), None))
    lead = _leads(path.parent, {file.resolve(): known for known, file in documents.items()})
    return [(text if file else _outside_code(text, lead), file) for text, file in parts]


def _leads(folder: Path, known: Mapping[Path, str]) -> Callable[[re.Match[str]], str]:
    def lead(match: re.Match[str]) -> str:
        sign, words, target = match.groups()
        if sign or "://" in target or target.startswith(("#", "mailto:")):
            return match[0]
        file, _, heading = target.partition("#")
        name = known.get((folder / file).resolve())
        if name is None:
            return words
        return f"[{words}](docs?text={quote(name)}{'#' if heading else ''}{heading})"

    return lead


def _outside_code(text: str, lead: Callable[[re.Match[str]], str]) -> str:
    """`text` with its links led on, but for those in fences."""
    pieces = re.split(r"(^```.*?^```$)", text, flags=re.M | re.S)
    return "".join(p if at % 2 else _LINK.sub(lead, p) for at, p in enumerate(pieces))
