"""The serialization service under its public name, which deals in `Data` objects."""

from typing import Any, Final

from hzclient.serialization._input import Input
from hzclient.serialization._options import SerializationConfig, SerializationOptions
from hzclient.serialization._output import Output
from hzclient.serialization._service import (
    PartitioningStrategy,
    SerializationService,
    default_partition_strategy,
    empty_partitioning_strategy,
)
from hzclient.serialization.data import Data

__all__ = [
    "DEFAULT_OUT_BUFFER_SIZE",
    "SerializationServiceV1",
    "default_partition_strategy",
    "empty_partitioning_strategy",
]

DEFAULT_OUT_BUFFER_SIZE: Final = 4096


class SerializationServiceV1:
    """Turns objects into `Data` and back.

    Args:
        config: Configuration of a client.

    Raises:
        ValueError: If serializers contradict each other or built-in ones.
        IllegalArgumentError: If there is a compact serializer for a built-in type.
        HazelcastSerializationError: If class definitions contradict each other.
    """

    def __init__(self, config: SerializationConfig) -> None:
        self._service = SerializationService(SerializationOptions.of(config))

    @property
    def compact_stream_serializer(self) -> Any:
        """The compact format, with its schemas."""
        return self._service.compact

    def to_data(self, obj: Any, partitioning_strategy: PartitioningStrategy | None = None) -> Data | None:
        """Serialize an object.

        Args:
            obj: The object; None and a `Data` stay what they are.
            partitioning_strategy: Gives the object that decides about the partition of a key; by
                default the `get_partition_key` method of the key, if it has one.

        Returns:
            The serialized value; None for None.

        Raises:
            HazelcastSerializationError: If the object cannot be serialized.
        """
        if obj is None or isinstance(obj, Data):
            return obj
        return Data(self._service.encode(obj, partitioning_strategy))

    def to_object(self, data: Any) -> Any:
        """Deserialize a `Data`.

        Args:
            data: A `Data`; anything else is returned as it is.

        Returns:
            The object.

        Raises:
            HazelcastSerializationError: If it cannot be read.
        """
        return self._service.decode(data.buffer) if isinstance(data, Data) else data

    def write_object(self, out: Output, obj: Any) -> None:
        """Append an object of any kind to a stream."""
        out.write_object(obj)

    def read_object(self, inp: Input) -> Any:
        """Read an object of any kind from a stream."""
        return inp.read_object()

    def destroy(self) -> None:
        """Release the serializers of the application."""
        self._service.destroy()
