"""Celery's own integration tests, with a worker of theirs, on our broker and result backend."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest

from hzclient.server import LocalCluster
from tests.integrations.sdists import source_of
from tests.integrations.suites import Suite

HERE = Path(__file__).parent

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
"""
PASSED = 14


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with settings for Celery's tests, whose queues and results are their own."""
    prefix = f"celery-{uuid.uuid4().hex}"
    settings = {
        "broker_transport_options": {"prefix": prefix},
        "result_backend_transport_options": {"map_name": f"{prefix}-results"},
        "worker_pool_putlocks": False,  # so that the worker responds to `inspect` while it works
    }
    (tmp_path / "integration-tests-config.json").write_text(json.dumps(settings))
    return tmp_path


@pytest.mark.timeout(900)
def test_the_own_suite_passes(hazelcast_cluster: LocalCluster, folder: Path) -> None:
    sources = source_of("celery")
    names = [f"test_tasks.py::test_tasks::{name}" for name in TASKS.split()]
    names += [f"test_canvas.py::{name}" for name in CANVAS.split()]
    suite = Suite(
        hazelcast_cluster,
        folder,
        *("-W", "ignore", "-o", "python_classes=test_*"),
        *("-p", "celery.contrib.pytest", "-p", "celery_plugin", "-p", "no:hzclient.testing"),
        *(f"{sources}/t/integration/{name}" for name in names),
        environment={"PYTHONPATH": f"{HERE}:{sources}:{Path.cwd()}"},
    )
    suite.check(PASSED, timeout=800)
