"""Objects to data and back: finds the serializer of each object and of each type id."""

import logging
import struct
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NoReturn, TypeAlias
from weakref import WeakMethod

from hzclient._speed import hot
from hzclient.errors import (
    HazelcastInstanceNotActiveError,
    HazelcastSerializationError,
    IllegalArgumentError,
)
from hzclient.serialization import serialization_const as ids
from hzclient.serialization._buffer import clipped, qualified_name
from hzclient.serialization._collections import COLLECTION_READERS, COLLECTION_WRITERS, write_list
from hzclient.serialization._compact import CompactFormat, NotCompactError
from hzclient.serialization._constants import (
    CONSTANT_TYPES,
    INT_TYPE_IDS,
    TYPE_IDS,
    constant_formats,
    smallest_int,
)
from hzclient.serialization._custom import CustomSerializers
from hzclient.serialization._direct import direct_decoders, direct_encoders
from hzclient.serialization._hash import partition_hash
from hzclient.serialization._identified import IdentifiedReader, write_identified
from hzclient.serialization._input import Input, ObjectReader, format_reader, input_class
from hzclient.serialization._internal import Format
from hzclient.serialization._options import BytesType, IntType, SerializationOptions
from hzclient.serialization._order import BIG_ENDIAN, LITTLE_ENDIAN
from hzclient.serialization._output import ObjectWriter, Output, format_writer, output_class
from hzclient.serialization._pickle import (
    PLAIN_NAMES,
    pickle_reader,
    pickle_writer,
    refuse_to_read,
    refuse_to_write,
)
from hzclient.serialization._portable import PortableFormat
from hzclient.serialization._primitives import PACK_ERRORS, ValueFormat
from hzclient.serialization._schema import SchemaNotFoundError, SchemaNotReplicatedError, SchemaRegistry
from hzclient.serialization.api import IdentifiedDataSerializable
from hzclient.serialization.data import Data
from hzclient.serialization.java import JavaValue
from hzclient.serialization.objects import FACTORIES

PartitioningStrategy: TypeAlias = Callable[[Any], Any]
"""Gives the object that decides about the partition of a key, or None for the key itself."""

_log = logging.getLogger("hzclient.serialization")

_NO_HASH: Final = b"\0\0\0\0"
_pack_int, _unpack_int = struct.Struct(">i").pack, struct.Struct(">i").unpack_from

_PASSED_ON = (
    HazelcastSerializationError,
    SchemaNotFoundError,
    SchemaNotReplicatedError,
    HazelcastInstanceNotActiveError,
    MemoryError,
)
"""Errors of a serializer that say enough as they are."""


def default_partition_strategy(key: Any) -> Any:
    """Return what the `get_partition_key` method of a key says, None if it has no such method."""
    method = getattr(key, "get_partition_key", None)
    return None if method is None else method()


def empty_partitioning_strategy(_: Any) -> None:
    """Let the key itself decide."""
    return None


