# verdict: syntax_error
# does: holds a NUL byte
# generate: '"x = 1\0\n"'
