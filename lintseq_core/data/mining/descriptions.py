"""A docstring as the description of a task."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

# Sections that say what the code must do, and what they are called in an instruction.
_KEPT = {
    "args": "Arguments", "arguments": "Arguments", "params": "Arguments",
    "parameters": "Arguments", "keyword arguments": "Keyword arguments",
    "other parameters": "Other arguments",
    "return": "Returns", "returns": "Returns", "yield": "Yields", "yields": "Yields",
    "raise": "Raises", "raises": "Raises", "attributes": "Attributes",
}  # fmt: skip
_EXAMPLES = {"example", "examples", "usage", "doctest", "doctests"}
_LEFT_OUT = {
    "author", "authors", "changelog", "history", "keywords", "license", "methods", "note", "notes",
    "references", "reference", "see also", "seealso", "todo", "todos", "version", "warning",
    "warnings", "warns", "copyright", "complexity", "implementation notes", "explanation", "tests",
    "see",
}  # fmt: skip
_FIELD_SECTION = {
    "param": "Arguments", "parameter": "Arguments", "arg": "Arguments", "argument": "Arguments",
    "key": "Arguments", "keyword": "Arguments", "type": "Arguments", "kwarg": "Arguments",
    "return": "Returns", "returns": "Returns", "rtype": "Returns",
    "yield": "Yields", "yields": "Yields",
    "raise": "Raises", "raises": "Raises", "except": "Raises",
    "ivar": "Attributes", "cvar": "Attributes",
}  # fmt: skip
_FIELD = re.compile(r"[:@]([a-zA-Z]+)(?:\s+([^:]*?))?\s*:(?:\s+(.*))?$")
_UNDERLINE = re.compile(r"([-=~^*+#])\1{2,}$")
_DIRECTIVE = re.compile(r"\.\. [\w:-]+::")
_ROLE = re.compile(r":(?:[\w+.-]+:)*[\w+.-]+:`([^`]*)`")
# What announced an example that no longer follows.
_LEAD_IN = re.compile(
    r"(?i)(^|\n|(?<=[.!?])\s+)(for |some |an |here are |basic |simple )*"
    r"(e\.g\.?|i\.e\.?|examples?|usage|use|doctests?)( of use| usage)?\s*[:,.]*\s*$"
)
_EPYDOC = re.compile(r"\b[BCILMU]\{([^{}]*)\}")
_LINK = re.compile(r"`([^`<]*?)\s*<[^`>]*>`_{1,2}")


@dataclass(frozen=True, slots=True)
class Description:
    """The parts of a docstring an instruction is made of."""

    prose: str
    """Paragraphs in front of the first section; "" if there are none."""
    sections: tuple[tuple[str, str], ...]
    """(title, text) of those that say what to do, in their order."""
    examples: str
    """Interactive examples, or ""."""


def read_description(docstring: str) -> Description:
    """The parts of a docstring in numpy's, Google's, Sphinx's or Epydoc's style, or in none."""
    prose: list[str] = []
    examples: list[str] = []
    sections: dict[str, list[str]] = {}
    target: list[str] | None = prose
    lines = _without_directives(inspect.cleandoc(docstring).expandtabs(4).split("\n"))
    index = 0
    while index < len(lines):
        line = lines[index]
        title, used = _title(lines, index)
        if title is not None:
            if title in _KEPT:
                target = sections.setdefault(_KEPT[title], [])
            else:
                target = examples if title in _EXAMPLES else None
            index += used
            continue
        field = _FIELD.match(line.strip()) if target is not prose or line[:1] in ":@" else None
        if field is not None and (kind := field[1].lower()) in _FIELD_SECTION:
            target = sections.setdefault(_FIELD_SECTION[kind], [])
            text = ": ".join(part for part in (field[2], field[3]) if part)
            if kind in ("type", "rtype"):
                text = f"{field[2]}: {field[3]}" if field[2] else f"{field[3] or ''}"
            target.append(f"    {text}".rstrip())
        elif line.lstrip().startswith(">>>"):
            example, index = _example(lines, index)
            examples += [*example, ""]
            continue
        elif target is not None:
            target.append(line)
        index += 1
    return Description(
        prose=_flowing(_LEAD_IN.sub("", _tidied(prose)).rstrip()),
        sections=tuple((title, text) for title, of in sections.items() if (text := _tidied(of))),
        examples=_only_interactive(examples),
    )


def _title(lines: list[str], index: int) -> tuple[str | None, int]:
    """The section that begins on this line, in lower case, and how many lines its title takes."""
    line = lines[index]
    below = lines[index + 1].strip() if index + 1 < len(lines) else ""
    name = line.strip().rstrip(":").strip("*").lower()
    if line.strip() and _UNDERLINE.match(below) and len(line.strip()) < 40:
        return name, 2
    known = name in _KEPT or name in _EXAMPLES or name in _LEFT_OUT
    if known and line.rstrip().endswith(":") and not line.startswith("  "):
        return name, 1
    return None, 0


def _example(lines: list[str], index: int) -> tuple[list[str], int]:
    """The interactive example that begins on this line, dedented, and the index after it."""
    end = index
    while end < len(lines) and lines[end].strip():
        end += 1
    indent = len(lines[index]) - len(lines[index].lstrip())
    return [
        line[indent:] if not line[:indent].strip() else line.strip() for line in lines[index:end]
    ], end


def _only_interactive(lines: list[str]) -> str:
    kept: list[str] = []
    inside = False
    for line in lines:
        inside = line.startswith(">>>") or (inside and bool(line.strip()))
        if inside:
            kept.append(line.rstrip())
    return "\n".join(kept)


def _without_directives(lines: list[str]) -> list[str]:
    """The lines without `.. directive::` blocks and `.. [1]` footnotes."""
    kept: list[str] = []
    inside: int | None = None
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if inside is not None and (not line.strip() or indent > inside):
            continue
        inside = None
        if _DIRECTIVE.match(line.strip()) or line.strip().startswith((".. [", ".. _")):
            inside = indent
            continue
        kept.append(line)
    return kept


def _tidied(lines: list[str]) -> str:
    """The lines as plain text: no reST markup, no blank lines around or in pairs."""
    text = "\n".join(line.rstrip() for line in lines)
    text = _ROLE.sub(lambda match: f"`{_shown(match[1])}`", text)
    text = _EPYDOC.sub(r"`\1`", text)
    text = _LINK.sub(r"\1", text)
    text = text.replace("``", "`")
    text = re.sub(r"\s*\[\d+\]_", "", text)
    text = re.sub(r"::$", ":", text, flags=re.MULTILINE)
    text = re.sub(r"\n{3,}", "\n\n", text)
    return text.strip("\n").rstrip()


def _flowing(text: str) -> str:
    """`text` with the lines of its first paragraph joined, where they are a paragraph."""
    first, blank, rest = text.partition("\n\n")
    lines = first.split("\n")
    if all(re.match(r"[^\s*+\-\d|>#]", line) for line in lines):
        first = " ".join(" ".join(lines).split())
    return first + blank + rest


def first_paragraph(docstring: str, width: int = 200) -> str:
    """The first paragraph of a docstring in one line, cut at a word after `width` characters."""
    prose = read_description(docstring).prose.partition("\n\n")[0]
    text = " ".join(prose.split())
    return text if len(text) <= width else text[:width].rpartition(" ")[0] + " ..."


def _shown(target: str) -> str:
    """What a role shows: `title <target>` its title, `~a.b.c` its last part."""
    title = target.partition(" <")[0]
    return title.removeprefix("!").rpartition(".")[2] if title.startswith("~") else title
