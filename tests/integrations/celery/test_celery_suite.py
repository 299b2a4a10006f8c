"""Celery's own integration tests, with a worker of theirs, on our broker and result backend."""

from __future__ import annotations

from pathlib import Path

import pytest

from hzclient.server import LocalCluster
from tests.integrations.celery.own_suite import start

# Tests that wait for results only, by the limit that `celery_plugin` raises, and for nothing shorter.
TASKS = """
test_ignore_result test_reject_with_requeue_redelivers_and_succeeds test_task_retried_once
test_task_retried_headers
"""
CANVAS = """
test_chain::test_complex_chain test_chain::test_group_results_in_chain
test_chain::test_chain_of_task_a_group_and_a_chord test_chain::test_chain_of_nine_chords
test_group::test_nested_group_chord_counting_mixed
test_chord::test_replaced_nested_chord test_chord::test_nested_group_chain test_chord::test_parallel_chords
test_chord::test_chord_in_chords_with_chains test_chord::test_nested_chord_group
test_chord::test_nested_chord_group_chain_group_tail
"""
PASSED = 15


@pytest.mark.timeout(900)
def test_the_own_suite_passes(hazelcast_cluster: LocalCluster, tmp_path: Path) -> None:
    names = [f"test_tasks.py::test_tasks::{name}" for name in TASKS.split()]
    names += [f"test_canvas.py::{name}" for name in CANVAS.split()]
    start(hazelcast_cluster, tmp_path, names).check(PASSED, timeout=800)
