"""Numbers about this process and the machine, as far as the platform has them."""

from __future__ import annotations

import importlib
import logging
import os
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

_logger = logging.getLogger("hzclient.statistics")

Gauge = Callable[[], float]


class Gauges:
    """Functions that each read one number. Those that the platform lacks are left out.

    They need the package `psutil` (extra `stats`). Without it there are none.
    """

    def __init__(self) -> None:
        psutil = _psutil()
        self._gauges = {} if psutil is None else _working(_system(psutil) | _process(psutil))

    def read(self) -> dict[str, float]:
        """Return all numbers by name. May block for an instant to ask the operating system."""
        values: dict[str, float] = {}
        for name, gauge in self._gauges.items():
            try:
                values[name] = gauge()
            except Exception as error:  # it worked at the start
                _logger.debug("%s cannot be read: %r", name, error)
        return values


def _psutil() -> ModuleType | None:
    try:
        return importlib.import_module("psutil")
    except ImportError:
        _logger.warning(
            "Statistics of the machine and the process are not sent because the package psutil is missing "
            '(pip install "hzclient-hazelcast[stats]")'
        )
        return None


def _system(psutil: Any) -> dict[str, Gauge]:
    memory, swap = psutil.virtual_memory, psutil.swap_memory
    return {
        "os.totalPhysicalMemorySize": lambda: int(memory().total),
        "os.freePhysicalMemorySize": lambda: int(memory().available),
        "os.committedVirtualMemorySize": lambda: int(psutil.Process().memory_info().vms),
        "os.totalSwapSpaceSize": lambda: int(swap().total),
        "os.freeSwapSpaceSize": lambda: int(swap().free),
        "os.systemLoadAverage": lambda: float(os.getloadavg()[0]),
        "runtime.availableProcessors": lambda: int(os.cpu_count() or 1),
    }


def _process(psutil: Any) -> dict[str, Gauge]:
    process = psutil.Process()
    return {
        "runtime.usedMemory": lambda: int(process.memory_info().rss),
        "os.openFileDescriptorCount": lambda: int(process.num_fds()),
        "os.maxFileDescriptorCount": lambda: int(process.rlimit(psutil.RLIMIT_NOFILE)[1]),
        "os.processCpuTime": lambda: int(sum(process.cpu_times()[:2]) * 1e9),
        "runtime.uptime": lambda: int((time.time() - process.create_time()) * 1e3),
    }


def _working(gauges: dict[str, Gauge]) -> dict[str, Gauge]:
    working: dict[str, Gauge] = {}
    for name, gauge in gauges.items():
        try:
            gauge()
        except Exception as error:  # platforms raise various errors for what they do not have
            _logger.debug("This platform does not have %s: %r", name, error)
        else:
            working[name] = gauge
    return working
