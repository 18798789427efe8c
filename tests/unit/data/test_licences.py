"""Licences as people state them, as SPDX expressions; and what an allow-list covers."""

from __future__ import annotations

from email.message import Message

import pytest

from lintseq_core.data.mining.licences import (
    PERMISSIVE,
    is_allowed,
    licence_of_metadata,
    licence_of_text,
)

MIT_TEXT = """MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software ..."""
BSD_TEXT = """Redistribution and use in source and binary
forms, with or without modification. Neither the name of the author ..."""
CLASSIFIED = "License :: OSI Approved :: "

STATED = [
    ({"License-Expression": "MIT  OR Apache-2.0"}, [], "MIT OR Apache-2.0"),
    ({"License": "BSD-3-Clause"}, [], "BSD-3-Clause"),
    ({"License": "bsd-3-clause"}, [], "BSD-3-Clause"),
    ({"License": "Apache License, Version 2.0"}, [], "Apache-2.0"),
    ({"License": "UNKNOWN", "Classifier": [CLASSIFIED + "MIT License"]}, [], "MIT"),
    ({"Classifier": ["License :: OSI Approved", CLASSIFIED + "BSD License"]}, [], "BSD"),
    ({"Classifier": [CLASSIFIED + "MIT License", CLASSIFIED + "GNU General Public License (GPL)"]}, [], "MIT AND GPL"),
    ({"Classifier": [CLASSIFIED + "MIT License", "License :: Public Domain"]}, [MIT_TEXT], None),
    ({"License": MIT_TEXT}, [], "MIT"),
    ({"License": "see LICENSE"}, [BSD_TEXT], "BSD-3-Clause"),
    ({}, [MIT_TEXT, BSD_TEXT], "MIT AND BSD-3-Clause"),
    ({}, [MIT_TEXT, "All rights reserved."], None),
    ({}, [], None),
    ({"License": "Proprietary ©"}, [], None),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "texts", "expected"), STATED)
def test_a_licence_is_read_from_metadata_or_text(
    fields: dict[str, str | list[str]], texts: list[str], expected: str | None
) -> None:
    metadata = Message()
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            metadata[name] = one
    assert licence_of_metadata(metadata, texts) == expected


TEXTS = {
    "Apache License\n   Version 2.0, January 2004": "Apache-2.0",
    'GNU LESSER GENERAL PUBLIC LICENSE\n Version 3': "LGPL",
    "GNU GENERAL PUBLIC LICENSE Version 2": "GPL",
    "Redistribution and use in source and binary forms": "BSD-2-Clause",
    "Permission to use, copy, modify, and/or distribute this software for any purpose": "ISC",
    "Do what you like.": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TEXTS.items())
def test_a_licence_text_is_known_by_its_words(text: str, expected: str | None) -> None:
    assert licence_of_text(text) == expected


ALLOWED = [
    ("MIT", True),
    ("mit", True),
    ("GPL", False),
    ("MIT OR GPL-3.0-or-later", True),
    ("MIT AND GPL-3.0-or-later", False),
    ("GPL-3.0-or-later AND MIT", False),
    ("GPL-2.0-only OR (MIT AND BSD-3-Clause)", True),
    ("(GPL-2.0-only OR MIT) AND LGPL-2.1-only", False),
    ("Apache-2.0 WITH LLVM-exception", False),
    ("LicenseRef-Own", False),
    ("MIT OR", False),
    ("(MIT", False),
    ("MIT BSD", False),
    ("", False),
]


@pytest.mark.parametrize(("expression", "expected"), ALLOWED)
def test_an_expression_is_allowed_or_not(expression: str, expected: bool) -> None:
    assert is_allowed(expression, PERMISSIVE) is expected


def test_an_exception_counts_where_it_is_listed_as_a_whole() -> None:
    listed = frozenset({"Apache-2.0 WITH LLVM-exception"})
    assert is_allowed("Apache-2.0 WITH LLVM-exception", listed)
    assert not is_allowed("Apache-2.0", listed)
