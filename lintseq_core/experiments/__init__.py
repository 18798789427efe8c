"""The paper's experiments, one module each: a configuration in, a result and its record out.

Every module runs as `python -m lintseq_core.experiments.NAME --profile smoke -o FOLDER`.
"""
