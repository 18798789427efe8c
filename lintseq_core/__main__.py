"""`python -m lintseq_core`: the `lintseq` command."""

from lintseq_core.cli import main

if __name__ == "__main__":
    main()
