"""Workers of Celery in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.integration.operations.scripts import ROOT


class Worker:
    """A worker with a pool of processes, which writes its log to a file.

    Args:
        environment: Environment of `tests.integrations.celery.tasks`.
        log: Where its log goes.
        name: Its name.
        processes: Number of processes of its pool.
    """

    def __init__(self, environment: dict[str, str], log: Path, name: str, processes: int = 2) -> None:
        self.name = f"{name}@test"
        self.log = log / f"{name}.log"
        command = [sys.executable, "-m", "celery", "-A", "tests.integrations.celery.tasks", "worker"]
        options = [
            "-P",
            "prefork",
            "-c",
            str(processes),
            "-n",
            self.name,
            "-l",
            "INFO",
        ]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [*command, *options],
                cwd=ROOT,
                env=os.environ | environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def ready(self) -> bool:
        """Whether it consumes."""
        assert self.process.poll() is None, self.log.read_text()
        return "ready." in self.log.read_text()

    def kill(self) -> None:
        """Kill it with all processes of its pool, at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Let it end as on a deployment: it finishes what runs and puts back what waits."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.kill()
