"""The kinds of structures, under the service names that members know."""

from __future__ import annotations

from typing import Any

from hzclient.proxy._manager import Structure
from hzclient.proxy.list import AsyncList, List
from hzclient.proxy.map import AsyncMap, Map
from hzclient.proxy.queue import AsyncQueue, Queue
from hzclient.proxy.set import AsyncSet, Set

MAP: Structure[AsyncMap[Any, Any], Map[Any, Any]] = Structure("hz:impl:mapService", AsyncMap, Map)
QUEUE: Structure[AsyncQueue[Any], Queue[Any]] = Structure("hz:impl:queueService", AsyncQueue, Queue)
LIST: Structure[AsyncList[Any], List[Any]] = Structure("hz:impl:listService", AsyncList, List)
SET: Structure[AsyncSet[Any], Set[Any]] = Structure("hz:impl:setService", AsyncSet, Set)
