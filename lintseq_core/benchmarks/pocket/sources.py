"""What functions are given, and the values that tasks take out of it."""

from __future__ import annotations

from lintseq_core.benchmarks.pocket.parts import Form, Source, View

SOURCES: tuple[Source, ...] = (
    Source("numbers", "numbers", (("numbers", "list[int]"),), (
        View("numbers", "int", ("the numbers",), list,
             (("n", "numbers"),), "numbers", is_list=True),
    )),
    Source("words", "words", (("words", "list[str]"),), (
        View("words", "str", ("the words",), list,
             (("word", "words"),), "words", is_list=True),
    )),
    Source("text", "text", (("text", "str"),), (
        View("text_words", "str", ("the words of the text", "the words that spaces part"),
             lambda text: text.split(),
             (("word", "text.split()"),), "words"),
        View("letters", "char", ("the characters of the text", "the text character by character"),
             list, (("letter", "text"),), "characters"),
        View("lines", "str", ("the lines of the text", "the text line by line"),
             lambda text: text.splitlines(),
             (("word", "text.splitlines()"),), "lines"),
    )),
    Source("stock", "stock", (("stock", "dict[str, int]"),), (
        View("items", "pair", ("the names and amounts", "the names with their amounts"),
             lambda stock: list(stock.items()), (("name, amount", "stock.items()"),), "items"),
        View("names", "str", ("the names", "the keys"), list,
             (("word", "stock"),), "names"),
        View("amounts", "int", ("the amounts", "the values"), lambda stock: list(stock.values()),
             (("n", "stock.values()"),), "amounts"),
    )),
    Source("pairs", "pairs", (("pairs", "list[tuple[str, int]]"),), (
        View("pairs", "pair", ("the pairs of name and amount", "the names with their amounts"),
             list, (("name, amount", "pairs"),), "pairs", is_list=True),
    )),
    Source("grid", "grid", (("grid", "list[list[int]]"),), (
        View("cells", "int", ("the numbers of the grid row by row", "all cells, row after row"),
             lambda grid: [n for row in grid for n in row], (("row", "grid"), ("n", "row")),
             "cells",
             (Form("list(chain.from_iterable(grid))", ("itertools.chain",)),
              Form("{out} = []\nfor row in grid:\n    {out}.extend(row)"))),
        View("rows", "row", ("the rows of the grid", "the rows"), list,
             (("row", "grid"),), "rows", is_list=True),
        View("columns", "row", ("the columns of the grid", "the columns"),
             lambda grid: [list(column) for column in zip(*grid, strict=True)],
             (("row", "map(list, zip(*grid))"),), "columns",
             (Form("[list(column) for column in zip(*grid)]"),)),
        View("border", "int", ("the first row of the grid, then its last row",
                               "the first row followed by the last row"),
             lambda grid: grid[0] + grid[-1], (("n", "grid[0] + grid[-1]"),), "border",
             (Form("[*grid[0], *grid[-1]]"),)),
        View("diagonal", "int", ("the diagonal of the square grid from the top left",
                                 "the numbers on the main diagonal of the square grid"),
             lambda grid: [row[i] for i, row in enumerate(grid)],
             (("n", "[grid[i][i] for i in range(len(grid))]"),), "diagonal",
             (Form("[row[i] for i, row in enumerate(grid)]"),
              Form("{out} = []\nfor i in range(len(grid)):\n    {out}.append(grid[i][i])"))),
    )),
    Source("two_lists", "lists", (("left", "list[int]"), ("right", "list[int]")), (
        View("couples", "couple", ("the numbers of left and right two by two",
                                   "each number of left with the one of right at its place"),
             lambda left, right: list(zip(left, right, strict=True)),
             (("a, b", "zip(left, right)"),), "couples"),
    )),
)  # fmt: skip
