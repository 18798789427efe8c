"""Pocket: a family of small Python tasks, for models that are trained in minutes.

A task takes values out of what its function is given, does one to five steps with them, gathers
them and returns that in some form. Parts are put together at random, by seed; which tasks are held
out is decided by the combination of their parts.
"""

from lintseq_core.benchmarks.benchmark import Benchmark, code_alone
from lintseq_core.benchmarks.pocket.held_out import NAME, problems

BENCHMARK = Benchmark(NAME, problems, code_alone)
