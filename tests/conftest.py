"""What every test may use: Hypothesis profiles, the optional data folder, a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from tests.chromium import FLAGS, find_chromium
from tests.features import Features

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROJECT = Path(__file__).resolve().parents[1]

# Wall time on a shared machine says nothing about our code: no deadline, no complaint of slowness.
_patient = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("ci", derandomize=True, print_blob=True, **_patient)
settings.register_profile("explore", max_examples=300, **_patient)
settings.register_profile("full", max_examples=1000, derandomize=True, print_blob=True, **_patient)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--features", type=Path, metavar="FILE", help="write the table of features")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--features")
    if path is not None:
        config.pluginmanager.register(Features(path), "features")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of benchmark files that the project does not ship; without it the test skips."""
    named = os.environ.get("LINTSEQ_DATA")
    folder = Path(named) if named else PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        if named:
            pytest.fail(f"LINTSEQ_DATA={named!r} is not a folder: correct it or unset it")
        pytest.skip("no benchmark data: set LINTSEQ_DATA to the folder that holds it")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for every test of a process: Playwright runs once in a process."""
    from playwright.sync_api import sync_playwright

    path = find_chromium()
    if path is None:
        reason = "no Chromium: install one (Debian: apt install chromium) or set CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()
