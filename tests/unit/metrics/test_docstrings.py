"""Examples in docstrings give what they show."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

from lintseq_core import metrics

NAMES = [module.name for module in pkgutil.iter_modules(metrics.__path__)]
DEFINITIONS = set(NAMES) - {"errors"}


@pytest.mark.parametrize("name", NAMES)
def test_examples_hold(name):
    result = doctest.testmod(import_module(f"{metrics.__name__}.{name}"))
    assert result.failed == 0
    assert result.attempted > 0 or name not in DEFINITIONS
