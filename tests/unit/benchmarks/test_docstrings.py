"""Examples in docstrings give what they show."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

from lintseq_core import benchmarks


@pytest.mark.parametrize(
    "name", [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
)
def test_examples_hold(name):
    assert doctest.testmod(import_module(f"{benchmarks.__name__}.{name}")).failed == 0
