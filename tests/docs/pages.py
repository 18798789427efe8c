"""The pages a reader meets, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "notebooks" / "README.md"]
)
READ_ON = [*PAGES, ROOT / "perf" / "RESULTS.md", *sorted((ROOT / "assets").glob("*/README.md"))]
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@cache
def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def prose(page: Path) -> str:
    """Without code blocks and code: what they hold is no link."""
    text = re.sub(r"^ *```.*?^ *```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", lambda code: code[0] if "](" not in code[0] else "", text)


def links(page: Path) -> list[str]:
    return _LINK.findall(prose(page))


@cache
def anchors(page: Path) -> frozenset[str]:
    """What GitHub calls the headings of a page."""
    body = re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ +(.+)$", body, re.MULTILINE)
    return frozenset(
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-")
        for heading in headings
    )


def commands(page: Path) -> Iterator[str]:
    """Every command line in a code block, continuation lines joined, comments left out."""
    for language, block in re.findall(
        r"^ *```(\w*)\n(.*?)^ *```", text_of(page), re.DOTALL | re.MULTILINE
    ):
        if language not in ("", "console", "sh", "bash"):
            continue
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"\s[|>]\s|&&", re.sub(r"(^|\s)#.*", "", line)):
                yield part.strip().removeprefix("$ ")
