"""Options of the test suite."""

import os

import pytest
from hypothesis import settings

# `make test` tries the same plans every time, so that a change is judged by what it changed;
# `make laws` tries new ones.
settings.register_profile("same", derandomize=True)
if "LAW_EXAMPLES" not in os.environ:
    settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--accept",
        action="store_true",
        help="take over what comes out now as what must come out, in case files and documents",
    )
