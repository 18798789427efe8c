"""What writing edit by edit does to small models, trained from nothing on one laptop.

    python -m lintseq_core.experiments.pocket --profile smoke -o runs/pocket-smoke
    python -m lintseq_core.experiments.pocket --profile cpu -o runs/pocket --jobs 2 --hours 2.5

A base is trained on whole programs, a pilot on validation tasks chooses a learning rate for each
arm and the best edit format, then every arm goes on from the base with as many trained tokens, and
is asked held-out tasks on the way and at the end. The claims are in `claims`, with what would
decide them; `study` says what is trained and in which order, `cells` what is counted of samples,
`tables` what comes out.
"""
