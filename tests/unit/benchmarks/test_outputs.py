"""Outputs are compared as CodeContests' tester compares them."""

from __future__ import annotations

import pytest

from lintseq_core.benchmarks.outputs import outputs_match

SAME, OTHER = True, False


@pytest.mark.parametrize(
    ("output", "asked", "verdict"),
    [
        # Texts: split at five characters of ASCII, small and large letters of ASCII alike.
        ("", "", SAME),
        (" \n\t", "", SAME),
        ("YES\n", "yes", SAME),
        ("a b\nc\td\re\vf\n\n", "a\vb c d\n\ne f", SAME),
        ("a\fb", "a b", OTHER),
        ("a\xa0b", "a b", OTHER),
        ("a\u2003b", "a b", OTHER),
        ("a\x1cb", "a b", OTHER),
        ("a\x85b", "a b", OTHER),
        ("a\xa0B", "A\xa0b", SAME),
        ("É", "é", OTHER),
        ("K", "\u212a", OTHER),  # the sign for kelvin: Unicode lowers it to a k
        ("ß", "SS", OTHER),
        ("a b", "b a", OTHER),
        ("a", "a a", OTHER),
        ("a a", "a", OTHER),
        ("1 1", "1", OTHER),
        ("", "0", OTHER),
        ("ab", "a b", OTHER),
        ("'yes'", "yes", OTHER),
        ("\x00", "", OTHER),
        ("\ufeff1", "1", OTHER),
        ("\ud800", "\ud800", SAME),
        # Numbers: nearer than 1e-5, strictly, whatever their size.
        ("1.5", "1.500000", SAME),
        ("1", "1.0", SAME),
        ("-0", "0", SAME),
        ("0.0000099", "0", SAME),
        ("0", "0.99e-5", SAME),
        ("0", "1.01e-5", OTHER),
        ("0", "1e-5", OTHER),
        ("0.00001", "0", OTHER),
        ("1.0000099", "1", SAME),
        ("1.0000101", "1", OTHER),
        ("-0.000004", "0.000004", SAME),
        ("-0.000006", "0.000006", OTHER),
        ("1000000.1", "1000000.2", OTHER),
        ("1000000000.5", "1000000000", OTHER),
        ("1000000000.000001", "1000000000", SAME),
        ("0.3", "0.30000000000000004", SAME),
        ("9007199254740993", "9007199254740992", SAME),  # one double
        ("9007199254740992", "9007199254740994", OTHER),
        ("10000000000000000000001", "10000000000000000000000", SAME),  # one double
        (
            "1" + "0" * 400,
            "2" + "0" * 400,
            OTHER,
        ),  # infinite both, and their difference is no number
        ("1" * 5_000, "1" * 5_000, SAME),
        ("0." + "3" * 100_000, "0.333333", SAME),
        ("3" * 100_000 + "x", "1", OTHER),
        ("2 x 1.0", "2.0 X 1", SAME),
        ("2 x 1.0", "2.0 y 1", OTHER),
        ("1 2 3.1", "1 2 3", OTHER),
        # What is read as a number.
        ("1.", "1", SAME),
        (".5", "0.5", SAME),
        ("-.5", "-0.5", SAME),
        ("+1", "1", SAME),
        ("+.5e1", "5", SAME),
        ("007", "7", SAME),
        ("1E3", "1000", SAME),
        ("1e+3", "1000", SAME),
        ("1e-400", "0", SAME),
        ("1e00000000003", "1000", SAME),
        ("\f1", "1", SAME),
        ("1\f", "1.0", SAME),
        ("1\f0", "10", OTHER),
        ("\fa", "a", OTHER),
        ("+\f1", "1", OTHER),
        ("1_0", "10", OTHER),
        ("1__0", "10", OTHER),
        ("1,000", "1000", OTHER),
        ("１０", "10", OTHER),
        ("１", "1", OTHER),
        ("٣", "3", OTHER),
        ("1\xa0", "1", OTHER),
        ("\u20091", "1", OTHER),
        ("0x10", "16", OTHER),
        ("0x1p4", "16", OTHER),
        ("0b1", "1", OTHER),
        ("1e", "1", OTHER),
        ("1e+", "1", OTHER),
        ("e1", "10", OTHER),
        (".", "0", OTHER),
        ("+", "0", OTHER),
        ("-", "0", OTHER),
        (".e1", "0", OTHER),
        ("1.0.0", "1", OTHER),
        ("++1", "1", OTHER),
        ("+-1", "-1", OTHER),
        ("--1", "1", OTHER),
        ("1-", "1", OTHER),
        ("1f", "1", OTHER),
        ("1j", "1", OTHER),
        ("1/2", "0.5", OTHER),
        ("1%", "1", OTHER),
        ("(1)", "1", OTHER),
        ("1\x00", "1", OTHER),
        ("true", "1", OTHER),
        # nan and infinities are near to nothing, themselves included.
        ("nan", "NaN", SAME),
        ("NaN 1", "nan 1", SAME),
        ("nan 1", "nan 1.0", OTHER),
        ("nan", "-nan", OTHER),
        ("nan", "nan(1)", OTHER),
        ("nan(1) 1", "nan(1) 1.0", OTHER),
        ("nan() 1", "nan() 1.0", OTHER),
        ("nan( 1", "nan( 1.0", SAME),  # a text
        ("nan(-) 1", "nan(-) 1.0", SAME),  # a text
        ("nano 1", "NANO 1.0", SAME),  # a text
        ("nan", "0", OTHER),
        ("inf", "Infinity", OTHER),
        ("Inf 1", "inf 1", SAME),
        ("inf 1", "inf 1.0", OTHER),
        ("-infinity 1", "-infinity 1.0", OTHER),
        ("infinit 1", "INFINIT 1.0", SAME),  # a text
        ("inf", "1e999", OTHER),
        ("1e999 1", "1e999 1", SAME),
        ("1e999 1", "1e999 1.0", OTHER),
        ("-inf", "inf", OTHER),
    ],
)
def test_an_output_is_right_where_the_official_tester_says_so(
    output: str, asked: str, verdict: bool
) -> None:
    assert outputs_match(output, asked) is verdict
    assert outputs_match(asked, output) is verdict
