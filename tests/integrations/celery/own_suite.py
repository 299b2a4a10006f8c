"""Celery's own integration tests, with a worker of theirs, on our broker and result backend.

::

    python -m tests.integrations.celery.own_suite                          # all but those of `LEFT_OUT`
    python -m tests.integrations.celery.own_suite test_canvas.py -k chord  # files, and arguments of pytest

The tests run in one process, and each once: Celery's own runs repeat a test that fails up to five times.
"""

from __future__ import annotations

import json
import sys
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from hzclient.server import LocalCluster
from tests.integrations.sdists import source_of
from tests.integrations.suites import Suite

HERE = Path(__file__).parent

FILES: Final = ("test_canvas.py", "test_tasks.py", "test_inspect.py")
"""Files whose tests run on any broker and result backend."""

LEFT_OUT: Final = {
    "needs a Redis server besides the broker": (
        "test_chord_header_id_duplicated_on_rabbitmq_msg_duplication"
    ),
    "expects that a worker receives a revocation before the task that is sent after it": (
        "test_revoked_by_headers_simple_canvas test_revoked_by_headers_complex_canvas"
    ),
    "expects REVOKED of a task that may expire in the queue, where it is dropped": "test_expired",
    "expects that the result of a group knows of an error before the group (Celery's issue 6437)": (
        "test_error_propagates_from_chord"
    ),
    "expects the log of another process within 10 milliseconds": "test_trace_log_arguments",
}
"""Names of tests that cannot hold here, by the reason."""


def start(members: LocalCluster, folder: Path, names: Iterable[str], *arguments: str) -> Suite:
    """Start tests of Celery in a process of their own.

    Args:
        members: The cluster.
        folder: An empty folder for the settings of Celery.
        names: Files of Celery's `t/integration`, or ids of tests in them.
        *arguments: Further arguments of pytest.
    """
    prefix = f"celery-{uuid.uuid4().hex}"
    settings = {
        "broker_transport_options": {"prefix": prefix},
        "result_backend_transport_options": {"map_name": f"{prefix}-results"},
    }
    (folder / "integration-tests-config.json").write_text(json.dumps(settings))
    sources = source_of("celery")
    return Suite(
        members,
        folder,
        *("-W", "ignore", "-o", "python_classes=test_*", "-p", "no:rerunfailures"),
        *("-p", "celery.contrib.pytest", "-p", "celery_plugin", "-p", "no:hzclient.testing"),
        *arguments,
        *(f"{sources}/t/integration/{name}" for name in names),
        environment={"PYTHONPATH": f"{HERE}:{sources}:{Path.cwd()}"},
    )


def main(arguments: list[str]) -> int:
    """Run tests on a cluster of their own; return the exit code of pytest."""
    files = [argument for argument in arguments if ".py" in argument] or list(FILES)
    others = [argument for argument in arguments if argument not in files]
    without = " and ".join(f"not {name}" for names in LEFT_OUT.values() for name in names.split())
    if without and "-k" not in others:
        others += ["-k", without]
    with LocalCluster() as members, tempfile.TemporaryDirectory() as folder:
        return start(members, Path(folder), files, *others).show()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
