"""Members that tests of this folder may break."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hzclient.server import LocalCluster, compile_java
from tests.conftest import JAVA


@pytest.fixture(scope="package")
def members(server_version: str) -> Iterator[LocalCluster]:
    """Start a cluster that tests may break. Each test leaves two members running."""
    classes = compile_java(JAVA / "hzclient", version=server_version)
    with LocalCluster(members=2, version=server_version, class_path=[classes]) as cluster:
        yield cluster
