"""What a link says: a pasted program as text for the URL, and what is wrong with a link."""

from __future__ import annotations

import base64
import difflib
import zlib
from collections.abc import Collection, Mapping
from urllib.parse import unquote, urlsplit

MAX_CODE_CHARACTERS = 12_000
"""Longest `code` parameter: servers and mail programs cut or refuse much longer links."""
MAX_TEXT_BYTES = 1_000_000
"""Longest program a link may unpack to; a short link can hold zeros by the gigabyte."""
MAX_NUMBER = 2**53 - 1
"""Largest seed or path: the largest whole number a browser can count to."""


def pack_code(text: str) -> str | None:
    """`text` for the `code` parameter, or None if that would be too long."""
    packed = zlib.compress(text.encode("utf-8", "surrogatepass"), 9)
    code = base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")
    return code if len(code) <= MAX_CODE_CHARACTERS else None


def unpack_code(code: str) -> str:
    """The text `pack_code` packed. ValueError, saying why, if the parameter is damaged."""
    unpacker = zlib.decompressobj()
    try:
        packed = base64.b64decode(code + "=" * (-len(code) % 4), altchars=b"-_", validate=True)
        data = unpacker.decompress(packed, MAX_TEXT_BYTES)
        text = data.decode("utf-8", "surrogatepass")
    except (ValueError, zlib.error):  # binascii.Error and UnicodeError are ValueErrors
        raise ValueError("the program in this link is damaged") from None
    if not unpacker.eof:
        what = "too long" if len(data) == MAX_TEXT_BYTES else "cut off"
        raise ValueError(f"the program in this link is {what}")
    return text


def read_number(value: str | None) -> int | None:
    """`value` as a whole number from 0 to MAX_NUMBER, or None."""
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 16:
        return None
    return int(value) if int(value) <= MAX_NUMBER else None


def link_faults(
    parameters: Mapping[str, str],
    *,
    programs: Collection[str],
    methods: Collection[str],
    linters: Collection[str],
    missing_linters: Mapping[str, str],
    labs: Collection[str] = (),
) -> list[str]:
    """What in `parameters` cannot be followed, a sentence each: the page shows its default there.

    `missing_linters` says for each linter that is not installed what to do about it.
    """
    faults = []
    for name, known in (("program", programs), ("method", methods), ("lab", labs)):
        if name in parameters and parameters[name] not in known:
            faults.append(unknown(name, parameters[name], known))
    linter = parameters.get("linter")
    if linter in missing_linters:
        faults.append(f"This link asks for a linter that is not here: {missing_linters[linter]}.")
    elif linter is not None and linter not in linters:
        faults.append(f"There is no linter {_quoted(linter)}; here are {', '.join(linters)}.")
    for name in ("seed", "path", "step"):
        if name in parameters and read_number(parameters[name]) is None:
            faults.append(
                f"The {name} {_quoted(parameters[name])} is not a whole number from 0 on."
            )
    return faults


def unknown_page(url: str | None, known: Collection[str]) -> str:
    """The page that `url` asks for if it is none of the paths `known`, else ""."""
    name = unquote(urlsplit(url or "").path.rstrip("/").rpartition("/")[2])[:80].strip()
    return "" if name in known else name


def unknown(what: str, value: str, known: Collection[str]) -> str:
    """That there is no `what` called `value`, and which of `known` is nearest, if one is near."""
    told = f"There is no {what} {_quoted(value)}"
    by_small = {name.lower(): name for name in known}
    near = difflib.get_close_matches(value[:80].lower(), by_small, n=1, cutoff=0.6)
    return f"{told}; did you mean {by_small[near[0]]}?" if near else f"{told}."


def _quoted(value: str, width: int = 40) -> str:
    return repr(value if len(value) <= width else value[: width - 1] + "…")
