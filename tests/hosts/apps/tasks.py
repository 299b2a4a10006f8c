"""A Celery application whose tasks use a client; files are its broker and its results."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

from tests.hosts.apps.clients import client, count

folder = os.environ["HOSTS_FOLDER"]
app = Celery("hosts", broker="filesystem://", backend=f"file://{folder}/results")
app.conf.broker_transport_options = {
    "data_folder_in": f"{folder}/queue",
    "data_folder_out": f"{folder}/queue",
    "control_folder": f"{folder}/control",
}

if "HOSTS_EARLY" in os.environ:  # a client of the parent, which its children must not use
    client()


@app.task
def use(name: str) -> Any:
    """Count a use, and return the process and the number."""
    return os.getpid(), count(name)