class SerializationService:
    """Turns objects into serialized values (a whole `Data` as bytes) and back; shared by all threads.

    Args:
        options: What to know from the start.

    Raises:
        ValueError: If serializers contradict each other or built-in ones.
        IllegalArgumentError: If there is a compact serializer for a built-in type.
        HazelcastSerializationError: If class definitions contradict each other.

    Attributes:
        options: The options.
        schemas: Schemas of compact data. The schemas in `schemas.unreplicated` must be sent before data is.
        compact: The compact format.
        portable: The portable format.
        writers: Writer by exact type; asking for a type finds and remembers its writer.
        readers: Reader by type id; asking for an id that nobody knows raises.
    """

    def __init__(self, options: SerializationOptions | None = None) -> None:
        self.options: Final = options or SerializationOptions()
        self._order = BIG_ENDIAN if self.options.is_big_endian else LITTLE_ENDIAN
        self._output = output_class(self._order)
        self._input = input_class(self._order)
        self._active = True
        self._custom = CustomSerializers(self.options.custom_serializers, self.options.global_serializer)
        _check_compact_serializers(self.options)
        self.schemas: Final = SchemaRegistry()
        self.compact: Final = CompactFormat(self.options, self.schemas)
        self.portable: Final[Format] = PortableFormat(self.options)

        allowed = self.options.pickle_allowed
        names = None if allowed is None else PLAIN_NAMES | allowed
        self._write_pickle = pickle_writer(names)
        self._read_pickle = pickle_reader(names) if self.options.pickle_enabled else refuse_to_read()

        prefix = self._order.prefix
        self._formats = formats = constant_formats(self._order, self._bytes_class())
        # Weak, as they are reached through this object only: a client that is closed is freed at once.
        self.readers: Final[dict[int, ObjectReader]] = _Readers(WeakMethod(self._unknown_type_id))
        self.readers.update(self._all_readers(formats))
        self.writers: Final[dict[type[Any], ObjectWriter]] = _Writers(WeakMethod(self._find_writer))
        self.writers.update(self._constant_writers(formats))
        self._decoders = direct_decoders(formats, prefix)
        self._encoders = direct_encoders(formats, self.options.default_int_type, prefix)
        if bytes in self.writers:
            self._encoders[bytes] = self._encoders[bytearray]
        if hot is not None and self._order is BIG_ENDIAN:
            # Attributes of this object hide the methods, which handle whatever these pass on.
            encoder = hot.ValueEncoder(self.encode, self.options.default_int_type, bytes in self._encoders)
            self.encode = encoder.encode  # type: ignore[method-assign]
            self.decode = hot.ValueDecoder(self.decode, self._bytes_class() is bytes)  # type: ignore[method-assign]

    def encode(self, obj: object, partitioning_strategy: PartitioningStrategy | None = None) -> bytes:
        """Serialize an object.

        Args:
            obj: The object; a `Data` is serialized already.
            partitioning_strategy: Gives the object that decides about the partition;
                `default_partition_strategy` if None.

        Returns:
            The serialized value.

        Raises:
            HazelcastSerializationError: If the object is None or cannot be serialized.
        """
        encoder = self._encoders.get(type(obj))
        if encoder is not None and partitioning_strategy is None:
            try:
                return encoder(obj)
            except PACK_ERRORS:
                pass  # the longer way below raises a better error
        return self._encode_object(obj, partitioning_strategy or default_partition_strategy)

    def encode_optional(self, obj: object) -> bytes | None:
        """Serialize an object; None stays None."""
        return None if obj is None else self.encode(obj)

    def decode(self, data: bytes | None) -> Any:
        """Deserialize an object.

        Args:
            data: A whole serialized value; None and empty bytes are read as None.

        Returns:
            The object.

        Raises:
            HazelcastSerializationError: If it cannot be read.
            SchemaNotFoundError: If it is compact data of a schema that `schemas` does not hold (yet).
        """
        if not data:
            return None
        try:
            return self._decoders[_unpack_int(data, 4)[0]](data)
        except Exception:
            # Not one of the types that need no stream; or broken, which the stream explains better.
            return self._decode_object(data)

    def split_pair(self, data: bytes) -> tuple[bytes, bytes]:
        """Split a serialized array of two objects into two serialized values.

        The array holds no lengths, so its first object has to be readable; the second one need not be.

        Args:
            data: The array as a serialized value.

        Returns:
            The two values; `data` and nothing if the first one cannot be deserialized.

        Raises:
            SchemaNotFoundError: If the schema of the first one, which is compact data, has to be fetched.
        """
        inp = self._input(self, data, 8)
        try:
            inp.read_int()  # the length of the array
            start = inp.pos
            inp.read_object()
            first, second = self._part(data[start : inp.pos]), self._part(data[inp.pos :])
        except SchemaNotFoundError:
            raise
        except Exception:
            return data, b""
        return first, second

    def _part(self, data: bytes) -> bytes:
        """Return an object of a stream as a serialized value, whose type id is big-endian."""
        return _NO_HASH + _pack_int(self._order.int.unpack(data, 0)[0]) + data[4:]

    def destroy(self) -> None:
        """Release the serializers of the application."""
        if self._active:
            self._active = False
            self._custom.destroy()
            for name in ("encode", "decode"):  # the compiled ones, which refer to this object
                vars(self).pop(name, None)

    def _encode_object(self, obj: object, strategy: PartitioningStrategy) -> bytes:
        if isinstance(obj, Data):
            return obj.buffer
        if obj is None:
            raise HazelcastSerializationError("None has no serialized form of its own")
        try:
            key = strategy(obj)
            out = self._output(self, _NO_HASH)
            self.writers[type(obj)](out, obj)
        except _PASSED_ON:
            raise
        except Exception as error:
            raise HazelcastSerializationError(
                f"cannot serialize {clipped(obj)} of type {qualified_name(type(obj))}: {_reason(error)}"
            ) from error
        buffer = out.buffer
        if self._order is LITTLE_ENDIAN:
            buffer[4:8] = buffer[7:3:-1]  # the head is big-endian always
        if key is not None and key is not obj:
            buffer[:4] = _pack_int(partition_hash(self.encode(key, empty_partitioning_strategy)))
        return bytes(buffer)

    def _decode_object(self, data: bytes) -> Any:
        try:
            return self._decode_from_stream(data)
        except HazelcastSerializationError as error:
            error.data = Data(data)
            raise

    def _decode_from_stream(self, data: bytes) -> Any:
        if len(data) < 8:
            raise HazelcastSerializationError(f"data has a head of 8 bytes, but only {len(data)} are there")
        (type_id,) = _unpack_int(data, 4)
        try:
            return self.readers[type_id](self._input(self, data, 8))
        except _PASSED_ON:
            raise
        except Exception as error:
            raise HazelcastSerializationError(
                f"cannot deserialize {len(data)} bytes of type id {type_id}: {_reason(error)}"
            ) from error

    def _all_readers(self, formats: dict[int, ValueFormat[Any]]) -> dict[int, ObjectReader]:
        identified = IdentifiedReader({**FACTORIES, **self.options.data_serializable_factories})
        return {
            **{type_id: serializer.read for type_id, serializer in self._custom.by_id.items()},
            **{type_id: format_reader(value_format) for type_id, value_format in formats.items()},
            **COLLECTION_READERS,
            ids.CONSTANT_TYPE_NULL: _read_null,
            ids.CONSTANT_TYPE_DATA_SERIALIZABLE: identified.read,
            ids.PYTHON_TYPE_PICKLE: self._read_pickle,
            ids.CONSTANT_TYPE_PORTABLE: self.portable.read,
            ids.TYPE_COMPACT: self.compact.read,
        }

    def _bytes_class(self) -> type[bytes | bytearray]:
        """Return the class that Java's byte[] is read as."""
        return bytes if self.options.bytes_type == BytesType.BYTE_ARRAY else bytearray

    def _constant_writers(self, formats: dict[int, ValueFormat[Any]]) -> dict[type[Any], ObjectWriter]:
        def writer(type_id: int) -> ObjectWriter:
            return format_writer(formats[type_id], self._order.int.pack(type_id))

        types = dict(TYPE_IDS)
        if self.options.bytes_type == BytesType.BYTE_ARRAY and not self._custom.has_own(bytes):
            types[bytes] = ids.CONSTANT_TYPE_BYTE_ARRAY
        return {
            **{cls: writer(type_id) for cls, type_id in types.items()},
            int: _int_writer(formats, self.options.default_int_type, self._order.int.pack),
            list: self._tagged(ids.JAVA_DEFAULT_TYPE_ARRAY_LIST, write_list),
            type(None): self._tagged(ids.CONSTANT_TYPE_NULL, _write_nothing),
            JavaValue: partial(_write_java, self._formats, self._order.int.pack),
            Data: _refuse_data,
        }

    def _find_writer(self, cls: type[Any]) -> ObjectWriter:
        """Choose the serializer of a class that is not in the table of constant types."""
        if self.compact.handles(cls):
            return self._tagged(ids.TYPE_COMPACT, self.compact.write)
        if issubclass(cls, IdentifiedDataSerializable):
            return self._tagged(ids.CONSTANT_TYPE_DATA_SERIALIZABLE, write_identified)
        if self.portable.handles(cls):
            return self._tagged(ids.CONSTANT_TYPE_PORTABLE, self.portable.write)
        if issubclass(cls, str):
            return self.writers[str]
        custom = self._custom.find(cls)
        if custom is not None:
            return self._tagged(custom.get_type_id(), custom.write)
        write = self._write_pickle if self.options.pickle_enabled else refuse_to_write(cls)
        last_resort = self._tagged(ids.PYTHON_TYPE_PICKLE, write)
        if not self.compact.handles_by_default(cls):
            return last_resort
        compact = self._tagged(ids.TYPE_COMPACT, self.compact.write)
        return _compact_or_pickled(cls, compact, last_resort) if self.options.pickle_enabled else compact

    def _tagged(self, type_id: int, write: ObjectWriter) -> ObjectWriter:
        """Return a writer that puts a type id before what another one writes."""
        head = self._order.int.pack(type_id)

        def write_tagged(out: Output, obj: Any) -> None:
            out.buffer += head
            write(out, obj)

        return write_tagged

    def _unknown_type_id(self, type_id: int) -> NoReturn:
        if not self._active:
            raise HazelcastInstanceNotActiveError("the client is shut down")
        hint = _UNREADABLE.get(type_id, "register the serializer that wrote it")
        raise HazelcastSerializationError(f"no serializer for data of type id {type_id}: {hint}")


