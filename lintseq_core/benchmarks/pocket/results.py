"""What comes out of tasks: what values are gathered into, and how that is shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import reduce
from itertools import groupby, pairwise
from typing import Any

from lintseq_core.benchmarks.pocket.parts import Constant, Form, Loop, Part

ANNOTATIONS = {
    "number": "int",
    "text": "str",
    "flag": "bool",
    "numbers": "list[int]",
    "texts": "list[str]",
    "number counts": "dict[int, int]",
    "text counts": "dict[str, int]",
    "number groups": "dict[int, list[int]]",
    "text groups": "dict[str, list[str]]",
    "length groups": "dict[int, list[str]]",
    "two numbers": "tuple[int, int]",
    "two lists": "tuple[list[int], list[int]]",
    "pairs": "list[tuple[str, int]]",
    "number pairs": "list[tuple[int, int]]",
}
"""How a signature writes each type of result."""


def _forms(forms: Iterable[str | Form]) -> tuple[Form, ...]:
    return tuple(form if isinstance(form, Form) else Form(form) for form in forms)


def _gather(
    name: str,
    takes: tuple[str, ...],
    gives: str,
    words: tuple[str, ...],
    run: Callable[..., Any],
    forms: tuple[str | Form, ...],
    loops: tuple[Loop, ...],
    noun: str,
    verb: str,
    values: tuple[Constant, ...] = (None,),
    constant: str = "",
    empty: Constant = None,
) -> Part:
    return Part(
        name, "gather", takes, gives, words, run, _forms(forms), loops, noun, verb, values,
        constant, empty,
    )  # fmt: skip


def _show(
    name: str,
    takes: str | tuple[str, ...],
    gives: str,
    words: tuple[str, ...],
    run: Callable[..., Any],
    forms: tuple[str | Form, ...],
    verb: str,
    values: tuple[Constant, ...] = (None,),
    constant: str = "",
) -> Part:
    takes = (takes,) if isinstance(takes, str) else takes
    return Part(
        name, "show", takes, gives, words, run, _forms(forms), (), "answer", verb, values, constant
    )


def _longest_run(xs: list[Any]) -> int:
    return max((len(list(group)) for _, group in groupby(xs)), default=0)


def _grouped(xs: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for x in xs:
        groups.setdefault(key(x), []).append(x)
    return groups


def _totals(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for name, amount in pairs:
        totals[name] = totals.get(name, 0) + amount
    return totals


def _group_part(
    name: str, takes: str, gives: str, words: tuple[str, ...], key: str, run: Callable[[Any], Any]
) -> Part:
    return _gather(
        name, (takes,), gives, words, lambda xs, k: _grouped(xs, run), (),
        (
            Loop("{out} = {}", f"{{out}}.setdefault({key}, []).append({{x}})"),
            Loop("{out} = defaultdict(list)", f"{{out}}[{key}].append({{x}})", "dict({out})",
                 ("collections.defaultdict",)),
            Loop("{out} = {}", f"key = {key}\nif key not in {{out}}:\n    {{out}}[key] = []\n"
                 "{out}[key].append({e})"),
        ),
        "groups", "group",
    )  # fmt: skip


_NUMBER, _WORDS = ("int",), ("str",)
_ANY = ("int", "str", "char")

GATHERINGS: tuple[Part, ...] = (
    _gather("sum", _NUMBER, "number", ("their sum", "the total of them"),
            lambda xs, k: sum(xs),
            ("sum({e})", Form("reduce(add, {e}, 0)", ("functools.reduce", "operator.add")),
             "if not {xs}:\n    return 0\nreturn {xs}[0] + {self}({xs}[1:])"),
            (Loop("{out} = 0", "{out} += {e}"),), "total", "sum"),
    _gather("product", _NUMBER, "number", ("their product, 1 for none",
                                           "the product of them, or 1 if there is none"),
            lambda xs, k: math.prod(xs),
            (Form("prod({e})", ("math.prod",)),
             Form("reduce(mul, {e}, 1)", ("functools.reduce", "operator.mul")),
             "if not {xs}:\n    return 1\nreturn {xs}[0] * {self}({xs}[1:])"),
            (Loop("{out} = 1", "{out} *= {e}"),), "product", "multiply"),
    _gather("count", _ANY, "number", ("how many there are", "their number"),
            lambda xs, k: len(xs), ("len({xs})", "sum(1 for _ in {e})"),
            (Loop("{out} = 0", "{out} += 1"),), "count", "count"),
    _gather("count_distinct", _ANY, "number", ("how many different ones there are",
                                               "the number of different ones"),
            lambda xs, k: len(set(xs)),
            ("len(set({e}))", Form("len(Counter({e}))", ("collections.Counter",))),
            (Loop("seen = set()", "seen.add({e})", "len(seen)"),), "count", "count_distinct"),
    _gather("largest", _NUMBER, "number", ("the largest, 0 for none",
                                           "the largest of them, or 0 if there is none"),
            lambda xs, k: max(xs, default=0),
            ("max({e}, default=0)", Form("max({xs})", guarded=True),
             Form("sorted({e})[-1]", guarded=True), "max({xs}) if {xs} else 0"),
            (Loop("{out} = None", "if {out} is None or {x} > {out}:\n    {out} = {e}",
                  "{out} or 0"),),
            "largest", "find_largest", empty=0),
    _gather("smallest", _NUMBER, "number", ("the smallest, 0 for none",
                                            "the smallest of them, or 0 if there is none"),
            lambda xs, k: min(xs, default=0),
            ("min({e}, default=0)", Form("min({xs})", guarded=True),
             Form("sorted({e})[0]", guarded=True), "min({xs}) if {xs} else 0"),
            (Loop("{out} = None", "if {out} is None or {x} < {out}:\n    {out} = {e}",
                  "{out} or 0"),), "smallest", "find_smallest", empty=0),
    _gather("span", _NUMBER, "number", ("the largest minus the smallest, 0 for none",
                                        "how far largest and smallest lie apart, 0 for none"),
            lambda xs, k: max(xs) - min(xs) if xs else 0,
            (Form("max({xs}) - min({xs})", guarded=True),
             Form("{out} = sorted({e})\n{out} = {out}[-1] - {out}[0]", guarded=True),
             "max({xs}) - min({xs}) if {xs} else 0",
             "max({xs}, default=0) - min({xs}, default=0)"), (), "span", "measure", empty=0),
    _gather("mean", _NUMBER, "number", ("their mean rounded down, 0 for none",
                                        "the mean of them, rounded down, or 0 if there is none"),
            lambda xs, k: sum(xs) // len(xs) if xs else 0,
            (Form("sum({xs}) // len({xs})", guarded=True),
             "sum({xs}) // len({xs}) if {xs} else 0", "sum({xs}) // max(len({xs}), 1)"),
            (Loop("total = count = 0", "total += {e}\ncount += 1",
                  "total // count if count else 0"),), "mean", "average", empty=0),
    _gather("median", _NUMBER, "number", ("their median, the lower of two middle ones, 0 for none",
                                          "the lower median of them, or 0 if there is none"),
            lambda xs, k: sorted(xs)[(len(xs) - 1) // 2] if xs else 0,
            (Form("median_low({e})", ("statistics.median_low",), guarded=True),
             Form("sorted({xs})[(len({xs}) - 1) // 2]", guarded=True),
             "ordered = sorted({e})\nif not ordered:\n    return 0\n"
             "return ordered[(len(ordered) - 1) // 2]"), (), "median", "find_middle", empty=0),
    _gather("alternating", _NUMBER, "number", ("the first minus the second plus the third and "
                                               "so on",
                                               "their sum with the sign of every second changed"),
            lambda xs, k: sum(xs[::2]) - sum(xs[1::2]),
            ("sum({xs}[::2]) - sum({xs}[1::2])",
             "sum(-{v} if i % 2 else {v} for i, {v} in enumerate({e}))"),
            (Loop("{out} = 0\nsign = 1", "{out} += sign * {x}\nsign = -sign"),), "total",
            "alternate"),
    _gather("fold", _NUMBER, "number", ("the check number: start with 0, and for each multiply by "
                                        "{k}, add it and take the rest modulo 97",
                                        "what remains if you start at 0 and, for each, multiply "
                                        "by {k}, add it and reduce modulo 97"),
            lambda xs, k: reduce(lambda a, x: (a * k + x) % 97, xs, 0),
            (Form("reduce(lambda a, b: (a * {k} + b) % 97, {e}, 0)", ("functools.reduce",)),),
            (Loop("{out} = 0", "{out} = ({out} * {k} + {x}) % 97"),), "check", "check", (2, 3, 10)),
    _gather("longest_run", _ANY, "number", ("the length of the longest run of equal ones",
                                            "how many equal ones stand in a row at most"),
            lambda xs, k: _longest_run(xs),
            (Form("max((len(list(run)) for _, run in groupby({e})), default=0)",
                  ("itertools.groupby",)),),
            (Loop("best = length = 0\nlast = None",
                  "length = length + 1 if {x} == last else 1\nlast = {e}\nbest = max(best, length)",
                  "best"),
             Loop("run = []\nbest = 0",
                  "if run and run[-1] != {x}:\n    run = []\nrun.append({e})\n"
                  "best = max(best, len(run))", "best")), "longest", "find_run"),
    _gather("most_common", _NUMBER, "number", ("the most frequent, the first of several, 0 for "
                                               "none",
                                               "the one that occurs most often (of several the "
                                               "first), or 0 if there is none"),
            lambda xs, k: max(xs, key=xs.count, default=0),
            (Form("max({xs}, key={xs}.count)", guarded=True),
             "max({xs}, key={xs}.count, default=0)",
             Form("Counter({e}).most_common(1)[0][0]", ("collections.Counter",), guarded=True)),
            (), "common", "find_common", empty=0),
    _gather("index_of_largest", _NUMBER, "number", ("the position of the largest, counted from 0, "
                                                    "the first of several, -1 for none",
                                                    "where the first largest stands, counted from "
                                                    "0, or -1 if there is none"),
            lambda xs, k: xs.index(max(xs)) if xs else -1,
            (Form("{xs}.index(max({xs}))", guarded=True), "{xs}.index(max({xs})) if {xs} else -1",
             Form("max(range(len({xs})), key={xs}.__getitem__)", guarded=True),
             "best = -1\nfor i, {v} in enumerate({xs}):\n    if best < 0 or {v} > {xs}[best]:\n"
             "        best = i\nreturn best"), (), "place", "locate", empty=-1),
    _gather("first_above", _NUMBER, "number", ("the first that is greater than {k}, -1 for none",
                                               "the first above {k}, or -1 if there is none"),
            lambda xs, k: next((x for x in xs if x > k), -1),
            ("next(({v} for {v} in {e} if {v} > {k}), -1)",
             "for {v} in {e}:\n    if {v} > {k}:\n        return {v}\nreturn -1"), (), "first",
            "find_first", (3, 6, 9), "MARK"),
    _gather("any_above", _NUMBER, "flag", ("whether any is greater than {k}",
                                           "true if one of them is above {k}, else false"),
            lambda xs, k: any(x > k for x in xs),
            ("any({v} > {k} for {v} in {e})", "max({e}, default={k}) > {k}",
             "for {v} in {e}:\n    if {v} > {k}:\n        return True\nreturn False"), (), "found",
            "check_any", (5, 9, 20), "MARK"),
    _gather("all_below", _NUMBER, "flag", ("whether all are less than {k}",
                                           "true if all of them are below {k}, else false"),
            lambda xs, k: all(x < k for x in xs),
            ("all({v} < {k} for {v} in {e})", "not any({v} >= {k} for {v} in {e})",
             "for {v} in {e}:\n    if {v} >= {k}:\n        return False\nreturn True"), (), "fits",
            "check_all", (6, 10, 25), "MARK"),
    _gather("is_rising", _NUMBER, "flag", ("whether each is greater than the one before",
                                           "true if they strictly rise, else false"),
            lambda xs, k: all(a < b for a, b in pairwise(xs)),
            ("all(a < b for a, b in zip({xs}, {xs}[1:]))",
             Form("all(a < b for a, b in pairwise({e}))", ("itertools.pairwise",)),
             "{xs} == sorted(set({xs}))",
             "for i in range(1, len({xs})):\n    if {xs}[i] <= {xs}[i - 1]:\n        return False\n"
             "return True"), (), "rises", "check_order"),
    _gather("has_repeat", _ANY, "flag", ("whether any occurs twice",
                                         "true if two are equal, else false"),
            lambda xs, k: len(set(xs)) < len(xs),
            ("len(set({xs})) < len({xs})",
             Form("any(count > 1 for count in Counter({e}).values())", ("collections.Counter",)),
             "seen = set()\nfor {v} in {e}:\n    if {v} in seen:\n        return True\n"
             "    seen.add({v})\nreturn False"), (), "repeats", "check_repeats"),
    _gather("list", _NUMBER, "numbers", ("the list of them", "them as a list"),
            lambda xs, k: list(xs), ("{xs}",), (Loop("{out} = []", "{out}.append({e})"),),
            "found", "list"),
    _gather("extremes", _NUMBER, "two numbers", ("the pair of smallest and largest, (0, 0) for "
                                                 "none",
                                                 "smallest and largest as a pair, or (0, 0) if "
                                                 "there is none"),
            lambda xs, k: (min(xs), max(xs)) if xs else (0, 0),
            ("(min({xs}, default=0), max({xs}, default=0))",
             Form("(min({xs}), max({xs}))", guarded=True),
             "if not {xs}:\n    return 0, 0\nordered = sorted({xs})\n"
             "return ordered[0], ordered[-1]"), (), "extremes", "find_extremes"),
    _gather("sum_and_count", _NUMBER, "two numbers", ("the pair of their sum and their number",
                                                      "their sum and how many they are as a pair"),
            lambda xs, k: (sum(xs), len(xs)), ("(sum({xs}), len({xs}))",),
            (Loop("total = count = 0", "total += {e}\ncount += 1", "(total, count)"),), "answer",
            "add"),
    _gather("parted", _NUMBER, "two lists", ("the pair of the list of even ones and the list of "
                                             "odd ones",
                                             "even ones and odd ones as a pair of lists"),
            lambda xs, k: ([x for x in xs if x % 2 == 0], [x for x in xs if x % 2]),
            ("([{v} for {v} in {xs} if {v} % 2 == 0], [{v} for {v} in {xs} if {v} % 2])",),
            (Loop("even, odd = [], []", "if {x} % 2 == 0:\n    even.append({e})\nelse:\n"
                  "    odd.append({e})", "(even, odd)"),
             Loop("{out} = ([], [])", "{out}[{x} % 2].append({e})")), "parted", "part"),
    _gather("number_counts", _NUMBER, "number counts", ("a dict of how often each occurs",
                                                        "a dict of each and its number of "
                                                        "occurrences"),
            lambda xs, k: {x: xs.count(x) for x in xs},
            (Form("dict(Counter({e}))", ("collections.Counter",)),
             "{{v}: {xs}.count({v}) for {v} in {xs}}"),
            (Loop("{out} = {}", "{out}[{x}] = {out}.get({x}, 0) + 1"),
             Loop("{out} = defaultdict(int)", "{out}[{x}] += 1", "dict({out})",
                  ("collections.defaultdict",))), "counts", "count_each"),
    _gather("counts", ("str", "char"), "text counts", ("a dict of how often each occurs",
                                                       "a dict of each and its number of "
                                                       "occurrences"),
            lambda xs, k: {x: xs.count(x) for x in xs},
            (Form("dict(Counter({e}))", ("collections.Counter",)),
             "{{v}: {xs}.count({v}) for {v} in {xs}}"),
            (Loop("{out} = {}", "{out}[{x}] = {out}.get({x}, 0) + 1"),
             Loop("{out} = defaultdict(int)", "{out}[{x}] += 1", "dict({out})",
                  ("collections.defaultdict",))), "counts", "count_each"),
    _gather("lengths", _WORDS, "text counts", ("a dict of each and its length",
                                               "a dict with the length of each"),
            lambda xs, k: {x: len(x) for x in xs},
            ("{{v}: len({v}) for {v} in {e}}", "dict(zip({xs}, map(len, {xs})))"),
            (Loop("{out} = {}", "{out}[{x}] = len({x})"),), "table", "measure"),
    _group_part("by_remainder", "int", "number groups",
                ("a dict of lists of them by their remainder modulo 3",
                 "a dict of lists that groups them by remainder modulo 3"), "{x} % 3",
                lambda x: x % 3),
    _group_part("by_digits", "int", "number groups",
                ("a dict of lists of them by their number of digits",
                 "a dict of lists that groups them by number of digits"), "len(str(abs({e})))",
                lambda x: len(str(abs(x)))),
    _group_part("by_first", "str", "text groups",
                ("a dict of lists of them by their first letter",
                 "a dict of lists that groups them by first letter"), "{x}[:1]", lambda x: x[:1]),
    _group_part("by_size", "str", "length groups",
                ("a dict of lists of them by their length",
                 "a dict of lists that groups them by length"), "len({e})", len),
    _gather("texts", ("str", "char"), "texts", ("the list of them", "them as a list"),
            lambda xs, k: list(xs), ("{xs}",), (Loop("{out} = []", "{out}.append({e})"),),
            "found", "list"),
    _gather("joined", _WORDS, "text", ('them joined by "{k}"',
                                        'one text of them with "{k}" between'),
            lambda xs, k: k.join(xs), ('"{k}".join({e})',),
            (Loop("parts = []", "parts.append({e})", '"{k}".join(parts)'),), "joined", "join",
            ("-", ", ", "/")),
    _gather("glued", ("char",), "text", ("them as one text", "the text that they make"),
            lambda xs, k: "".join(xs), ('"".join({e})', Form('reduce(add, {e}, "")',
                                                            ("functools.reduce", "operator.add"))),
            (Loop('{out} = ""', "{out} += {e}"),), "joined", "join"),
    _gather("initials", _WORDS, "text", ("the text of their first letters",
                                         "their first letters as one text"),
            lambda xs, k: "".join(x[:1] for x in xs), ('"".join({v}[:1] for {v} in {e})',),
            (Loop('{out} = ""', "{out} += {x}[:1]"),), "initials", "abbreviate"),
    _gather("longest", _WORDS, "text", ('the longest, the first of several, "" for none',
                                        'the first of the longest, or "" if there is none'),
            lambda xs, k: max(xs, key=len, default=""),
            ('max({e}, key=len, default="")', Form("max({xs}, key=len)", guarded=True),
             Form("sorted({e}, key=len, reverse=True)[0]", guarded=True)),
            (Loop('{out} = ""', "if len({x}) > len({out}):\n    {out} = {e}"),), "longest",
            "find_longest", empty=""),
    _gather("shortest", _WORDS, "text", ('the shortest, the first of several, "" for none',
                                         'the first of the shortest, or "" if there is none'),
            lambda xs, k: min(xs, key=len, default=""),
            ('min({e}, key=len, default="")', Form("min({xs}, key=len)", guarded=True),
             Form("sorted({e}, key=len)[0]", guarded=True)),
            (Loop("{out} = None", "if {out} is None or len({x}) < len({out}):\n    {out} = {e}",
                  '{out} or ""'),), "shortest", "find_shortest", empty=""),
    _gather("last_in_order", _WORDS, "text", ('the last in alphabetical order, "" for none',
                                              'the one that sorts last, or "" if there is none'),
            lambda xs, k: max(xs, default=""),
            ('max({e}, default="")', Form("sorted({e})[-1]", guarded=True),
             Form("max({xs})", guarded=True)),
            (Loop('{out} = ""', "if {x} > {out}:\n    {out} = {e}"),), "last", "find_last",
            empty=""),
    _gather("common_word", ("str", "char"), "text", ('the most frequent, the first of several, '
                                                     '"" for none',
                                                     'the one that occurs most often (of several '
                                                     'the first), or "" if there is none'),
            lambda xs, k: max(xs, key=xs.count, default=""),
            (Form("max({xs}, key={xs}.count)", guarded=True),
             'max({xs}, key={xs}.count, default="")',
             Form("Counter({e}).most_common(1)[0][0]", ("collections.Counter",), guarded=True)),
            (), "common", "find_common", empty=""),
    _gather("total_length", _WORDS, "number", ("how many letters they have together",
                                               "the sum of their lengths"),
            lambda xs, k: sum(len(x) for x in xs),
            ("sum(len({v}) for {v} in {e})", "sum(map(len, {e}))", 'len("".join({e}))'),
            (Loop("{out} = 0", "{out} += len({x})"),), "total", "add_lengths"),
    _gather("all_short", _WORDS, "flag", ("whether all have at most {k} letters",
                                          "true if none is longer than {k} letters, else false"),
            lambda xs, k: all(len(x) <= k for x in xs),
            ("all(len({v}) <= {k} for {v} in {e})",
             "for {v} in {e}:\n    if len({v}) > {k}:\n        return False\nreturn True",
             "max(map(len, {e}), default=0) <= {k}"), (), "fits", "check_lengths", (4, 5, 6),
            "MOST"),
    _gather("totals", ("pair",), "text counts", ("a dict of each name and the sum of its amounts",
                                                 "a dict of names and the totals of their amounts"),
            lambda xs, k: _totals(xs), (),
            (Loop("{out} = {}", "{out}[name] = {out}.get(name, 0) + amount"),
             Loop("{out} = defaultdict(int)", "{out}[name] += amount", "dict({out})",
                  ("collections.defaultdict",)),
             Loop("{out} = {}", "if name not in {out}:\n    {out}[name] = 0\n"
                  "{out}[name] += amount")), "totals", "add_up"),
    _gather("largest_name", ("pair",), "text", ('the name with the largest amount, the first of '
                                                'several, "" for none',
                                                'the first name with the largest amount, or "" if '
                                                'there is none'),
            lambda xs, k: max(xs, key=lambda pair: pair[1], default=("", 0))[0],
            (Form("max({xs}, key=itemgetter(1))[0]", ("operator.itemgetter",), guarded=True),
             Form("max({xs}, key=lambda pair: pair[1])[0]", guarded=True)),
            (Loop('{out} = ""\nmost = None', "if most is None or amount > most:\n"
                  "    {out}, most = name, amount"),), "largest", "find_name", empty=""),
    _gather("sorted_names", ("pair",), "texts", ("the names sorted by amount, equal ones as they "
                                                 "stand",
                                                 "the names from the smallest amount to the "
                                                 "largest, keeping the order of equal ones"),
            lambda xs, k: [name for name, _ in sorted(xs, key=lambda pair: pair[1])],
            (Form("[name for name, _ in sorted({e}, key=itemgetter(1))]",
                  ("operator.itemgetter",)),
             "[pair[0] for pair in sorted({e}, key=lambda pair: pair[1])]"),
            (), "order", "order"),
)  # fmt: skip


PLAIN: tuple[Part, ...] = (
    Part("plain", "show", tuple(ANNOTATIONS), "", ("",), lambda x, k: x, (Form("{x}"),)),
)

SHOWS: tuple[Part, ...] = (
    *PLAIN,
    _show("labelled", "number", "text", ('as text like "{k}: 5"', 'as text with "{k}: " before it'),
          lambda x, k: f"{k}: {x}", ('f"{k}: {{x}}"', '"{k}: " + str({x})',
                                     '"{k}: {}".format({x})'), "label",
          ("result", "value")),
    _show("signed", "number", "text", ('as "minus", "zero" or "plus" by its sign',
                                       'as the word for its sign: "minus", "zero" or "plus"'),
          lambda x, k: "minus" if x < 0 else "plus" if x else "zero",
          ('if {x} < 0:\n    return "minus"\nif {x} == 0:\n    return "zero"\nreturn "plus"',
           'if {x} == 0:\n    return "zero"\nreturn "plus" if {x} > 0 else "minus"',
           'if {x} > 0:\n    return "plus"\nelif {x} < 0:\n    return "minus"\nelse:\n'
           '    return "zero"'), "name_sign"),
    _show("parity", "number", "text", ('as "even" or "odd"', 'as the word "even" or "odd"'),
          lambda x, k: "odd" if x % 2 else "even",
          ('"even" if {x} % 2 == 0 else "odd"', '["even", "odd"][{x} % 2]',
           'if {x} % 2:\n    return "odd"\nreturn "even"'), "name_parity"),
    _show("padded", "number", "text", ("as text of at least {k} characters, zeros in front",
                                       "as text with zeros in front to at least {k} characters"),
          lambda x, k: str(x).zfill(k), ("str({x}).zfill({k})", 'f"{{x}:0{k}d}"'), "pad",
          (3, 4)),
    _show("capped", "number", "number", ("but at most {k}", "or {k} if it is greater"),
          min, ("min({x}, {k})", "if {x} > {k}:\n    return {k}\nreturn {x}",
                                   "{x} if {x} < {k} else {k}"), "cap_answer", (10, 20),
          "HIGHEST"),
    _show("digit_list", "number", "numbers", ("as the list of its digits, without sign",
                                          "as a list of digits, leaving the sign out"),
          lambda x, k: [int(digit) for digit in str(abs(x))],
          ("[int(digit) for digit in str(abs({x}))]", "list(map(int, str(abs({x}))))",
           "n = abs({x})\ndigits = [n % 10]\nwhile n > 9:\n    n //= 10\n"
           "    digits.insert(0, n % 10)\nreturn digits"), "split_digits"),
    _show("yes_no", "flag", "text", ('as "yes" or "no"', 'as the word "yes" or "no"'),
          lambda x, k: "yes" if x else "no",
          ('"yes" if {x} else "no"', 'if {x}:\n    return "yes"\nreturn "no"',
           '{True: "yes", False: "no"}[{x}]'), "say"),
    _show("as_bit", "flag", "number", ("as 1 or 0", "as 1 for true and 0 for false"),
          lambda x, k: 1 if x else 0, ("int({x})", "1 if {x} else 0",
                                       "if {x}:\n    return 1\nreturn 0"), "make_bit"),
    _show("shouted", "text", "text", ("in capital letters", "in upper case"),
          lambda x, k: x.upper(), ("{x}.upper()",), "shout"),
    _show("framed", "text", "text", ("in square brackets", "with [ before and ] behind it"),
          lambda x, k: f"[{x}]", ('f"[{{x}}]"', '"[" + {x} + "]"'), "frame"),
    _show("or_default", "text", "text", ('or "{k}" if it is empty', 'with "{k}" for an empty text'),
          lambda x, k: x or k,
          ('{x} or "{k}"', '{x} if {x} else "{k}"', 'if not {x}:\n    return "{k}"\nreturn {x}'),
          "fill", ("none", "-")),
    _show("with_length", "text", "text", ('with its length behind, like "tea 3"',
                                          'followed by a space and its length'),
          lambda x, k: f"{x} {len(x)}", ('f"{{x}} {len({x})}"', '{x} + " " + str(len({x}))'),
          "add_length"),
    _show("comma_numbers", "numbers", "text", ('as text with "{k}" between',
                                               'joined to a text by "{k}"'),
          lambda x, k: k.join(map(str, x)),
          ('"{k}".join(map(str, {x}))', '"{k}".join(str(n) for n in {x})',
           'parts = []\nfor n in {x}:\n    parts.append(str(n))\nreturn "{k}".join(parts)'), "join",
          (",", " ", ";")),
    _show("first_or", "numbers", "numbers", ("or [0] if there is none", "with [0] for no numbers"),
          lambda x, k: x or [0], ("{x} or [0]", "{x} if {x} else [0]",
                                  "if not {x}:\n    return [0]\nreturn {x}"), "fill"),
    _show("numbered", "texts", "texts", ('each with its number before it, like "1.tea"',
                                         'with "1." before the first, "2." before the second '
                                         'and so on'),
          lambda x, k: [f"{i}.{word}" for i, word in enumerate(x, 1)],
          ('[f"{i}.{word}" for i, word in enumerate({x}, 1)]',
           'lines = []\nfor i, word in enumerate({x}):\n    lines.append(f"{i + 1}.{word}")\n'
           'return lines'), "add_numbers"),
    _show("bracketed", "texts", "text", ('each in brackets, as one text, like "(tea)(pot)"',
                                         'as one text with each in round brackets'),
          lambda x, k: "".join(f"({word})" for word in x),
          ('"".join(f"({word})" for word in {x})',
           'line = ""\nfor word in {x}:\n    line += f"({word})"\nreturn line'), "bracket"),
    _show("sorted_pairs", "text counts", "pairs", ("turned into a list of pairs sorted by key",
                                                   "turned into the sorted list of its pairs"),
          lambda x, k: sorted(x.items()),
          ("sorted({x}.items())", "[(key, {x}[key]) for key in sorted({x})]"), "sort_items"),
    _show("sorted_number_pairs", "number counts", "number pairs",
          ("turned into a list of pairs sorted by key", "turned into the sorted list of its pairs"),
          lambda x, k: sorted(x.items()),
          ("sorted({x}.items())", "[(key, {x}[key]) for key in sorted({x})]"), "sort_items"),
    _show("lines", "text counts", "text", ('turned into text like "a=1 b=2", sorted by key',
                                           'turned into pairs key=value with spaces between, in '
                                           'the order of the keys'),
          lambda x, k: " ".join(f"{key}={value}" for key, value in sorted(x.items())),
          ('" ".join(f"{key}={value}" for key, value in sorted({x}.items()))',
           'parts = []\nfor key in sorted({x}):\n    parts.append(f"{key}={{x}[key]}")\n'
           'return " ".join(parts)'), "write_items"),
    _show("at_least_two", "text counts", "text counts", ("without values less than 2",
                                                         "with only values of at least 2"),
          lambda x, k: {key: value for key, value in x.items() if value >= 2},
          ("{key: value for key, value in {x}.items() if value >= 2}",
           "kept = {}\nfor key, value in {x}.items():\n    if value >= 2:\n"
           "        kept[key] = value\nreturn kept"), "drop_small"),
    _show("number_group_sums", "number groups", "number counts", ("with the sum in place of each "
                                                                  "list",
                                                                  "with each list replaced by "
                                                                  "its sum"),
          lambda x, k: {key: sum(values) for key, values in x.items()},
          ("{key: sum(values) for key, values in {x}.items()}",
           "sums = {}\nfor key, values in {x}.items():\n    sums[key] = sum(values)\nreturn sums"),
          "sum_groups"),
    _show("text_group_counts", "text groups", "text counts", ("with the number of words in place "
                                                              "of each list",
                                                              "with each list replaced by its "
                                                              "length"),
          lambda x, k: {key: len(values) for key, values in x.items()},
          ("{key: len(values) for key, values in {x}.items()}",
           "counts = {}\nfor key, values in {x}.items():\n    counts[key] = len(values)\n"
           "return counts"), "count_groups"),
    _show("length_group_counts", "length groups", "number counts",
          ("with the number of words in place of each list",
           "with each list replaced by its length"),
          lambda x, k: {key: len(values) for key, values in x.items()},
          ("{key: len(values) for key, values in {x}.items()}",
           "counts = {}\nfor key, values in {x}.items():\n    counts[key] = len(values)\n"
           "return counts"), "count_groups"),
)  # fmt: skip
