"""How well `lintseq diagnose` tells the faults of harnesses: `python -m tests.diagnosis`."""
