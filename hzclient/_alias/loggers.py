"""The loggers `hazelcast`, `hazelcast.lifecycle` and so on, for applications that configure these."""

from __future__ import annotations

import logging

__all__ = ("PARTS", "share_loggers")

PARTS = {
    "": "",
    ".client": ".client",
    ".cluster": ".cluster",
    ".compact": ".compact",
    ".config": ".config",
    ".connection": ".connection",
    ".contrib": ".contrib",
    ".contrib.celery": ".contrib.celery",
    ".contrib.dogpile": ".contrib.dogpile",
    ".contrib.kombu": ".contrib.kombu",
    ".cp": ".cp",
    ".discovery": ".discovery",
    ".future": ".future",
    ".invocation": ".invocation",
    ".lifecycle": ".lifecycle",
    ".listener": ".listener",
    ".near_cache": ".near_cache",
    ".partition": ".partition",
    ".proxy": ".proxy",
    ".proxy.reliable_topic": ".proxy.reliable_topic",
    ".proxy.ringbuffer": ".proxy.ringbuffer",
    ".runtime": ".reactor",
    ".serialization": ".serialization",
    ".statistics": ".statistics",
    ".transaction": ".transaction",
}
"""Every logger of this package, by what follows `hzclient` in its name: what follows `hazelcast` there."""


def share_loggers() -> None:
    """Make each logger of this package one with its counterpart below `hazelcast`.

    The application may hold the counterpart already, and the modules of this package hold theirs, so neither
    object can replace the other. They share their state instead: level, handlers, filters, `propagate` and
    the name, which is that of the counterpart.
    """
    for ours, theirs in PARTS.items():
        _share(logging.getLogger(f"hzclient{ours}"), logging.getLogger(f"hazelcast{theirs}"))


def _share(logger: logging.Logger, counterpart: logging.Logger) -> None:
    counterpart.propagate = counterpart.propagate and logger.propagate
    for handler in logger.handlers:
        counterpart.addHandler(handler)
    for each in logger.filters:
        counterpart.addFilter(each)
    if counterpart.level == logging.NOTSET:
        counterpart.setLevel(logger.level)
    logger.__dict__ = counterpart.__dict__
