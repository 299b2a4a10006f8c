"""The kinds of structures, under the service names that members know."""

from __future__ import annotations

from typing import Any

from hzclient.proxy._manager import Structure
from hzclient.proxy.map import AsyncMap, Map

MAP: Structure[AsyncMap[Any, Any], Map[Any, Any]] = Structure("hz:impl:mapService", AsyncMap, Map)
