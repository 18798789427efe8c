# verdict: memory | exception | syntax_error | crashed
# does: is itself a parser's nightmare
# generate: '"x = " + "-" * 100_000 + "1"'
