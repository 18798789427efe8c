"""Exit codes of the `lintseq` command."""

CHECK_FAILED = 1
BAD_USAGE = 2
BAD_INPUT = 3
LINTER_FAILED = 4
INTERRUPTED = 130
