# verdict: syntax_error | exception
# does: is a text that no file can hold
# generate: '"x = \"\ud800\"\n"'
