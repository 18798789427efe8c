"""Pocket models: under a million parameters, trained in minutes, written with by numpy alone.

A folder that `lintseq train --model pocket` leaves is read by transformers like any other; here it
is read without it. Nothing in this package imports torch, transformers or tokenizers.
"""
