"""The Celery application of the tests; its broker and its results are in the cluster of `ADDRESSES`."""

from __future__ import annotations

import os
import time
from typing import Any

from celery import Celery
from celery.app.task import Task

from hzclient.contrib._shared import shared_client
from hzclient.contrib.celery import install
from hzclient.proxy.list import List

install()

ADDRESSES = os.environ.get("ADDRESSES", "127.0.0.1:5701")
PREFIX = os.environ.get("PREFIX", "tests")


def notes(key: str) -> List[Any]:
    """Return the list to which `note` adds."""
    client = shared_client(cluster_members=ADDRESSES.split(","), async_start=False, redo_operation=True)
    return client.get_list(key)


app = Celery("tests", broker=f"hazelcast://{ADDRESSES}/", backend=f"hazelcast://{ADDRESSES}/")
app.conf.update(
    broker_transport_options={
        "prefix": PREFIX,
        "visibility_timeout": float(os.environ.get("VISIBILITY_TIMEOUT", "3")),
    },
    result_backend_transport_options={"map_name": f"{PREFIX}-results"},
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=4,
    broker_connection_retry_on_startup=True,
    task_default_queue=f"{PREFIX}-tasks",
)


@app.task
def add(left: int, right: int) -> int:
    return left + right


@app.task
def total(numbers: list[int]) -> int:
    return sum(numbers)


@app.task
def fail(text: str) -> None:
    raise ValueError(text)


@app.task(bind=True, max_retries=3)
def succeed_at_third(self: Task) -> int:
    if self.request.retries < 2:
        raise self.retry(countdown=0.05)
    return int(self.request.retries)


@app.task
def note(key: str, item: Any, seconds: float = 0) -> Any:
    """Add an item to a list in the cluster, and then take some time."""
    notes(key).add(item).result()
    time.sleep(seconds)
    return item


@app.task
def wait_for(key: str) -> None:
    """Wait until a list in the cluster has an item."""
    while notes(key).is_empty().result():
        time.sleep(0.05)


@app.task
def number(value: int, seconds: float = 0) -> int:
    time.sleep(seconds)
    return value
