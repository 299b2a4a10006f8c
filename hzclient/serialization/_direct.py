"""Whole values to bytes and back without a stream: used for nearly all keys and for many values.

An encoder raises what `ValueFormat.pack` raises; a decoder may raise `struct.error` or `UnicodeDecodeError`.
The caller then takes the longer way through a stream, which raises a better error.
"""

import struct
from collections.abc import Callable
from typing import Any

from hzclient.core import HazelcastJsonValue
from hzclient.errors import HazelcastSerializationError
from hzclient.serialization import serialization_const as ids
from hzclient.serialization._constants import INT_TYPE_IDS, TYPE_IDS, smallest_int
from hzclient.serialization._options import IntType
from hzclient.serialization._primitives import Prefix, ValueFormat


def direct_decoders(
    formats: dict[int, ValueFormat[Any]], prefix: Prefix
) -> dict[int, Callable[[bytes], Any]]:
    """Return the decoder of a whole value for each type id that has one.

    Args:
        formats: ValueFormat by type id.
        prefix: Byte order of the formats.

    Returns:
        The decoders by type id.
    """
    decode_str = _str_decoder(formats[ids.CONSTANT_TYPE_STRING], prefix)
    return {
        **{type_id: _decoder(value_format) for type_id, value_format in formats.items()},
        ids.CONSTANT_TYPE_STRING: decode_str,
        ids.JAVASCRIPT_JSON_SERIALIZATION_TYPE: _json_decoder(decode_str),
    }


def _decoder(value_format: ValueFormat[Any]) -> Callable[[bytes], Any]:
    """Return a function that decodes a whole value of a format, without a stream."""
    if value_format.layout is not None:
        unpack_from = value_format.layout.unpack_from
        return lambda data: unpack_from(data, 8)[0]
    unpack = value_format.unpack
    return lambda data: unpack(data, 8)[0]


def _str_decoder(value_format: ValueFormat[str | None], prefix: Prefix) -> Callable[[bytes], str | None]:
    """Return the decoder of strings, the most frequent values: the usual case needs no further check."""
    unpack_length, unpack = struct.Struct(prefix + "i").unpack_from, value_format.unpack

    def decode(data: bytes) -> str | None:
        if unpack_length(data, 8)[0] == len(data) - 12:
            return data[12:].decode()
        return unpack(data, 8)[0]

    return decode


def _json_decoder(decode_str: Callable[[bytes], str | None]) -> Callable[[bytes], HazelcastJsonValue]:
    """Return the decoder of JSON documents, which are strings of another type."""

    def decode(data: bytes) -> HazelcastJsonValue:
        text = decode_str(data)
        if text is None:
            raise HazelcastSerializationError("a JSON value cannot be null")
        return HazelcastJsonValue(text)

    return decode


def direct_encoders(
    formats: dict[int, ValueFormat[Any]], int_type: int, prefix: Prefix
) -> dict[type[Any], Callable[[Any], bytes]]:
    """Return what encodes a whole value, by exact Python type."""
    encoders = {cls: _encoder(type_id, formats[type_id]) for cls, type_id in TYPE_IDS.items()}
    encoders[str] = _str_encoder(prefix)
    encoders[HazelcastJsonValue] = _json_encoder(prefix)
    if int_type == IntType.VAR:
        by_id = {type_id: _encoder(type_id, formats[type_id]) for type_id in INT_TYPE_IDS.values()}
        encoders[int] = lambda value: by_id[smallest_int(value)](value)
    else:
        encoders[int] = _encoder(INT_TYPE_IDS[int_type], formats[INT_TYPE_IDS[int_type]])
    return encoders


def _encoder(type_id: int, value_format: ValueFormat[Any]) -> Callable[[Any], bytes]:
    head, pack = _head(type_id), value_format.pack
    return lambda obj: head + pack(obj)


def _str_encoder(prefix: Prefix) -> Callable[[str], bytes]:
    """Return the encoder of strings, the most frequent values: one struct for the head and the length."""
    head, pack = _head(ids.CONSTANT_TYPE_STRING), struct.Struct(prefix + "8si").pack

    def encode(text: str) -> bytes:
        encoded = text.encode()
        return pack(head, len(encoded)) + encoded

    return encode


def _json_encoder(prefix: Prefix) -> Callable[[HazelcastJsonValue], bytes]:
    """Return the encoder of JSON documents, which are strings of another type."""
    head, pack = _head(ids.JAVASCRIPT_JSON_SERIALIZATION_TYPE), struct.Struct(prefix + "8si").pack

    def encode(document: HazelcastJsonValue) -> bytes:
        encoded = document.to_string().encode()
        return pack(head, len(encoded)) + encoded

    return encode


def _head(type_id: int) -> bytes:
    """Return the head of a value: no partition hash, and the type id, which is big-endian always."""
    return struct.pack(">ii", 0, type_id)
