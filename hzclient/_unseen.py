"""What would go unseen because the application has configured no logging.

The package adds a handler to its logger that shows nothing, as libraries do. Errors in the application's
own callbacks would then disappear: nobody awaits a callback, so there is nobody to raise them to. This
handler shows the first one of each kind on stderr, unless a handler of the application shows it anyway.
"""

from __future__ import annotations

import copy
import logging
from typing import Final

__all__ = ("UNSEEN", "LastResort", "is_shown")

_FLAG = "hzclient_unseen"

UNSEEN: Final = {_FLAG: True}
"""Argument `extra` of a logging call whose record must be seen."""

_MOST_KINDS = 100


def is_shown(logger: logging.Logger, level: int) -> bool:
    """Return whether a handler of the application shows what is logged at a level."""
    current: logging.Logger | None = logger if logger.isEnabledFor(level) else None
    while current is not None:
        for handler in current.handlers:
            if level >= handler.level and not isinstance(handler, logging.NullHandler):
                return True
        current = current.parent if current.propagate else None
    return False


class LastResort(logging.NullHandler):
    """Shows nothing, except for records that must be seen and that no other handler shows."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds: set[tuple[object, ...]] = set()

    def handle(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, _FLAG) or is_shown(logging.getLogger(record.name), record.levelno):
            return True
        kind = (record.msg, record.exc_info and record.exc_info[0])
        if kind in self._kinds or len(self._kinds) >= _MOST_KINDS or logging.lastResort is None:
            return True
        self._kinds.add(kind)
        shown = copy.copy(record)
        shown.msg = f"hzclient: {record.msg} (shown once; configure logging to see each)"
        logging.lastResort.handle(shown)
        return True
