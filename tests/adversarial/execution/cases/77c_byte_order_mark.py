# verdict: passed
# does: begins with a byte order mark, ends its lines with CRLF, indents with tabs
# generate: '"\ufeffdef solve(values):\r\n\tété = sorted(values)\r\n\treturn été\r\n"'