_UNREADABLE = {
    ids.TYPE_COMPACT_WITH_SCHEMA: "it is internal to members",
    ids.JAVA_DEFAULT_TYPE_SERIALIZABLE: "only Java reads it (java.io.Serializable)",
    ids.JAVA_DEFAULT_TYPE_EXTERNALIZABLE: "only Java reads it (java.io.Externalizable)",
    -110: "only .NET clients read it",
    -140: "only Go clients read it",
}


def _compact_or_pickled(cls: type[Any], compact: ObjectWriter, pickled: ObjectWriter) -> ObjectWriter:
    """Return a writer that pickles those objects of a dataclass whose values are not what its hints say."""
    told: list[str] = []

    def write(out: Output, obj: Any) -> None:
        start = len(out.buffer)
        try:
            compact(out, obj)
        except NotCompactError as error:
            del out.buffer[start:]
            pickled(out, obj)
            if not told:
                told.append(str(error))
                _log.warning("some objects of %s are pickled: %s", qualified_name(cls), error)

    return write


class _Readers(dict[int, ObjectReader]):
    """Readers by type id; asking for one that is not there raises the error of `unknown`."""

    def __init__(self, unknown: WeakMethod[Callable[[int], NoReturn]]) -> None:
        super().__init__()
        self._unknown = unknown

    def __missing__(self, type_id: int) -> ObjectReader:
        unknown = self._unknown()
        assert unknown is not None, "these readers belong to a service that is gone"
        unknown(type_id)


