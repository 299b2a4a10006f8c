"""Integration tests may wait for members to start, and on a fresh machine for their download."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
TIMEOUT_SECONDS = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))
