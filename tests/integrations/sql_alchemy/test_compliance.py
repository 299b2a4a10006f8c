"""SQLAlchemy's dialect compliance suite, in a run of its own: its plugin changes how tests are collected."""

from __future__ import annotations

import re

from hzclient.server import LocalCluster
from tests.integrations.sql_alchemy.compliance.requirements import CLOSED, EXCLUDED, EXCLUDED_IN_2_0
from tests.integrations.sql_alchemy.compliance.run import ROOT, run_suite

PAGE = ROOT / "docs/how-to/sqlalchemy.md"
LEAST_PASSED = 350
"""Fewer would mean that most of the suite did not run."""


def test_the_suite_passes_but_for_what_the_page_lists() -> None:
    with LocalCluster() as cluster:  # of its own: tests of reflection list all tables
        done = run_suite(cluster.addresses[0])
    printed = done.stdout
    assert done.returncode == 0, printed[-20_000:] + done.stderr[-5_000:]
    passed = re.search(r"(\d+) passed", printed)
    assert passed is not None
    assert int(passed[1]) >= LEAST_PASSED, printed[-500:]


def test_the_page_lists_everything_that_is_left_out() -> None:
    page = PAGE.read_text()
    groups = (CLOSED, EXCLUDED, EXCLUDED_IN_2_0)
    names = [name for group in groups for text in group.values() for name in text.split()]
    assert [name for name in names if f"`{name}`" not in page] == []
