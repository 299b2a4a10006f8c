# Celery has no types.
# pyright: reportFunctionMemberAccess=false, reportOptionalMemberAccess=false
"""A Celery application whose broker and results are in Hazelcast.

python examples/celery_app.py                   # with a cluster on this machine, port 5701
python examples/celery_app.py HOST:PORT ...     # with that cluster

It starts a worker, as `celery -A celery_app worker` does, and gives it some tasks.
"""

import os
import subprocess
import sys
from pathlib import Path

from celery import Celery, chord

from hzclient.contrib.celery import install

install()
members = os.environ.get("MEMBERS", "127.0.0.1:5701")
app = Celery("celery_app", broker=f"hazelcast://{members}/", backend=f"hazelcast://{members}/")
app.conf.task_default_queue = "celery-example"


@app.task
def cube(number: int) -> int:
    """Return the third power of a number."""
    return number**3


@app.task
def total(numbers: list[int]) -> int:
    """Return the sum of numbers."""
    return sum(numbers)


def main() -> None:
    """Start a worker and give it tasks."""
    options = ["--concurrency", "2", "--loglevel", "ERROR"]
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "celery_app", "worker", *options],
        cwd=Path(__file__).parent,
        env=os.environ | {"MEMBERS": members},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        print("3 cubed is", cube.delay(3).get(timeout=60))
        cubes = chord([cube.s(number) for number in range(10)], total.s())()
        print("the sum of 10 cubes is", cubes.get(timeout=60))
    finally:
        worker.terminate()
        worker.wait(30)


if __name__ == "__main__":
    if sys.argv[1:]:
        members = ",".join(sys.argv[1:])
        app.conf.update(broker_url=f"hazelcast://{members}/", result_backend=f"hazelcast://{members}/")
    main()
