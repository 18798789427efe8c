"""Links carry programs exactly, and say what is wrong with them."""

from __future__ import annotations

import base64
import random
import zlib

import pytest

from dashboard.shared.links import (
    MAX_CODE_CHARACTERS,
    MAX_NUMBER,
    link_faults,
    pack_code,
    read_number,
    unpack_code,
)

pytestmark = pytest.mark.feature("Links")

TEXTS = ["x = 1", "x = 1\r\n\ty\n", "s = 'é\u2028\U0001f600'\n", "\ud800", "#" * 9_000, " \n"]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_program_comes_back_as_it_was_typed(text: str) -> None:
    code = pack_code(text)

    assert code is not None
    assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert unpack_code(code) == text


def test_a_program_too_long_for_a_link_is_not_packed() -> None:
    noise = random.Random(0)
    text = "".join(chr(noise.randrange(33, 127)) for _ in range(MAX_CODE_CHARACTERS))

    assert pack_code(text) is None


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(data, 9)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "the program in this link is cut off"),
        ("%%%", "the program in this link is damaged"),
        ("é", "the program in this link is damaged"),
        ("AAAA", "the program in this link is damaged"),
        ("A", "the program in this link is damaged"),
        (packed(b"x = 1\n" * 50)[:-8], "the program in this link is cut off"),
        (packed(b"\xff\xfe"), "the program in this link is damaged"),
        (packed(b"\0" * 50_000_000), "the program in this link is too long"),
    ],
)
def test_a_damaged_program_is_refused_in_words(code: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        unpack_code(code)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("0", 0),
        ("17", 17),
        (str(MAX_NUMBER), MAX_NUMBER),
        (str(MAX_NUMBER + 1), None),
        ("-1", None),
        ("1.5", None),
        ("", None),
        (" 1", None),
        ("١", None),
        ("²", None),
        ("9" * 5000, None),
        (None, None),
    ],
)
def test_only_whole_numbers_in_range_are_read(value: str | None, number: int | None) -> None:
    assert read_number(value) == number


@pytest.mark.parametrize(
    ("parameters", "faults"),
    [
        ({}, []),
        ({"program": "a", "method": "lintseq", "linter": "pyflakes", "seed": "3", "step": "9"}, []),
        ({"program": "zzz"}, ["There is no program 'zzz'."]),
        ({"method": "x" * 99}, [f"There is no method '{'x' * 39}…'."]),
        ({"linter": "flake8"}, ["There is no linter 'flake8'; here are pyflakes, none."]),
        ({"linter": "pylint"}, ["This link asks for a linter that is not here: do this."]),
        ({"seed": "abc"}, ["The seed 'abc' is not a whole number from 0 on."]),
        (
            {"path": "-1", "step": "1e3"},
            [
                "The path '-1' is not a whole number from 0 on.",
                "The step '1e3' is not a whole number from 0 on.",
            ],
        ),
    ],
)
def test_what_is_wrong_with_a_link_is_said(parameters: dict[str, str], faults: list[str]) -> None:
    found = link_faults(
        parameters,
        programs=["a", "b"],
        methods=["lintseq", "randseq"],
        linters=["pyflakes", "none"],
        missing_linters={"pylint": "do this"},
    )

    assert found == faults
