"""The licence of a package as an SPDX expression, and whether an allow-list covers it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from email.message import Message

PERMISSIVE = frozenset(
    """0BSD Apache-2.0 BlueOak-1.0.0 BSD BSD-2-Clause BSD-3-Clause BSL-1.0 CC0-1.0 HPND ISC MIT
    MIT-0 MIT-CMU NCSA PSF-2.0 Python-2.0 Unlicense Zlib ZPL-2.1""".split()  # noqa: SIM905
)
"""What is mined without asking: reuse with the notice kept, no copyleft. "BSD" is what the trove
classifier says, which does not tell how many clauses."""

# What the classifiers and the free text of the metadata call them.
_NAMES: dict[str, tuple[str, ...]] = {
    "0BSD": ("zero-clause bsd license 0bsd",),
    "AGPL": ("gnu affero general public license v3", "agpl", "agplv3"),
    "Apache-2.0": (
        "apache", "apache 2", "apache 2.0", "apache2", "apache license", "apache license 2.0",
        "apache license version 2.0", "apache software license", "apache software license 2.0",
        "asl 2.0",
    ),
    "BSD": ("bsd", "bsd license", "bsd licence", "bsd-like", "bsd-style", "new bsd or mit"),
    "BSD-2-Clause": ("bsd 2-clause", "bsd 2-clause license", "simplified bsd", "bsd-2"),
    "BSD-3-Clause": (
        "3-clause bsd", "3-clause bsd license", "bsd 3", "bsd 3-clause", "bsd 3-clause license",
        "bsd-3", "modified bsd", "modified bsd license", "new bsd", "new bsd license",
        "revised bsd license",
    ),
    "CC0-1.0": ("cc0", "cc0 1.0 universal cc0 1.0 public domain dedication"),
    "GPL": (
        "gpl", "gplv2", "gplv3", "gpl v2", "gpl v3", "gpl-2.0", "gpl-3.0", "gpl3",
        "gnu gpl", "gnu gplv3", "gnu general public license gpl",
        "gnu general public license v2 gplv2", "gnu general public license v3 gplv3",
        "gnu general public license v2 or later gplv2+",
        "gnu general public license v3 or later gplv3+",
    ),
    "HPND": ("hpnd", "historical permission notice and disclaimer hpnd"),
    "ISC": ("isc", "isc license", "isc license iscl"),
    "LGPL": (
        "lgpl", "lgplv2", "lgplv3", "gnu lgpl", "gnu library or lesser general public license lgpl",
        "gnu lesser general public license v2 lgplv2",
        "gnu lesser general public license v2 or later lgplv2+",
        "gnu lesser general public license v3 lgplv3",
        "gnu lesser general public license v3 or later lgplv3+",
    ),
    "MIT": ("mit", "mit license", "the mit license", "the mit license mit", "expat", "mit licence"),
    "MIT-0": ("mit no attribution license mit-0",),
    "MPL-2.0": ("mpl", "mpl 2.0", "mpl2", "mozilla public license 2.0 mpl 2.0"),
    "PSF-2.0": ("psf", "psfl", "python software foundation license", "python license"),
    "Unlicense": ("unlicense", "the unlicense unlicense", "the unlicense"),
    "ZPL-2.1": ("zpl", "zpl 2.1", "zope public license"),
    "Zlib": ("zlib", "zlib/libpng", "zlib/libpng license"),
}  # fmt: skip
_BY_NAME = {name: spdx for spdx, names in _NAMES.items() for name in names}

# Phrases of the licence texts; a text that holds several is under all of them.
_PHRASES: tuple[tuple[str, str], ...] = (
    ("AGPL", "gnu affero general public license version 3"),
    ("LGPL", "gnu lesser general public license version"),
    ("GPL", "gnu general public license version"),
    ("MPL-2.0", "mozilla public license version 2.0"),
    ("Apache-2.0", "apache license version 2.0"),
    ("MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"),
    ("ISC", "permission to use, copy, modify, and/or distribute this software for any purpose"),
    ("ISC", "permission to use, copy, modify, and distribute this software for any purpose"),
    ("BSD", "redistribution and use in source and binary forms"),
    ("PSF-2.0", "python software foundation license version 2"),
    ("Unlicense", "this is free and unencumbered software released into the public domain"),
)


def licence_of_metadata(metadata: Message, licence_texts: Iterable[str] = ()) -> str | None:
    """The SPDX expression of a distribution, or None where nothing in it is understood.

    Asked in this order: License-Expression, License, the classifiers, the licence files. Several
    classifiers are joined by AND: which file is under which licence they do not say.
    """
    # str(): a field that is not ASCII comes as a Header object.
    expression = str(metadata.get("License-Expression") or "")
    if expression.strip():
        return " ".join(expression.split())
    text = str(metadata.get("License") or "")
    stated = licence_of_name(text)
    if stated is not None:
        return stated
    classified = [
        licence_of_name(classifier.rpartition("::")[2])
        for classifier in map(str, metadata.get_all("Classifier") or ())
        if classifier.startswith("License ::") and not classifier.endswith(":: OSI Approved")
    ]
    if classified:
        known = [licence for licence in classified if licence is not None]
        return _joined(known) if len(known) == len(classified) else None
    return licence_of_text(text) or licence_of_texts(licence_texts)


def licence_of_name(name: str) -> str | None:
    """The SPDX expression that `name`, a few words as people write them, stands for."""
    words = " ".join(re.sub(r"[(),\"']", " ", name.lower()).split())
    if words in _BY_NAME:
        return _BY_NAME[words]
    by_id = {spdx.lower(): spdx for spdx in PERMISSIVE}
    return by_id.get(words)


def licence_of_texts(texts: Iterable[str]) -> str | None:
    """The licences of all `texts` joined by AND; None if one of them is not understood."""
    found = [licence_of_text(text) for text in texts]
    known = [licence for licence in found if licence is not None]
    return _joined(known) if known and len(known) == len(found) else None


def licence_of_text(text: str) -> str | None:
    """The licence that a licence text is, several joined by AND, or None."""
    words = " ".join(text.lower().replace('"', "").split()).replace(
        "license, version", "license version"
    )
    found = [spdx for spdx, phrase in _PHRASES if phrase in words]
    if "BSD" in found:
        neither = "neither the name" in words or "may not be used to endorse" in words
        found[found.index("BSD")] = "BSD-3-Clause" if neither else "BSD-2-Clause"
    return _joined(found) if found else None


def is_allowed(expression: str, allowed: frozenset[str]) -> bool:
    """Whether `allowed` covers an SPDX expression: one side of each OR, both of each AND.

    A licence with an exception (WITH) must be listed as a whole. What cannot be parsed is not
    allowed.
    """
    tokens = re.findall(r"[()]|[^\s()]+", expression)
    try:
        verdict, rest = _any_of(tokens, {name.lower() for name in allowed})
    except IndexError:
        return False
    return verdict and not rest


def _any_of(tokens: Sequence[str], allowed: set[str]) -> tuple[bool, Sequence[str]]:
    verdict, rest = _all_of(tokens, allowed)
    while rest and rest[0].upper() == "OR":
        other, rest = _all_of(rest[1:], allowed)
        verdict = verdict or other
    return verdict, rest


def _all_of(tokens: Sequence[str], allowed: set[str]) -> tuple[bool, Sequence[str]]:
    verdict, rest = _one(tokens, allowed)
    while rest and rest[0].upper() == "AND":
        other, rest = _one(rest[1:], allowed)
        verdict = verdict and other
    return verdict, rest


def _one(tokens: Sequence[str], allowed: set[str]) -> tuple[bool, Sequence[str]]:
    if tokens[0] == "(":
        verdict, rest = _any_of(tokens[1:], allowed)
        if rest[0] != ")":
            raise IndexError
        return verdict, rest[1:]
    name, rest = tokens[0], tokens[1:]
    if rest and rest[0].upper() == "WITH":
        name, rest = f"{name} WITH {rest[1]}", rest[2:]
    return name.lower() in allowed, rest


def _joined(licences: Iterable[str]) -> str:
    return " AND ".join(dict.fromkeys(licences))
