"""Sessions in the cache: `SESSION_ENGINE = "hzclient.contrib.django.sessions"`.

Django's own engine for sessions in a cache works too. It starts a new session if the cache raises an error,
though: everybody whose request comes while the cluster is unavailable is logged out. This engine raises the
error instead, and the session is still there afterwards.
"""

from __future__ import annotations

from typing import Any, cast

from django.contrib.sessions.backends.cache import SessionStore as CacheSessionStore
from django.core.cache.backends.base import BaseCache

from hzclient.contrib.django import HazelcastCache

__all__ = ("SessionStore",)


class SessionStore(CacheSessionStore):
    """Session in a Hazelcast cache, which is never reset because the cluster is unavailable.

    `ignore_exceptions` of the cache has no effect on sessions.

    Args:
        session_key: Key of the session; None for a new one.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        if isinstance(self._cache, HazelcastCache):
            self._cache: BaseCache = self._cache.strict()

    def load(self) -> dict[str, Any]:
        """Return the data of the session; a new session if there is none."""
        return self._loaded(self._cache.get(self.cache_key))

    async def aload(self) -> dict[str, Any]:
        """Return the data of the session, as `load()`."""
        return self._loaded(await self._cache.aget(await self.acache_key()))

    def _loaded(self, data: Any) -> dict[str, Any]:
        if data is None:
            self._session_key = None
            return {}
        return cast("dict[str, Any]", data)
