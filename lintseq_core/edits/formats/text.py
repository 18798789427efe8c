"""Model text: how edits are written for a model, and how a model's output is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from lintseq_core.edits.formats.faults import EditParseError, ParsedEdits
from lintseq_core.edits.formats.format import BORDER, DIFF_MARKER
from lintseq_core.edits.formats.reading import Reader
from lintseq_core.edits.formats.registry import UNIFIED, get_format
from lintseq_core.edits.hunks import Edit, insert_hunks
from lintseq_core.errors import LintSeqError


def model_text(
    edits: Iterable[Edit],
    *,
    instruction: str = "",
    eos: str = "",
    base: str = "",
    edit_format: str = UNIFIED,
) -> str:
    """`instruction`, each edit after "\\n<|diff|>", two empty edits as the close, `eos`.

    `base` is the program that the first edit applies to.
    """
    pieces = [*get_format(edit_format).write_edits(edits, lines_of(base)), "", ""]
    return instruction + "".join(f"{BORDER}{piece}" for piece in pieces) + eos


def parse_edits(
    text: str,
    *,
    strict: bool = True,
    eos: str = "",
    base_line_count: int = 0,
    base: str | None = None,
    edit_format: str = UNIFIED,
) -> ParsedEdits:
    """The edits in `text`: model text without its instruction, or unified diffs.

    `strict` raises EditParseError with every fault. Otherwise hunks that are no insertion are
    skipped, the others placed by what they say (appended beyond the end, and where their text is
    not in the program), and `faults` reports each.
    Text without a line that starts with `<|diff|>` is read as diffs, which need no close: with or
    without `---`/`+++` headers, as `git diff -U0` and `diff -U0 -p` write them too. That is so in
    the format "unified" only.
    `base` is the program the first edit applies to; its length alone, `base_line_count`, does for
    formats that go by numbers.
    """
    chosen = get_format(edit_format)
    if base is None and base_line_count and chosen.name not in ("unified", "placed"):
        raise LintSeqError(f"the format {chosen.name} goes by the text of lines: give base")
    before = [""] * base_line_count if base is None else lines_of(base)
    parsed = Reader(text.removesuffix(eos) if eos else text, chosen, before).read()
    if strict and parsed.faults:
        raise EditParseError(parsed.faults)
    return parsed


def apply_edits(edits: Iterable[Edit], base: str = "") -> str:
    """The program after all `edits`, inserted into `base`; every line ends in "\\n"."""
    lines = lines_of(base)
    for edit in edits:
        insert_hunks(lines, edit)
    return "".join(f"{line}\n" for line in lines)


def in_unified(text: str, edit_format: str) -> str:
    """Edit text in the paper's format, for readers that know no other: leniently read.

    Text that is in it already stays as it is, faults included.
    """
    if edit_format == UNIFIED:
        return text
    return model_text(parse_edits(text, strict=False, edit_format=edit_format).edits)


def lines_of(program: str) -> list[str]:
    """The lines of `program`, split at "\\n" alone; a last one need not end in it."""
    return program.removesuffix("\n").split("\n") if program else []


def likely_format(text: str) -> str | None:
    """The format that most hunks in `text` look like; None where there is no hunk."""
    looks = hunk_looks([text])
    return max(looks, key=looks.__getitem__) if looks else None


def hunk_looks(texts: Iterable[str]) -> Counter[str]:
    """How many hunks of `texts` look like each format, by their first lines.

    `@@` alone stands in two formats and says nothing, unless there is nothing else.
    """
    looks: Counter[str] = Counter()
    n_bare = 0
    for text in texts:
        lines = [line.removeprefix(DIFF_MARKER) for line in text.split("\n")]
        for header, following in zip(lines, [*lines[1:], ""], strict=True):
            if header.startswith("@@"):
                look = _look(header, following)
                looks.update([look] if look else [])
                n_bare += look is None
    return looks or Counter({"anchored": n_bare} if n_bare else {})


def format_remedy(text: str, asked: str, *, told: str = "--edit-format") -> str:
    """What to add of `text` that is written in another format than `asked`; "" where it is not.

    `told` is where the format is named.
    """
    looks = likely_format(text)
    if looks is None or looks == asked:
        return ""
    return f"; the hunks look {looks}, not {asked}: {told} {looks}"


def _look(header: str, following: str) -> str | None:
    """Which format one hunk looks like; None: it may be anchored, or search and replace."""
    for name in ("unified", "placed"):
        if get_format(name).header.fullmatch(header):
            return name
    if get_format("search_replace").header.fullmatch(header):
        return "search_replace" if following.startswith("-") else None
    return "anchored" if get_format("anchored").header.fullmatch(header) else "unified"


def edit_texts(
    edits: Sequence[Edit], *, base: str = "", edit_format: str = UNIFIED
) -> tuple[str, ...]:
    """The text of each edit, without markers."""
    return tuple(get_format(edit_format).write_edits(edits, lines_of(base)))
