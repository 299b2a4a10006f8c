"""How the formats of named fields (Portable, Compact) plug into the service.

`_portable.PortableFormat(options)` and `_compact.CompactFormat(options, schemas)` implement `Format`.
They write and read nested objects through the output and input that they are given.
"""

from typing import Any, Protocol

from hzclient.serialization._input import Input
from hzclient.serialization._output import Output


class Format(Protocol):
    """Serializer of all objects of one type id."""

    def handles(self, cls: type[Any]) -> bool:
        """Return whether objects of exactly this class are written in this format.

        Asked once for each class, before any other serializer is looked for.
        """
        ...

    def handles_by_default(self, cls: type[Any]) -> bool:
        """Return whether the format takes a class without a serializer, such as a dataclass.

        Asked once for each class, after all other serializers but pickle.
        """
        ...

    def write(self, out: Output, obj: Any) -> None:
        """Append the payload of an object; its type id is written already."""
        ...

    def read(self, inp: Input) -> Any:
        """Read the payload of an object; its type id is read already."""
        ...