class _Writers(dict[type[Any], ObjectWriter]):
    """Writers by exact type; one that is not there is found by `find` and remembered."""

    def __init__(self, find: WeakMethod[Callable[[type[Any]], ObjectWriter]]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, cls: type[Any]) -> ObjectWriter:
        find = self._find()
        assert find is not None, "these writers belong to a service that is gone"
        return self.setdefault(cls, find(cls))


def _check_compact_serializers(options: SerializationOptions) -> None:
    for serializer in options.compact_serializers:
        cls = serializer.get_class()
        if cls in CONSTANT_TYPES:
            raise IllegalArgumentError(
                f"{qualified_name(cls)} has a built-in serializer that cannot be replaced"
            )


def _int_writer(
    formats: dict[int, ValueFormat[Any]], int_type: int, pack_type_id: Callable[[int], bytes]
) -> ObjectWriter:
    def writer(type_id: int) -> ObjectWriter:
        value_format = formats[type_id]
        hint = f"{value_format.kind} (default_int_type is {IntType(int_type).name})"
        return format_writer(value_format._replace(kind=hint), pack_type_id(type_id))

    if int_type != IntType.VAR:
        return writer(INT_TYPE_IDS[int_type])
    writers = {type_id: writer(type_id) for type_id in INT_TYPE_IDS.values()}
    return lambda out, value: writers[smallest_int(value)](out, value)


def _write_java(
    formats: dict[int, ValueFormat[Any]], pack_type_id: Callable[[int], bytes], out: Output, obj: JavaValue
) -> None:
    """Append the value that a wrapper holds, as the type that it names."""
    value_format = formats.get(obj.type_id)
    if value_format is not None:
        format_writer(value_format, pack_type_id(obj.type_id))(out, obj.value)
    else:
        out.write_int(obj.type_id)
        COLLECTION_WRITERS[obj.type_id](out, obj.value)


def _read_null(_: Input) -> None:
    return None


def _write_nothing(out: Output, obj: None) -> None:
    pass


def _refuse_data(out: Output, obj: Data) -> None:
    raise HazelcastSerializationError("serialized data cannot be part of an object: write the value itself")


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
