"""Structures of the CP subsystem."""

from typing import TYPE_CHECKING

from hzclient._lazy import on_first_use
from hzclient.proxy.cp._base import BaseCPProxy, SessionAwareCPProxy

__all__ = ("BaseCPProxy", "SessionAwareCPProxy")

if not TYPE_CHECKING:
    # As in `hzclient.proxy.cp.fenced_lock.FencedLock`, with no import of the module.
    __getattr__, __dir__ = on_first_use(
        globals(),
        ("atomic_long", "atomic_reference", "count_down_latch", "fenced_lock", "map", "semaphore"),
    )
