"""Member-side code that the map runs on entries: entry processors and interceptors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic

from hzclient._codec import map as codec
from hzclient._runtime.faces import operation
from hzclient.predicate import Predicate
from hzclient.proxy._arguments import check_task, list_of
from hzclient.proxy._map_bulk import BulkOperations, batches
from hzclient.proxy._map_entries import NO_KEY
from hzclient.types import KeyType, ValueType
from hzclient.util import check_not_none


class ProcessingOperations(BulkOperations[KeyType, ValueType], Generic[KeyType, ValueType]):
    """Entry processors, which run on the members that own the entries, and interceptors.

    Both are Python objects that serialize to what a Java class of the members deserializes.
    """

    @operation
    async def execute_on_key(self, key: KeyType, entry_processor: Any) -> Any:
        """Run an entry processor on the entry of a key. The key need not exist.

        Args:
            key: The key.
            entry_processor: The entry processor.

        Returns:
            The result of the entry processor.
        """
        check_not_none(key, NO_KEY)
        check_task(entry_processor, "an entry processor")
        key_data = self._encode(key)
        request = codec.EXECUTE_ON_KEY.encode(
            self.name, self._encode(entry_processor), key_data, self._caller_number()
        )
        return await self._change(key_data, request, self._decode)

    @operation
    async def execute_on_keys(
        self, keys: Sequence[KeyType], entry_processor: Any
    ) -> list[tuple[KeyType, Any]]:
        """Run an entry processor on the entries of many keys.

        Args:
            keys: The keys.
            entry_processor: The entry processor.

        Returns:
            Key and result for each key whose result is not null.
        """
        check_task(entry_processor, "an entry processor")
        key_datas, processor = self._encoded_keys(list_of(keys, "keys")), self._encode(entry_processor)
        calls = (
            self._invoke(codec.EXECUTE_ON_KEYS.encode(self.name, processor, batch), self._entries)
            for batch in batches(key_datas)
        )
        results = await self._changing(key_datas, self._context.runtime.gather(calls))
        return [entry for entries in results for entry in entries]

    @operation
    async def execute_on_entries(
        self, entry_processor: Any, predicate: Predicate | None = None
    ) -> list[tuple[KeyType, Any]]:
        """Run an entry processor on all entries, or on those that match a predicate.

        Args:
            entry_processor: The entry processor.
            predicate: The predicate; None for all entries.

        Returns:
            Key and result for each entry whose result is not null.
        """
        check_task(entry_processor, "an entry processor")
        processor = self._encode(entry_processor)
        if predicate is None:
            request = codec.EXECUTE_ON_ALL_KEYS.encode(self.name, processor)
        else:
            request = codec.EXECUTE_WITH_PREDICATE.encode(self.name, processor, self._encode(predicate))
        return await self._changing(None, self._invoke(request, self._entries))

    @operation
    async def add_interceptor(self, interceptor: Any) -> str:
        """Add an interceptor, which may observe, change, and refuse reads, writes, and removals.

        Args:
            interceptor: The interceptor.

        Returns:
            The registration id, for `remove_interceptor`.
        """
        check_not_none(interceptor, "an interceptor must not be None")
        request = codec.ADD_INTERCEPTOR.encode(self.name, self._encode(interceptor))
        return await self._changing(None, self._invoke(request))

    @operation
    async def remove_interceptor(self, registration_id: str) -> bool:
        """Remove an interceptor.

        Args:
            registration_id: The id that `add_interceptor` returned.

        Returns:
            False if no interceptor has this id.
        """
        check_not_none(registration_id, "a registration id must not be None")
        request = codec.REMOVE_INTERCEPTOR.encode(self.name, registration_id)
        return await self._changing(None, self._invoke(request))
