"""Messages that arrive in fragments, interleaved with those of other messages."""

from struct import Struct
from typing import Final

from hzclient._protocol.frames import BEGIN_FRAGMENT, END_FRAGMENT, HEADER_SIZE, unpack_header
from hzclient.errors import ProtocolError

_unpack_id: Final = Struct("<q").unpack_from
_FRAGMENT_HEAD_SIZE: Final = HEADER_SIZE + 8


class FragmentTable:
    """Messages of one connection whose fragments are being collected, by fragment id.

    Args:
        limit: Number of messages that may be collected at the same time.
        size_limit: Bytes of all of them together.
        message_limit: Bytes of one of them.
    """

    __slots__ = ("_assemblies", "_limit", "_message_limit", "_size", "_size_limit")

    def __init__(self, limit: int, size_limit: int, message_limit: int) -> None:
        self._assemblies: dict[int, bytearray] = {}
        self._size = 0
        self.allow(limit, size_limit, message_limit)

    def allow(self, limit: int, size_limit: int, message_limit: int) -> None:
        """Use other limits from now on."""
        self._limit = limit
        self._size_limit = size_limit
        self._message_limit = message_limit

    @property
    def size(self) -> int:
        """Bytes of all fragments being collected."""
        return self._size

    def add(self, fragment: bytes) -> bytes | None:
        """Take a fragment.

        Args:
            fragment: All its frames, the one with the fragment id first.

        Returns:
            The frames of the whole message if this was its last fragment.

        Raises:
            ProtocolError: The fragment belongs to no message, or a limit is exceeded.
        """
        length, flags = unpack_header(fragment)
        if length < _FRAGMENT_HEAD_SIZE:
            raise ProtocolError(f"fragment header has {length} bytes, needs {_FRAGMENT_HEAD_SIZE}")
        (fragment_id,) = _unpack_id(fragment, HEADER_SIZE)
        assembly = self._begin(fragment_id) if flags & BEGIN_FRAGMENT else self._find(fragment_id)
        self._append(fragment_id, assembly, memoryview(fragment)[length:])
        if not flags & END_FRAGMENT:
            return None
        del self._assemblies[fragment_id]
        self._size -= len(assembly)
        return bytes(assembly)

    def clear(self) -> None:
        """Forget all collected fragments."""
        self._assemblies.clear()
        self._size = 0

    def _begin(self, fragment_id: int) -> bytearray:
        if fragment_id in self._assemblies:
            raise ProtocolError(f"fragment {fragment_id} begins a second time")
        if len(self._assemblies) >= self._limit:
            raise ProtocolError(f"more than {self._limit} messages in fragments at the same time")
        assembly = self._assemblies[fragment_id] = bytearray()
        return assembly

    def _find(self, fragment_id: int) -> bytearray:
        assembly = self._assemblies.get(fragment_id)
        if assembly is None:
            raise ProtocolError(f"a part of fragment {fragment_id}, which never began")
        return assembly

    def _append(self, fragment_id: int, assembly: bytearray, content: memoryview) -> None:
        if len(assembly) + len(content) > self._message_limit:
            raise ProtocolError(
                f"fragment {fragment_id} grows beyond the limit of {self._message_limit} bytes"
            )
        if self._size + len(content) > self._size_limit:
            raise ProtocolError(f"fragments of more than {self._size_limit} bytes are waiting for their rest")
        assembly += content
        self._size += len(content)
