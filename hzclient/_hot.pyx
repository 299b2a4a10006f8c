# cython: language_level=3, binding=False, nonecheck=True, boundscheck=True, wraparound=False, embedsignature=False
"""Compiled path of a call that needs no decision: from its arguments to the wire, and back from the response.

Everything here has a counterpart in Python, which is the definition and takes over whenever something is out of
the ordinary: a type that is not handled here, an error, a retry, an event, a large or malformed message. This module
decides nothing. Without it, or with `HZCLIENT_SPEED=off`, the client does the same more slowly.

How a call travels:

1. `ValueEncoder` serializes the key and the value, `Partitioner` finds the partition.
2. `RequestEncoder` writes the request from the layout that the generator derived from the protocol definitions.
3. `Invoker.invoke` returns a `Call`. Its first step chooses the connection and queues the request; if anything
   stands in the way, the call continues in `InvocationService` instead.
4. `Link._dispatch` cuts complete responses out of the receive buffer and hands each to its call. A response that
   waits for backups is parked until `BackupListener` has seen their acknowledgements.
5. The call wakes whoever waits: a task, a `Future`'s driver or a blocked thread. Its last step decodes the response.

Safety: `nonecheck` and `boundscheck` are on, so a missing object raises and never crashes. No directive checks what is
read through a pointer, so each of these places names the check that covers it. No lock is needed: this module
is built only for interpreters with a global interpreter lock, and a step that runs no Python code cannot be interrupted
by another thread or by a signal handler.
"""

cimport cython
from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_GET_SIZE
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.contextvars cimport PyContext_Enter, PyContext_Exit
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport (
    INT8_MAX, INT8_MIN, INT16_MAX, INT16_MIN, INT32_MAX, INT32_MIN, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t,
    uint32_t, uint64_t,
)
from libc.string cimport memcpy

import logging
from _thread import TIMEOUT_MAX, LockType, allocate_lock
from sys import is_finalizing
from asyncio import CancelledError, InvalidStateError, _get_running_loop, current_task
from functools import partial
from types import GenericAlias
from uuid import UUID

from hzclient._locks import PATIENCE_SECONDS, check_not_inside
from hzclient._runtime.identity import calling, check_may_block, waiting
from hzclient._runtime.uncopied import Uncopied
from hzclient._unseen import UNSEEN
from hzclient.core import HazelcastJsonValue
from hzclient.serialization._schema import SchemaNotFoundError

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL
    bint PyUnicode_IS_ASCII(object text)
    ctypedef enum PySendResult:
        PYGEN_RETURN
        PYGEN_ERROR
        PYGEN_NEXT
    PySendResult PyIter_Send(object iterator, object value, PyObject** result) except PYGEN_ERROR
    ctypedef PySendResult (*sendfunc)(object, object, PyObject**) except PYGEN_ERROR
    ctypedef struct PyAsyncMethods:
        sendfunc am_send
    ctypedef struct SlotsOfType "PyTypeObject":
        PyAsyncMethods* tp_as_async

cdef object _logger = logging.getLogger("hzclient.future")

cdef enum:
    # Sizes and flags of frames: see `_protocol/frames.py`.
    HEADER_SIZE = 6
    REQUEST_HEAD_SIZE = 22
    RESPONSE_HEAD_SIZE = 19
    ACKS_AT = 18
    UNFRAGMENTED = 0xC000
    FINAL = 0x2000
    BEGIN = 0x1000
    END = 0x0800
    NULL_FRAME = 0x0400
    STRUCTURE = 0x1C00
    EVENT = 0x0200
    BACKUP_AWARE = 0x0100
    BACKUP_EVENT = 0x0080
    # Messages from this size on are read in Python: copying dominates there, and the Python reader can wait for the rest.
    LARGE = 64 * 1024
    # More parameters than this are written in Python.
    MAX_FIELDS = 12

cdef enum:
    # Type ids of serialized values: see `serialization/serialization_const.py`.
    DATA_HEAD_SIZE = 8
    TYPE_BYTE = -3
    TYPE_BOOLEAN = -4
    TYPE_SHORT = -6
    TYPE_INTEGER = -7
    TYPE_LONG = -8
    TYPE_DOUBLE = -10
    TYPE_STRING = -11
    TYPE_BYTE_ARRAY = -12
    TYPE_UUID = -21
    TYPE_JSON = -130

cdef enum:
    # Values of `IntType`.
    INT_VAR = 0
    INT_BYTE = 1
    INT_SHORT = 2
    INT_INT = 3
    INT_LONG = 4


# ---------------------------------------------------------------------------------------- numbers in bytes

cdef inline uint16_t le16(const uint8_t* p) noexcept nogil:
    return <uint16_t>(p[0] | p[1] << 8)


cdef inline int32_t le32(const uint8_t* p) noexcept nogil:
    return <int32_t>(<uint32_t>p[0] | <uint32_t>p[1] << 8 | <uint32_t>p[2] << 16 | <uint32_t>p[3] << 24)


cdef inline int64_t le64(const uint8_t* p) noexcept nogil:
    return <int64_t>(<uint64_t><uint32_t>le32(p) | <uint64_t><uint32_t>le32(p + 4) << 32)


cdef inline int32_t be32(const uint8_t* p) noexcept nogil:
    return <int32_t>(<uint32_t>p[3] | <uint32_t>p[2] << 8 | <uint32_t>p[1] << 16 | <uint32_t>p[0] << 24)


cdef inline int64_t be64(const uint8_t* p) noexcept nogil:
    return <int64_t>(<uint64_t><uint32_t>be32(p + 4) | <uint64_t><uint32_t>be32(p) << 32)


cdef inline uint8_t* put16(uint8_t* p, uint16_t value) noexcept nogil:
    p[0] = value & 0xFF
    p[1] = value >> 8
    return p + 2


cdef inline uint8_t* put32(uint8_t* p, uint32_t value) noexcept nogil:
    p[0] = value & 0xFF
    p[1] = value >> 8 & 0xFF
    p[2] = value >> 16 & 0xFF
    p[3] = value >> 24
    return p + 4


cdef inline uint8_t* put64(uint8_t* p, uint64_t value) noexcept nogil:
    return put32(put32(p, <uint32_t>value), <uint32_t>(value >> 32))


cdef inline uint8_t* put_be32(uint8_t* p, uint32_t value) noexcept nogil:
    p[0] = value >> 24
    p[1] = value >> 16 & 0xFF
    p[2] = value >> 8 & 0xFF
    p[3] = value & 0xFF
    return p + 4


cdef inline uint8_t* put_be64(uint8_t* p, uint64_t value) noexcept nogil:
    return put_be32(put_be32(p, <uint32_t>(value >> 32)), <uint32_t>value)


cdef inline uint8_t* bytes_at(bytes data) noexcept:
    return <uint8_t*>PyBytes_AS_STRING(data)


cdef inline object owned(PyObject* new):
    """Return the object of a new reference, which Cython counts from now on."""
    result = <object>new
    Py_DECREF(result)
    return result


# ---------------------------------------------------------------------------------------------- partitions

cdef inline uint32_t rotated(uint32_t x, int by) noexcept nogil:
    return x << by | x >> (32 - by)


cdef int32_t murmur3(const uint8_t* data, Py_ssize_t size, uint32_t h) noexcept nogil:
    """MurmurHash3 in its 32-bit variant for x86 (Austin Appleby, public domain), seeded with `h`."""
    cdef Py_ssize_t i, whole = size & ~<Py_ssize_t>3
    cdef uint32_t k = 0
    for i in range(0, whole, 4):
        h ^= rotated(<uint32_t>le32(data + i) * 0xCC9E2D51u, 15) * 0x1B873593u
        h = rotated(h, 13) * 5 + 0xE6546B64u
    for i in range(size - whole):
        k |= <uint32_t>data[whole + i] << <int>(8 * i)
    if size > whole:
        h ^= rotated(k * 0xCC9E2D51u, 15) * 0x1B873593u
    h ^= <uint32_t>size
    h = (h ^ h >> 16) * 0x85EBCA6Bu
    h = (h ^ h >> 13) * 0xC2B2AE35u
    return <int32_t>(h ^ h >> 16)


cdef class PartitionCount:
    """Base of `PartitionTable`.

    Attributes:
        count: Number of partitions; 0 if it is not known yet.
    """

    cdef public int count


@cython.final
cdef class Partitioner:
    """Finds the partition of serialized data, as `PartitionTable.partition_id`."""

    cdef PartitionCount table
    cdef object general

    def __init__(self, PartitionCount table not None, general):
        self.table = table
        self.general = general

    def partition_id(self, data):
        """Return the partition of serialized data."""
        cdef int32_t count = self.table.count, hash_
        cdef const uint8_t* p
        if type(data) is not bytes or PyBytes_GET_SIZE(data) < DATA_HEAD_SIZE or count <= 0:
            return self.general(data)
        p = bytes_at(data)
        hash_ = be32(p)  # checked: the head
        if hash_ == 0:
            hash_ = murmur3(p + DATA_HEAD_SIZE, PyBytes_GET_SIZE(data) - DATA_HEAD_SIZE, 0x01000193)
        if hash_ == INT32_MIN:
            return 0
        return (hash_ if hash_ > 0 else -hash_) % count


# -------------------------------------------------------------------------------------------------- values

cdef inline bytes new_data(int32_t type_id, Py_ssize_t size):
    """Return serialized data with its head (no partition hash, the type) and room for `size` bytes."""
    cdef bytes data = PyBytes_FromStringAndSize(NULL, DATA_HEAD_SIZE + size)
    put_be32(put_be32(bytes_at(data), 0), type_id)
    return data


cdef inline bytes data_of_bytes(int32_t type_id, const char* content, Py_ssize_t size):
    """Return serialized data that holds a length and `size` bytes."""
    cdef bytes data = new_data(type_id, 4 + size)
    memcpy(put_be32(bytes_at(data) + DATA_HEAD_SIZE, <uint32_t>size), content, size)
    return data


cdef bytes data_of_text(int32_t type_id, str text):
    cdef const char* utf8
    cdef Py_ssize_t size = 0
    cdef bytes encoded
    if PyUnicode_IS_ASCII(text):
        utf8 = PyUnicode_AsUTF8AndSize(text, &size)
        return data_of_bytes(type_id, utf8, size)
    encoded = text.encode()  # PyUnicode_AsUTF8AndSize would keep a copy as long as the text lives
    return data_of_bytes(type_id, PyBytes_AS_STRING(encoded), PyBytes_GET_SIZE(encoded))


cdef bytes data_of_int(int kind, int64_t value):
    """Return the data of a whole number, or None if it does not fit into an integer of this kind."""
    cdef bytes data
    if kind == INT_VAR:
        kind = (
            INT_BYTE if INT8_MIN <= value <= INT8_MAX
            else INT_SHORT if INT16_MIN <= value <= INT16_MAX
            else INT_INT if INT32_MIN <= value <= INT32_MAX
            else INT_LONG
        )
    if kind == INT_INT and INT32_MIN <= value <= INT32_MAX:
        data = new_data(TYPE_INTEGER, 4)
        put_be32(bytes_at(data) + DATA_HEAD_SIZE, <uint32_t>value)
    elif kind == INT_LONG:
        data = new_data(TYPE_LONG, 8)
        put_be64(bytes_at(data) + DATA_HEAD_SIZE, <uint64_t>value)
    elif kind == INT_SHORT and INT16_MIN <= value <= INT16_MAX:
        data = new_data(TYPE_SHORT, 2)
        (bytes_at(data) + DATA_HEAD_SIZE)[0] = <uint8_t>(value >> 8 & 0xFF)
        (bytes_at(data) + DATA_HEAD_SIZE)[1] = <uint8_t>(value & 0xFF)
    elif kind == INT_BYTE and INT8_MIN <= value <= INT8_MAX:
        data = new_data(TYPE_BYTE, 1)
        (bytes_at(data) + DATA_HEAD_SIZE)[0] = <uint8_t>(value & 0xFF)
    else:
        return None
    return data


cdef bytes data_of_float(double value):
    cdef bytes data = new_data(TYPE_DOUBLE, 8)
    cdef uint64_t bits = 0
    memcpy(&bits, &value, 8)
    put_be64(bytes_at(data) + DATA_HEAD_SIZE, bits)
    return data


@cython.final
cdef class ValueEncoder:
    """Serializes the common types in big-endian order; all others are passed on.

    Args:
        general: Serializes everything; called with an object and a partitioning strategy.
        int_type: The `IntType` that whole numbers are written as.
        with_bytes: Whether `bytes` are written as Java's byte[].
    """

    cdef object general
    cdef int int_type
    cdef bint with_bytes

    def __init__(self, general, int int_type, bint with_bytes):
        self.general = general
        self.int_type = int_type
        self.with_bytes = with_bytes

    def encode(self, obj, partitioning_strategy=None):
        """Serialize an object, as `SerializationService.encode`."""
        cdef bytes data = None
        if partitioning_strategy is None:
            try:
                data = self.plain_data(obj)
            except (UnicodeError, OverflowError):
                pass  # the general way raises an error that names the value
        return self.general(obj, partitioning_strategy) if data is None else data

    cdef bytes plain_data(self, obj):
        """Return the data of an object, or None if its type is not handled here."""
        cdef double number
        kind = type(obj)
        if kind is str:
            return data_of_text(TYPE_STRING, obj)
        if kind is int:
            return data_of_int(self.int_type, obj)  # OverflowError beyond 64 bits
        if kind is float:
            number = obj
            return data_of_float(number) if number == number else None  # Java has one NaN, the general way writes it
        if kind is bool:
            data = new_data(TYPE_BOOLEAN, 1)
            (bytes_at(data) + DATA_HEAD_SIZE)[0] = obj is True
            return data
        if kind is bytes and self.with_bytes:
            return data_of_bytes(TYPE_BYTE_ARRAY, PyBytes_AS_STRING(obj), PyBytes_GET_SIZE(obj))
        if kind is bytearray:
            return data_of_bytes(TYPE_BYTE_ARRAY, PyByteArray_AS_STRING(obj), PyByteArray_GET_SIZE(obj))
        if kind is UUID:
            data = new_data(TYPE_UUID, 16)
            memcpy(bytes_at(data) + DATA_HEAD_SIZE, PyBytes_AS_STRING(<bytes?>obj.bytes), 16)
            return data
        if kind is HazelcastJsonValue:
            text = obj.to_string()
            return data_of_text(TYPE_JSON, text) if type(text) is str else None
        return None


cdef object NOT_PLAIN = object()


cdef inline object text_of(const uint8_t* p, Py_ssize_t size):
    """Return the text that fills `size` bytes, or NOT_PLAIN."""
    try:
        return PyUnicode_DecodeUTF8(<const char*>p, size, NULL)
    except UnicodeDecodeError:
        return NOT_PLAIN


cdef object plain_value(const uint8_t* p, Py_ssize_t size, bint as_bytes):
    """Return the value of `size` bytes of serialized data, or NOT_PLAIN. A byte array becomes bytes or a bytearray."""
    cdef int32_t type_id
    cdef Py_ssize_t content = size - DATA_HEAD_SIZE
    cdef double number = 0
    cdef uint64_t bits
    if content < 1:  # checked: the head, and at least one byte
        return NOT_PLAIN
    type_id = be32(p + 4)
    p += DATA_HEAD_SIZE
    if type_id == TYPE_STRING:
        if content >= 4 and be32(p) == content - 4:  # checked: the text
            return text_of(p + 4, content - 4)
    elif type_id == TYPE_INTEGER:
        if content == 4:  # checked: the number
            return be32(p)
    elif type_id == TYPE_LONG:
        if content == 8:  # checked: the number
            return be64(p)
    elif type_id == TYPE_DOUBLE:
        if content == 8:  # checked: the number
            bits = <uint64_t>be64(p)
            memcpy(&number, &bits, 8)
            return number
    elif type_id == TYPE_BOOLEAN:
        if content == 1 and p[0] <= 1:
            return p[0] == 1
    elif type_id == TYPE_BYTE:
        if content == 1:
            return <int8_t>p[0]
    elif type_id == TYPE_SHORT:
        if content == 2:  # checked: the number
            return <int16_t>(p[0] << 8 | p[1])
    elif type_id == TYPE_BYTE_ARRAY:
        if content >= 4 and be32(p) == content - 4:  # checked: the array
            array = PyBytes_FromStringAndSize(<const char*>p + 4, content - 4)
            return array if as_bytes else bytearray(array)
    elif type_id == TYPE_UUID:
        if content == 16:  # checked: both halves
            return UUID(bytes=PyBytes_FromStringAndSize(<const char*>p, 16))
    elif type_id == TYPE_JSON:
        if content >= 4 and be32(p) == content - 4:  # checked: the text
            text = text_of(p + 4, content - 4)
            return NOT_PLAIN if text is NOT_PLAIN else HazelcastJsonValue(text)
    return NOT_PLAIN


@cython.final
cdef class ValueDecoder:
    """Deserializes the common types. A `Call` uses it on the receive buffer, without a bytes object between.

    Args:
        general: Deserializes everything.
        as_bytes: Whether Java's byte[] becomes bytes. If not, it becomes a bytearray.
    """

    cdef object general
    cdef bint as_bytes

    def __init__(self, general, bint as_bytes):
        self.general = general
        self.as_bytes = as_bytes

    def __call__(self, data):
        value = NOT_PLAIN
        if type(data) is bytes:
            value = plain_value(bytes_at(data), PyBytes_GET_SIZE(data), self.as_bytes)
        return self.general(data) if value is NOT_PLAIN else value


    def entries(self, pairs):
        """Return entries deserialized, one after the other."""
        cdef list found = []
        for key, value in pairs:
            found.append((self(key), self(value)))
        return found


# --------------------------------------------------------------------------------------- lists in messages

cdef inline Py_ssize_t frame_end(const uint8_t* data, Py_ssize_t at, Py_ssize_t size) noexcept nogil:
    """Return where the frame at an offset ends, or -1 if there is no whole frame."""
    cdef int32_t length
    if not 0 <= at <= size - HEADER_SIZE:  # checked: a header
        return -1
    length = le32(data + at)
    return at + length if HEADER_SIZE <= length <= size - at else -1  # checked: the frame


def data_list(message, bint nullable, bint as_text=False):
    """Return the contents of the data frames of a list, and move past it.

    Args:
        message: The message, whose cursor is at the list.
        nullable: Whether the list may contain nulls.
        as_text: Whether the contents are text.

    Returns:
        The contents, as bytes or text; None, without a move, if the frames are not those of such a list. Python finds out what is wrong.
    """
    cdef bytes buffer = message.buffer
    cdef const uint8_t* data = bytes_at(buffer)
    cdef Py_ssize_t size = PyBytes_GET_SIZE(buffer), at = message.pos, end = frame_end(data, at, size)
    cdef list found = []
    cdef int flags
    if end < 0 or le16(data + at + 4) & STRUCTURE != BEGIN:
        return None
    while True:
        at = end
        end = frame_end(data, at, size)
        if end < 0:
            return None
        flags = le16(data + at + 4) & STRUCTURE
        if flags == 0 and as_text:
            text = text_of(data + at + HEADER_SIZE, end - at - HEADER_SIZE)
            if text is NOT_PLAIN:
                return None
            found.append(text)
        elif flags == 0:
            found.append(PyBytes_FromStringAndSize(<const char*>data + at + HEADER_SIZE, end - at - HEADER_SIZE))
        elif flags == NULL_FRAME and nullable:
            found.append(None)
        elif flags == END:
            message.pos = end
            return found
        else:
            return None


def data_entries(message):
    """Return the pairs of data frames of a list of entries, and move past it. None as for `data_list`."""
    before = message.pos
    cdef list found, contents = data_list(message, False)
    cdef Py_ssize_t i
    if contents is None:
        return None
    if len(contents) % 2:
        message.pos = before
        return None
    found = []
    for i in range(0, len(contents), 2):
        found.append((contents[i], contents[i + 1]))
    return found


def last_whole_frame(bytearray buffer not None, Py_ssize_t at, Py_ssize_t end, Py_ssize_t frame_limit, Py_ssize_t limit):
    """Skip the complete frames in a receive buffer that end no message.

    Args:
        buffer: The buffer.
        at: Offset of a frame.
        end: Offset behind the received bytes.
        frame_limit: Maximum length of a frame.
        limit: Offset that no skipped frame may exceed.

    Returns:
        Offset of the first frame that is not skipped.
    """
    cdef const uint8_t* data = <const uint8_t*>PyByteArray_AS_STRING(buffer)
    cdef Py_ssize_t next_frame
    if end > PyByteArray_GET_SIZE(buffer):  # checked: the buffer
        raise SystemError("the receive buffer is inconsistent")
    if end > limit:
        end = limit
    while True:
        next_frame = frame_end(data, at, end)
        if next_frame < 0 or next_frame - at > frame_limit or le16(data + at + 4) & FINAL:
            return at
        at = next_frame


# ------------------------------------------------------------------------------------------------ requests

@cython.final
@cython.freelist(64)
@cython.no_gc  # holds bytes, and a method that lives as long as its module
cdef class Request:
    """A request in one piece of memory, with room for its head; same interface as `message.Request`."""

    cdef readonly object method
    cdef bytes raw
    cdef int32_t first_frame, type
    cdef uint16_t flags
    cdef char response

    @property
    def body(self):
        """All bytes behind the head of the first frame."""
        return self.raw[REQUEST_HEAD_SIZE:]

    @property
    def size(self):
        """Bytes on the wire, head included."""
        return PyBytes_GET_SIZE(self.raw)

    def head(self, int64_t correlation_id, int32_t partition_id=-1, bint backup_aware=False):
        """Return the 22 bytes that go before `body`."""
        cdef bytes head = PyBytes_FromStringAndSize(NULL, REQUEST_HEAD_SIZE)
        self.put_head(bytes_at(head), correlation_id, partition_id, backup_aware)
        return head

    cdef bytes message(self, int64_t correlation_id, int32_t partition_id, bint backup_aware):
        """Return head and body. A copy, because the request may be sent again under another number."""
        cdef bytes message = PyBytes_FromStringAndSize(PyBytes_AS_STRING(self.raw), PyBytes_GET_SIZE(self.raw))
        self.put_head(bytes_at(message), correlation_id, partition_id, backup_aware)
        return message

    cdef void put_head(
        self, uint8_t* p, int64_t correlation_id, int32_t partition_id, bint backup_aware
    ) noexcept:
        p = put32(p, self.first_frame)
        p = put16(p, self.flags | BACKUP_AWARE if backup_aware else self.flags)
        p = put32(p, self.type)
        p = put64(p, correlation_id)
        put32(p, partition_id)

    def undecoded(self):
        """Return the same request as a general one whose result is the response itself."""
        return general_request(self.method, self.first_frame, self.flags, self.body).undecoded()

    def __repr__(self):
        return f"<Request {self.method.name}, {self.size} bytes>"


cdef object general_request = None  # set by `use_messages`

cdef inline char response_of(method):
    """Return the letter of what the response of a method holds: "n" for nothing, "?" for what Python has to read."""
    layout = method.response_layout
    return b"?" if layout is None else <char>ord(layout) if layout else b"n"


cdef Request compiled_request(general):
    """Return a request that was encoded in Python as one of this path."""
    cdef Request request = Request.__new__(Request)
    cdef bytes body = general.body
    request.raw = PyBytes_FromStringAndSize(NULL, REQUEST_HEAD_SIZE + PyBytes_GET_SIZE(body))
    memcpy(bytes_at(request.raw) + REQUEST_HEAD_SIZE, PyBytes_AS_STRING(body), PyBytes_GET_SIZE(body))
    request.method = general.method
    request.type = general.method.request_type
    request.response = response_of(general.method)
    request.first_frame = general._first_frame
    request.flags = general._flags
    return request


cdef object MISSING = object()


cdef inline int fixed_size(char kind) noexcept:
    """Return the bytes that a field takes in the first frame; 0 if it has frames of its own."""
    if kind == b"b" or kind == b"y":
        return 1
    if kind == b"i" or kind == b"f":
        return 4
    return 8 if kind == b"q" else 17 if kind == b"u" else 0


@cython.final
cdef class RequestEncoder:
    """Writes the requests of one method: fixed-size fields into the first frame, then a frame for each other field.

    Args:
        method: The method; its layouts say what is written.
        general: Its encode function in Python, which takes over if an argument is not what the layout says.
    """

    cdef object method, general
    cdef int32_t type, first_frame
    cdef char response
    cdef int count, fixed
    cdef char[MAX_FIELDS] kinds
    cdef int[MAX_FIELDS] order  # index of the argument for each place on the wire
    cdef tuple writers  # for each place: the function in Python that writes a composite
    cdef tuple composite  # the last one that was written and its frames, if it is immutable

    def __init__(self, method, general):
        cdef str layout = method.request_layout
        cdef int i
        if not layout or len(layout) > MAX_FIELDS or not handles(layout):
            raise ValueError(f"{method.name}: the layout {layout!r} is not handled here")
        given = iter(method.writers)
        writers = [next(given) if letter == "c" else None for letter in layout]
        self.method = method
        self.general = general
        self.type = method.request_type
        self.response = response_of(method)
        self.first_frame = REQUEST_HEAD_SIZE
        for fixed in (True, False):
            for i in range(len(layout)):
                kind = <char>ord(layout[i])
                if (fixed_size(kind) > 0) == fixed:
                    self.kinds[self.count] = kind
                    self.order[self.count] = i
                    self.first_frame += fixed_size(kind)
                    self.count += 1
            if fixed:
                self.fixed = self.count
        self.writers = tuple([writers[self.order[i]] for i in range(self.count)])

    def encode(
        self, a=MISSING, b=MISSING, c=MISSING, d=MISSING, e=MISSING, f=MISSING, g=MISSING, h=MISSING, i=MISSING,
        j=MISSING, k=MISSING, l=MISSING, /,
    ):
        """Return the request of these arguments."""
        # Separate parameters, because `*args` would make a tuple.
        cdef PyObject** args = [
            <PyObject*>a, <PyObject*>b, <PyObject*>c, <PyObject*>d, <PyObject*>e, <PyObject*>f, <PyObject*>g,
            <PyObject*>h, <PyObject*>i, <PyObject*>j, <PyObject*>k, <PyObject*>l,
        ]
        cdef const char* content[MAX_FIELDS]
        cdef Py_ssize_t sizes[MAX_FIELDS]
        cdef Py_ssize_t total = self.first_frame
        cdef list kept = None
        cdef Request request
        cdef uint8_t* p
        cdef int n
        if (
            <object>args[self.count - 1] is MISSING
            or (self.count < MAX_FIELDS and <object>args[self.count] is not MISSING)
        ):
            return self.in_python(args)
        for n in range(self.fixed, self.count):
            argument = <object>args[self.order[n]]
            content[n] = NULL
            sizes[n] = 0
            if self.kinds[n] == b"s" or self.kinds[n] == b"S":
                if type(argument) is str and PyUnicode_IS_ASCII(argument):
                    content[n] = PyUnicode_AsUTF8AndSize(argument, &sizes[n])
                elif type(argument) is str:
                    try:
                        argument = (<str>argument).encode()
                    except UnicodeError:
                        return self.in_python(args)
                    if kept is None:
                        kept = []
                    kept.append(argument)
                    content[n] = PyBytes_AS_STRING(argument)
                    sizes[n] = PyBytes_GET_SIZE(argument)
                elif argument is not None or self.kinds[n] == b"s":
                    return self.in_python(args)
            elif has_frames(self.kinds[n]):
                frames = self.frames_of(n, argument)
                if frames is None:
                    return self.in_python(args)
                if kept is None:
                    kept = []
                kept.append(frames)
                content[n] = PyBytes_AS_STRING(frames)
                sizes[n] = PyBytes_GET_SIZE(frames)
                total += sizes[n]
                continue
            elif type(argument) is bytes:
                content[n] = PyBytes_AS_STRING(argument)
                sizes[n] = PyBytes_GET_SIZE(argument)
            elif argument is not None or self.kinds[n] == b"d":
                return self.in_python(args)
            if sizes[n] > INT32_MAX - HEADER_SIZE:
                return self.in_python(args)
            total += HEADER_SIZE + sizes[n]
        request = Request.__new__(Request)
        request.raw = PyBytes_FromStringAndSize(NULL, total)
        p = bytes_at(request.raw) + REQUEST_HEAD_SIZE
        for n in range(self.fixed):
            p = put_fixed(p, self.kinds[n], <object>args[self.order[n]])
            if p == NULL:
                return self.in_python(args)
        for n in range(self.fixed, self.count):
            if has_frames(self.kinds[n]):
                memcpy(p, content[n], sizes[n])
                p += sizes[n]
                continue
            p = put32(p, <uint32_t>(HEADER_SIZE + sizes[n]))
            p = put16(p, (FINAL if n == self.count - 1 else 0) | (NULL_FRAME if content[n] == NULL else 0))
            if content[n] != NULL:
                memcpy(p, content[n], sizes[n])
            p += sizes[n]
        request.method = self.method
        request.type = self.type
        request.response = self.response
        request.first_frame = self.first_frame
        request.flags = UNFRAGMENTED if self.fixed < self.count else UNFRAGMENTED | FINAL
        return request

    cdef bytes frames_of(self, int n, object argument):
        """Return the frames of a list or a composite, or None if Python has to write it."""
        cdef bint last = n == self.count - 1
        cdef bytes frames
        if self.kinds[n] == b"l":
            return data_list_frames(argument, last) if type(argument) is list else None
        if self.kinds[n] == b"e":
            return data_entries_frames(argument, last) if type(argument) is list else None
        if self.composite is not None and argument is self.composite[0]:
            return self.composite[1]
        parts = []
        try:
            self.writers[n](parts, argument, last)
            frames = b"".join(parts)
        except Exception:  # Python raises it again, and names the parameter
            return None
        if len(self.method.writers) == 1 and type(argument).__hash__ is not None:
            # Such as a CP group, which is the same in all calls of a structure. Only immutable ones have a hash.
            self.composite = (argument, frames)
        return frames

    cdef object in_python(self, PyObject** args):
        """Encode in Python, which names what is wrong with an argument."""
        cdef list given = []
        cdef int n
        for n in range(MAX_FIELDS):
            if <object>args[n] is MISSING:
                break
            given.append(<object>args[n])
        return self.general(*given)


cdef inline bint handles(str layout):
    for letter in layout:
        if letter not in "byiqusdSDlec":
            return False
    return True


cdef inline bint has_frames(char kind) noexcept:
    """Return whether a field consists of several frames: a list, entries or a composite."""
    return kind == b"l" or kind == b"e" or kind == b"c"


cdef inline uint8_t* put_frame(uint8_t* p, bytes content) noexcept:
    p = put16(put32(p, <uint32_t>(HEADER_SIZE + PyBytes_GET_SIZE(content))), 0)
    memcpy(p, PyBytes_AS_STRING(content), PyBytes_GET_SIZE(content))
    return p + PyBytes_GET_SIZE(content)


cdef inline Py_ssize_t frame_size(object content) noexcept:
    """Return the size of the frame that holds serialized data; -1 if Python has to write it."""
    if type(content) is not bytes or PyBytes_GET_SIZE(content) > INT32_MAX - HEADER_SIZE:
        return -1
    return HEADER_SIZE + PyBytes_GET_SIZE(content)


cdef bytes data_list_frames(list values, bint last):
    """Return the frames of a list of serialized values, or None if one of them is something else."""
    cdef Py_ssize_t size, total = 2 * HEADER_SIZE
    cdef bytes frames
    cdef uint8_t* p
    for value in values:
        size = frame_size(value)
        if size < 0:
            return None
        total += size
    frames = PyBytes_FromStringAndSize(NULL, total)
    p = put16(put32(bytes_at(frames), HEADER_SIZE), BEGIN)
    for value in values:  # the same ones: nothing else ran in between
        p = put_frame(p, <bytes>value)
    put16(put32(p, HEADER_SIZE), END | FINAL if last else END)
    return frames


cdef bytes data_entries_frames(list entries, bint last):
    """Return the frames of pairs of serialized values, or None if one of them is something else."""
    cdef Py_ssize_t key_size, value_size, total = 2 * HEADER_SIZE
    cdef bytes frames
    cdef uint8_t* p
    for entry in entries:
        if type(entry) is not tuple or len(<tuple>entry) != 2:
            return None
        key_size = frame_size((<tuple>entry)[0])
        value_size = frame_size((<tuple>entry)[1])
        if key_size < 0 or value_size < 0:
            return None
        total += key_size + value_size
    frames = PyBytes_FromStringAndSize(NULL, total)
    p = put16(put32(bytes_at(frames), HEADER_SIZE), BEGIN)
    for entry in entries:  # the same ones: nothing else ran in between
        p = put_frame(p, <bytes>(<tuple>entry)[0])
        p = put_frame(p, <bytes>(<tuple>entry)[1])
    put16(put32(p, HEADER_SIZE), END | FINAL if last else END)
    return frames


cdef uint8_t* put_fixed(uint8_t* p, char kind, object value) except? NULL:
    """Write a fixed-size field; return where the next one begins, or NULL if the value is not what it should be."""
    cdef int64_t number
    if kind == b"b":
        if type(value) is not bool:
            return NULL
        p[0] = value is True
        return p + 1
    if kind == b"u":
        if value is None:
            p[0] = 1
            put64(put64(p + 1, 0), 0)
        elif type(value) is UUID:
            whole = <bytes?>value.bytes
            p[0] = 0
            put64(put64(p + 1, <uint64_t>be64(bytes_at(whole))), <uint64_t>be64(bytes_at(whole) + 8))
        else:
            return NULL
        return p + 17
    if type(value) is not int:
        return NULL
    try:
        number = value
    except OverflowError:
        return NULL
    if kind == b"q":
        return put64(p, <uint64_t>number)
    if kind == b"i" and INT32_MIN <= number <= INT32_MAX:
        return put32(p, <uint32_t>number)
    if kind == b"y" and INT8_MIN <= number <= INT8_MAX:
        p[0] = <uint8_t>(number & 0xFF)
        return p + 1
    return NULL


def encoder_of(method, general):
    """Return the compiled encode function of a method, or None if its layout is not handled here."""
    layout = method.request_layout
    if not layout or len(layout) > MAX_FIELDS or not handles(layout):
        return None
    return RequestEncoder(method, general).encode


# ---------------------------------------------------------------------------------------------------- link

cdef inline Py_ssize_t message_size(const uint8_t* data, Py_ssize_t available) noexcept nogil:
    """Return the size of the message that begins here; 0 if it is incomplete, -1 if Python has to read it."""
    cdef Py_ssize_t at = 0
    cdef int32_t length
    while available - at >= HEADER_SIZE:  # checked: a header
        length = le32(data + at)
        if length < HEADER_SIZE or length > LARGE or at > LARGE:
            return -1
        if length > available - at:  # checked: a frame
            return 0
        if le16(data + at + 4) & FINAL:
            return at + length
        at += length
    return 0


cdef inline bint is_response(const uint8_t* message, Py_ssize_t size) noexcept nogil:
    """Return whether a complete message is an unfragmented response. If so, its first frame holds a head."""
    return (
        size >= RESPONSE_HEAD_SIZE  # checked: the head
        and le32(message) >= RESPONSE_HEAD_SIZE
        and le16(message + 4) & (UNFRAGMENTED | EVENT | BACKUP_EVENT) == UNFRAGMENTED
    )


cdef inline bint is_backup_event(const uint8_t* message, Py_ssize_t size) noexcept nogil:
    """Return whether a complete message acknowledges a backup. If so, its first frame holds a head and a number."""
    return (
        size >= REQUEST_HEAD_SIZE + 8  # checked: the head and the number
        and le32(message) >= REQUEST_HEAD_SIZE + 8
        and le16(message + 4) & (UNFRAGMENTED | BACKUP_EVENT) == UNFRAGMENTED | BACKUP_EVENT
    )


cdef class Link:
    """What calls need of a connection; base of `MemberConnection`.

    Attributes:
        calls: Calls that wait for a response on this connection, by correlation id.
        event_handlers: Handlers of the registrations made over it, by correlation id.
        alive: False from the moment it is being closed.
        congested: True while the member reads more slowly than we write.
        backups: Responses that wait for backups.
        responses: Number of responses received.
    """

    cdef public int64_t responses
    cdef public dict calls, event_handlers
    cdef public list _out
    cdef public object _direct
    cdef public bint alive, congested
    cdef public object _flush_due
    cdef public BackupState backups

    def _dispatch(self, reader):
        """Complete the calls whose responses have arrived, up to the first message that is not for this path.

        User code may run before this returns: what it awaits continues here. It may close the connection.

        Args:
            reader: The message reader, whose buffer holds the bytes.

        Returns:
            Whether nothing but a part of a message is left. If False, the Python reader continues.
        """
        cdef bytearray buffer = reader._buffer
        cdef Py_ssize_t start = reader._start, end = reader._end, size = 0
        cdef const uint8_t* data
        cdef list ready = []
        if start != reader._scan:  # inside a large message
            return False
        if not 0 <= start <= end <= PyByteArray_GET_SIZE(buffer):  # checked: the buffer
            raise SystemError("the receive buffer is inconsistent")
        data = <const uint8_t*>PyByteArray_AS_STRING(buffer)
        while True:
            size = message_size(data + start, end - start)
            if size <= 0 or not self.take(data + start, size, ready):
                break
            start += size
        if start != <Py_ssize_t>reader._start:
            reader._start = reader._scan = start
        if ready:
            wake_all(ready)
        return size == 0

    cdef bint take(self, const uint8_t* message, Py_ssize_t size, list ready) except -1:
        """Take a complete message. Calls that are done are appended to `ready`. Return False to leave it to Python."""
        cdef Attempt attempt
        cdef bytes content
        if is_response(message, size):
            correlation_id = le64(message + 10)
            waiting = self.calls.get(correlation_id)
            if type(waiting) is not Attempt:
                return False
            attempt = <Attempt>waiting
            if attempt.is_done:
                return False
            content = PyBytes_FromStringAndSize(<const char*>message, size)
            self.responses += 1
            if message[ACKS_AT] and not self.backups.confirmed(correlation_id, message[ACKS_AT], attempt, content):
                del self.calls[correlation_id]
                return True
            del self.calls[correlation_id]
            attempt.response = content
            attempt.is_done = True
            ready.append(attempt)
            return True
        if is_backup_event(message, size):
            listener = self.event_handlers.get(le64(message + 10))
            return (
                type(listener) is BackupListener
                and le32(message + 6) == (<BackupListener>listener).event_type
                and (<BackupListener>listener).acknowledge(le64(message + REQUEST_HEAD_SIZE), ready)
            )
        return False

    cdef int queue(self, bytes message) except -1:
        self._out.append(message)
        if self._flush_due is not True:
            # As `_request_flush`: the claim is no promise before the wake-up has happened.
            claim = self._flush_due = object()
            self._post_flush()
            if self._flush_due is claim:
                self._flush_due = True
        return 0


cdef int wake_all(list ready) except -1:
    """Wake those who wait for completed calls; in place, if no task runs on their loop.

    Waking a task in place saves a turn of the loop. A task raises here only what ends the loop (KeyboardInterrupt or
    SystemExit): all are woken before that continues.
    """
    cdef Invoker invoker = (<Attempt>ready[0]).invoker
    cdef bint in_place = (
        not invoker.threaded and not invoker.loop.get_debug() and current_task(invoker.loop) is None
    )
    cdef Attempt attempt
    ending = None
    for attempt in ready:
        try:
            attempt.wake(in_place)
        except BaseException as error:
            ending = error
    if ending is not None:
        raise ending
    return 0


# ------------------------------------------------------------------------------------------------- backups

cdef class BackupState:
    """What `BackupAcks` knows; its base.

    Attributes:
        _parked: Responses that wait for acknowledgements, by correlation id.
        _early: Number of acknowledgements that came before the response, by correlation id.
    """

    cdef public dict _parked, _early

    cdef bint confirmed(self, correlation_id, int acks, Attempt attempt, bytes response) except -1:
        """Return whether all backups have confirmed. If not, the response is parked."""
        cdef int missing = acks
        if self._early:
            missing -= <int>self._early.pop(correlation_id, 0)
        if missing <= 0:
            return True
        self.park(correlation_id, missing, attempt, response)
        return False


@cython.final
cdef class BackupListener:
    """Takes the events by which members confirm backups.

    Args:
        backups: What they confirm.
        router: Knows the connections, and so the calls in flight.
        event_type: Message type of the event.
        general: Takes an event in Python.
    """

    cdef BackupState backups
    cdef object router, general
    cdef int32_t event_type

    def __init__(self, BackupState backups not None, router, int32_t event_type, general):
        self.backups = backups
        self.router = router
        self.event_type = event_type
        self.general = general

    def __call__(self, message):
        self.general(message)

    cdef bint acknowledge(self, correlation_id, list ready) except -1:
        """Count one acknowledgement. Return False to leave it to Python."""
        cdef dict early = self.backups._early
        cdef Attempt attempt
        parked = self.backups._parked.get(correlation_id)
        if parked is None:
            for link in self.router.connections.values():
                # Only for a call that is in flight: acknowledgements of abandoned calls must not pile up.
                if correlation_id in (<Link?>link).calls:
                    early[correlation_id] = early.get(correlation_id, 0) + 1
                    break
            return True
        if type(parked.waiter) is not Attempt or type(parked.message) is not bytes:
            return False
        if parked.missing > 1:
            parked.missing -= 1
            return True
        del self.backups._parked[correlation_id]
        attempt = <Attempt>parked.waiter
        if not attempt.is_done:
            attempt.response = parked.message
            attempt.is_done = True
            ready.append(attempt)
        return True


# --------------------------------------------------------------------------------------------------- calls

cdef enum Step:
    FRESH  # not started
    WAITING  # sent
    GENERAL  # continues in Python
    FINISHED


cdef class InvocationState:
    """Base of `InvocationService`.

    Attributes:
        refusal: Makes the error for calls that may not be sent now; None while calls may be sent.
        backup_aware: Whether members leave waiting for backups to the client now.
    """

    cdef public object refusal
    cdef public bint backup_aware


cdef class Owners:
    """Base of `Router`.

    Attributes:
        _owners: Connection to the owner by partition id, as far as it is known.
        connections: The connections by member.
    """

    cdef public dict _owners, connections


@cython.final
cdef class Invoker:
    """Makes calls in place of `InvocationService`, which gets all that is not for this path.

    Args:
        service: The invocation service.
        registry: Knows the schemas that the cluster does not have yet.
        router: Chooses connections.
        loop: The client's loop.
        threaded: Whether the loop has a thread of its own.
        make_call: Makes the description of a call, for the general path.
        ordinary: The terms of calls without terms of their own.
        clock: Monotonic time in seconds.
    """

    cdef InvocationState service
    cdef Owners router
    cdef object registry, loop, general, make_call, ordinary, call_soon, clock
    cdef bint threaded
    cdef int64_t last_id

    def __init__(
        self, InvocationState service not None, registry, Owners router not None, loop, bint threaded,
        make_call, ordinary, clock,
    ):
        self.service = service
        self.registry = registry
        self.router = router
        self.loop = loop
        self.general = service.perform
        self.threaded = threaded
        self.make_call = make_call
        self.ordinary = ordinary
        self.clock = clock
        self.call_soon = loop.call_soon_threadsafe if threaded else loop.call_soon

    def invoke(self, request, result=None, *, partition_id=-1, member=None, connection=None, terms=None):
        """Perform the call that the arguments describe, as `InvocationService.invoke`."""
        if terms is None and connection is None and type(partition_id) is int:
            if type(request) is general_request:
                request = compiled_request(request)
            if type(request) is Request:
                return self.attempt(<Request>request, result, partition_id, None if partition_id >= 0 else member)
        target = partition_id if partition_id >= 0 else connection or member
        if terms is None:
            return self.general(self.make_call(request, result, target))
        return self.general(self.make_call(request, result, target, terms))

    def perform(self, call):
        """Perform a call, as `InvocationService.perform`. Calls with terms of their own are not for this path."""
        request, result, target, terms = call
        if terms is self.ordinary:
            if type(request) is general_request:
                request = compiled_request(request)
            if type(request) is Request:
                if type(target) is int:
                    return self.attempt(<Request>request, result, target, None)
                if target is None or type(target) is UUID:
                    return self.attempt(<Request>request, result, -1, target)
        return self.general(call)

    cdef Attempt attempt(self, Request request, object result, int32_t partition_id, object member):
        cdef Attempt attempt = Attempt.__new__(Attempt)
        attempt.invoker = self
        attempt.request = request
        attempt.decode = result
        attempt.partition_id = partition_id
        attempt.member = member
        return attempt

    def next_id(self):
        """Return a correlation id that no other call or registration of the client has."""
        return self.new_id()

    cdef int64_t new_id(self) noexcept:
        self.last_id += 1
        return self.last_id

    cdef Link link_for(self, int32_t partition_id, object member):
        """Return the connection that takes a call at once; None if Python has to look."""
        if self.service.refusal is not None or self.registry.unreplicated:
            return None
        if partition_id >= 0:
            found = self.router._owners.get(partition_id)
        elif member is not None:
            found = self.router.connections.get(member)
        else:
            try:
                found = self.router.find_any()
            except Exception:  # of a load balancer: Python asks it again, and handles its error as that of an attempt
                return None
        if not isinstance(found, Link) or not (<Link>found).alive or (<Link>found).congested:
            return None
        return <Link>found


@cython.final
@cython.freelist(256)
cdef class Attempt:
    """The first attempt of a call: the awaitable that an operation awaits, and the future that its driver waits for.

    It is awaited once, by an operation. Users see only operations, so that `asyncio.iscoroutine` and the warning
    about a coroutine that was never awaited stay as they are.
    """

    cdef object __weakref__
    cdef Invoker invoker
    cdef Request request
    cdef Link link
    cdef object member  # that takes a call without a partition; None for any
    cdef object decode  # converts what the response holds; None returns it as it is
    cdef object response  # bytes or a Message
    cdef object error
    cdef object callback, context  # the first
    cdef list more  # (callback, context) of the others
    cdef object coroutine  # of the general path, if it was taken
    cdef object started
    cdef int64_t correlation_id
    cdef int32_t partition_id
    cdef Step state
    cdef bint is_done
    cdef public bint _asyncio_future_blocking

    # ---------------------------------------------------------------------------- as a coroutine: its steps

    cdef PySendResult step(self, object value, PyObject** result) except PYGEN_ERROR:
        if self.state == WAITING:
            if self.is_done:
                return self.finish(result)
        elif self.state == FRESH:
            if not self.start():
                return self.go_general(result)
        elif self.state == GENERAL:
            return PyIter_Send(self.coroutine, value, result)
        else:
            raise RuntimeError("cannot reuse already awaited call")
        self._asyncio_future_blocking = True
        return given(PYGEN_NEXT, self, result)

    cdef bint start(self) except -1:
        """Send the request. Return False if it was not sent."""
        cdef Link link = self.invoker.link_for(self.partition_id, self.member)
        cdef bint backup_aware = self.invoker.service.backup_aware
        if link is None or (not self.invoker.threaded and _get_running_loop() is not self.invoker.loop):
            return False
        self.link = link
        self.started = self.invoker.clock()
        self.correlation_id = self.invoker.new_id()
        self.state = WAITING
        link.calls[self.correlation_id] = self
        try:
            if self.invoker.threaded and link._direct is not None and not link._out:
                link.send(
                    self.correlation_id, self,
                    self.request.head(self.correlation_id, self.partition_id, backup_aware), self.request.body,
                )
                return True
            link.queue(self.request.message(self.correlation_id, self.partition_id, backup_aware))
        except BaseException as error:
            self.give_up(error)
            raise
        # Whoever takes the call out of the table ends it: the connection when it closes, or this.
        if not link.alive and link.calls.pop(self.correlation_id, None) is not None:
            link._fail(self)
        return True

    cdef PySendResult finish(self, PyObject** result) except PYGEN_ERROR:
        if self.error is not None:
            return self.go_on(self.error, result)
        self.state = FINISHED
        value = NOT_PLAIN
        if type(self.response) is bytes:
            value = self.plain_result(bytes_at(self.response), PyBytes_GET_SIZE(self.response))
        if value is NOT_PLAIN:
            try:
                message = make_message(self.response) if type(self.response) is bytes else self.response
                method = self.request.method
                if message.type == method.request_type + 1:
                    value = method.decode(message)
                else:
                    value = self.invoker.service.read_other(method, message)
            except Exception as error:
                return self.go_on(error, result)
        elif self.decode is None or (type(self.decode) is ValueDecoder and type(value) is not bytes):
            return given(PYGEN_RETURN, value, result)
        if self.decode is not None:
            try:
                value = self.decode(value)
            except SchemaNotFoundError:
                self.coroutine = self.invoker.service.with_schemas(partial(self.decode, value))
                self.state = GENERAL
                return PyIter_Send(self.coroutine, None, result)
        return given(PYGEN_RETURN, value, result)

    cdef object plain_result(self, const uint8_t* p, Py_ssize_t size):
        """Return what the response holds, deserialized already if that is wanted and plain; or NOT_PLAIN.

        `is_response` has checked the head, and `message_size` that the frames fill the response exactly.
        """
        cdef char kind = self.request.response
        cdef Py_ssize_t first = le32(p), length
        cdef const uint8_t* fixed = p + RESPONSE_HEAD_SIZE
        cdef int flags
        if le32(p + 6) != self.request.type + 1:
            return NOT_PLAIN
        if kind == b"n":
            return None
        if fixed_size(kind):
            if RESPONSE_HEAD_SIZE + fixed_size(kind) > first:  # checked: the fixed-size field
                return NOT_PLAIN
            if kind == b"b":
                return fixed[0] == 1
            if kind == b"i":
                return le32(fixed)
            if kind == b"q":
                return le64(fixed)
            return NOT_PLAIN
        if (kind != b"d" and kind != b"D") or first > size - HEADER_SIZE:  # checked: a header
            return NOT_PLAIN
        p += first
        length = le32(p)
        flags = le16(p + 4) & STRUCTURE
        if flags:
            return None if flags == NULL_FRAME and kind == b"D" and self.decode_takes_none() else NOT_PLAIN
        if not HEADER_SIZE <= length <= size - first:  # checked: the frame
            return NOT_PLAIN
        if type(self.decode) is ValueDecoder:
            value = plain_value(p + HEADER_SIZE, length - HEADER_SIZE, (<ValueDecoder>self.decode).as_bytes)
            # A byte array as bytes would be taken for serialized data, so it is left to `decode`.
            if value is not NOT_PLAIN and type(value) is not bytes:
                return value
        return PyBytes_FromStringAndSize(<const char*>p + HEADER_SIZE, length - HEADER_SIZE)

    cdef inline bint decode_takes_none(self) noexcept:
        """Return whether a null needs no conversion."""
        return self.decode is None or type(self.decode) is ValueDecoder

    cdef PySendResult go_general(self, PyObject** result) except PYGEN_ERROR:
        """Perform the whole call in Python: nothing has been sent."""
        self.state = GENERAL
        self.coroutine = self.invoker.general(self.call())
        return PyIter_Send(self.coroutine, None, result)

    cdef PySendResult go_on(self, object failure, PyObject** result) except PYGEN_ERROR:
        """Continue in Python after the first attempt has failed: it decides whether the call may be sent again."""
        self.invoker.service.give_up(self.link, self.correlation_id, self, failure)
        self.state = GENERAL
        self.coroutine = self.invoker.service.resume(self.call(), failure, self.started)
        return PyIter_Send(self.coroutine, None, result)

    cdef object call(self):
        """Return the description of the call, for the general path."""
        target = self.partition_id if self.partition_id >= 0 else self.member
        return self.invoker.make_call(self.request, self.decode, target)

    def __await__(self):
        return self

    def __iter__(self):
        return self

    def __next__(self):
        return self.send(None)

    def send(self, value):
        """Take the next step, as a coroutine does."""
        cdef PyObject* result = NULL
        if self.step(value, &result) == PYGEN_NEXT:
            return owned(result)
        raise StopIteration(owned(result))

    def throw(self, kind, value=None, traceback=None):
        """Raise an error where the call waits, as in a coroutine."""
        if self.state == GENERAL:
            return self.coroutine.throw(kind if value is None else value)
        error = kind if value is None else value
        self.give_up(error)
        raise error

    def close(self):
        """End the call, as a coroutine is closed."""
        if self.state == GENERAL:
            self.coroutine.close()
        self.give_up(None)

    cdef int give_up(self, object error) except -1:
        """Free the place of the call, so that a late response or acknowledgement reaches nobody."""
        if self.state == WAITING:
            self.state = FINISHED
            self.invoker.service.give_up(self.link, self.correlation_id, self, error)
        self.state = FINISHED
        return 0

    # ---------------------------------------------------------------------------- as a future: its outcome

    cdef bint end(self, object response, object error) except -1:
        """Set the outcome, unless there is one. Return whether it was set."""
        if self.is_done:
            return False
        self.response = response
        self.error = error
        self.is_done = True
        self.wake(False)
        return True

    cdef int wake(self, bint in_place) except -1:
        callback, context, more = self.callback, self.context, self.more
        self.callback = self.context = self.more = None
        try:
            if callback is not None:
                self.call_back(callback, context, in_place)
        finally:
            if more is not None:
                for callback, context in more:
                    self.call_back(callback, context, in_place)
        return 0

    cdef int call_back(self, object callback, object context, bint in_place) except -1:
        if context is not None:  # a task's
            if in_place and entered(context):
                try:
                    callback(self)
                finally:
                    PyContext_Exit(context)
            else:
                self.invoker.call_soon(callback, self, context=context)
        elif isinstance(callback, OperationDriver):
            (<OperationDriver>callback).advance(self)
        else:
            notify(self, callback)
        return 0

    def add_done_callback(self, callback, *, context=None):
        """Call `callback(self)` when there is an outcome, or at once if there is one."""
        if self.is_done:
            self.call_back(callback, context, False)
        elif self.callback is None:
            self.callback = callback
            self.context = context
        else:
            if self.more is None:
                self.more = []
            self.more.append((callback, context))

    cdef int add_driver(self, OperationDriver driver) except -1:
        """Advance a driver when there is an outcome, or at once if there is one."""
        if self.is_done:
            driver.advance(self)
        elif self.callback is None:
            self.callback = driver
        else:
            self.add_done_callback(driver.advance_after)
        return 0

    def remove_done_callback(self, callback):
        """Take back a callback that has not run yet."""
        if self.callback == callback:
            self.callback = self.context = None
        if self.more is not None:
            self.more = [pair for pair in self.more if pair[0] != callback]

    def set_result(self, message):
        """Set the response, unless there is an outcome."""
        self.end(message, None)

    def set_exception(self, error):
        """Set the error, unless there is an outcome."""
        self.end(None, error)

    def cancel(self, msg=None):
        """End the waiting with CancelledError. Return False if there was an outcome already."""
        return self.end(None, cancellation(msg))

    def done(self):
        """Return whether there is an outcome."""
        return self.is_done

    def cancelled(self):
        """Return whether the outcome is that it was cancelled."""
        return isinstance(self.error, CancelledError)

    def result(self):
        """Raise CancelledError if it was cancelled: all that `asyncio.Task` asks before it resumes the operation."""
        if isinstance(self.error, CancelledError):
            raise self.error

    def get_loop(self):
        """Return the loop whose tasks may await it."""
        return self.invoker.loop

    def wait(self, timeout=None):
        """Block the thread until there is an outcome, as `Pending.wait`."""
        return self.is_done or wait_for(self, timeout)


cdef object make_message = None


def use_messages(message_class, request_class):
    """Set the classes of messages and requests of the general path, which import this module."""
    global make_message, general_request
    make_message = message_class
    general_request = request_class


cdef inline PySendResult given(PySendResult how, object value, PyObject** result) noexcept:
    Py_INCREF(value)
    result[0] = <PyObject*>value
    return how


cdef bint entered(object context) except -1:
    """Enter a context. Return False if something runs in it already."""
    try:
        PyContext_Enter(context)
    except RuntimeError:
        return False
    return True


# Cython has no special method for this slot. With it, neither `await` nor a driver makes a StopIteration.

cdef PySendResult send_to_attempt(object attempt, object value, PyObject** result) except PYGEN_ERROR:
    return (<Attempt>attempt).step(value, result)


(<SlotsOfType*>Attempt).tp_as_async.am_send = send_to_attempt


# ------------------------------------------------------------------------------------------------- futures

cdef int notify(object future, object callback) except -1:
    """Run a callback of a future that has its outcome, or release the lock of a thread that waits for it."""
    try:
        if type(callback) is LockType:
            callback.release()
        else:
            callback(future)
    except BaseException:  # an exit too: it would end the loop's thread, and with it all calls
        _logger.exception("A callback of %r raised", future, extra=UNSEEN)
    return 0


cdef object cancellation(object msg):
    """Return the error of a wait that was cancelled."""
    return CancelledError() if msg is None else CancelledError(msg)


cdef class Pending:
    """A result that is set once and may be waited for from any thread; as `_runtime.pending.Pending`.

    Attributes:
        _done: Whether there is an outcome.
        _value: The result.
        _error: The error, if that is the outcome.
        _traceback: Where the error was raised.
    """

    cdef object __weakref__
    cdef public object _value, _error, _traceback, _loop, _asyncio_future_blocking
    cdef object callback  # the first
    cdef list more  # the others
    cdef readonly bint _done
    cdef bint claimed

    __class_getitem__ = classmethod(GenericAlias)
    instead = Uncopied.instead

    def __init__(self, loop=None):
        self._loop = loop
        self._asyncio_future_blocking = False

    def __reduce_ex__(self, protocol):
        return Uncopied.__reduce_ex__(self, protocol)

    def set_result(self, result):
        """Set the result, unless there is an outcome."""
        if not self.claimed:
            self.claimed = True
            self.end(result, None)

    def set_exception(self, exception):
        """Set the error to raise, unless there is an outcome."""
        if self._claim():
            self._fail(exception)

    def cancel(self, msg=None):
        """End the waiting with CancelledError. Return False if there was an outcome already."""
        if not self._claim():
            return False
        self._fail(cancellation(msg))
        return True

    def _claim(self):
        """Return whether the caller is the one who sets the outcome, and now has to."""
        if self.claimed:
            return False
        self.claimed = True
        return True

    def _fail(self, error):
        self.end(None, error)

    cdef int end(self, object value, object error) except -1:
        self._value = value
        self._error = error
        self._done = True
        callback, more = self.callback, self.more
        self.callback = self.more = None
        if callback is not None:
            notify(self, callback)
        if more is not None:
            for callback in more:
                notify(self, callback)
        return 0

    def add_done_callback(self, callback, *, context=None):
        """Call `callback(self)` when the outcome is set, or at once if it is.

        Args:
            callback: Runs where the outcome is set. An error that it raises is logged.
            context: Given by an `asyncio.Task`, which must be resumed in a turn of its own loop.
        """
        if context is not None:
            callback = partial(self._loop.call_soon_threadsafe, callback, context=context)
        if self._done:
            notify(self, callback)
        elif self.callback is None:
            self.callback = callback
        else:
            if self.more is None:
                self.more = []
            self.more.append(callback)

    def remove_done_callback(self, callback):
        """Take back a callback that has not run yet."""
        if self.callback == callback:
            self.callback = None
        elif self.more is not None and callback in self.more:
            self.more.remove(callback)

    def wait(self, timeout=None):
        """Block this thread until there is an outcome.

        Args:
            timeout: Seconds to wait; None waits without limit.

        Returns:
            False if the time was over first.

        Raises:
            RuntimeError: On a client's own loop thread, which would wait for itself.
        """
        if self._done:
            return True
        check_may_block()
        return wait_for(self, timeout)

    @property
    def _callbacks(self):
        """Callbacks that have not run yet, as the list that the class in Python keeps."""
        first = [] if self.callback is None else [self.callback]
        return ([] if self.claimed else [None]) + first + (self.more or [])

    def done(self):
        """Return whether there is an outcome."""
        return self._done

    def cancelled(self):
        """Return whether the outcome is that it was cancelled."""
        return isinstance(self._error, CancelledError)

    def get_loop(self):
        """Return the loop whose tasks may await it directly."""
        return self._loop

    def outcome(self):
        """Return the result, or raise the error.

        Raises:
            InvalidStateError: There is no outcome yet.
        """
        if self._error is not None:
            raise self._error
        if not self._done:
            raise InvalidStateError("the result is not set yet")
        return self._value

    def result(self):
        """Return the outcome, under the name by which `asyncio.Task` asks for it."""
        return self.outcome()

    def __await__(self):
        # Always suspends once: what goes wrong before is the caller's mistake (raised at the
        # call), what goes wrong after belongs to the Future.
        self._asyncio_future_blocking = True
        yield self
        return self.outcome()


cdef bint wait_for(object future, object timeout) except -1:
    """Block the thread until a future has an outcome, for at most `timeout` seconds if that is not None."""
    if is_finalizing():
        check_may_block()
    if waiting.green is not None:
        return waiting.green(future, timeout)
    gate = allocate_lock()
    gate.acquire()
    future.add_done_callback(gate)
    try:
        # A signal handler may raise here.
        wanted = TIMEOUT_MAX if timeout is None else min(max(timeout, 0), TIMEOUT_MAX)
        patience = min(wanted, PATIENCE_SECONDS)
        if gate.acquire(True, patience):
            return True
        if wanted > patience:
            check_not_inside()
            if gate.acquire(True, wanted - patience):
                return True
    except BaseException:
        future.remove_done_callback(gate)
        raise
    future.remove_done_callback(gate)
    return future.done()


cdef class OperationDriver(Pending):
    """Drives an operation: one step at each result that it waits for, where that result arrives."""

    cdef object operation, waiting_for
    cdef bint cancelling

    def __init__(self, operation, list made=None):
        cdef PyObject* result = NULL
        # `_asyncio_future_blocking` stays None: see `OperationDriver` in Python.
        if made is not None:
            made.append(self)
        self.operation = operation
        if PyIter_Send(operation, None, &result) == PYGEN_RETURN:
            self.operation = None
            self.claimed = True
            self._value = owned(result)
            self._done = True
        else:
            self.wait_until(owned(result))

    cdef int wait_until(self, object pending) except -1:
        self.waiting_for = pending
        if type(pending) is Attempt:
            (<Attempt>pending)._asyncio_future_blocking = False
            (<Attempt>pending).add_driver(self)
        else:
            pending._asyncio_future_blocking = False
            pending.add_done_callback(self.advance_after)
        return 0

    def advance_after(self, arrived):
        """Take the next steps: a result has arrived."""
        self.advance(arrived)

    cdef int advance(self, object arrived) except -1:
        cdef PyObject* result = NULL
        if self.operation is None:
            return 0
        try:
            while True:
                if PyIter_Send(self.operation, None, &result) == PYGEN_RETURN:
                    value = owned(result)
                    self.operation = self.waiting_for = None
                    self.set_result(value)
                    return 0
                pending = owned(result)
                if not self.must_go_on(arrived, pending):
                    self.wait_until(pending)
                    return 0
                arrived = pending
        except BaseException as error:  # whatever it is, it is the outcome
            self.operation = self.waiting_for = None
            self.set_exception(error)
        return 0

    cdef bint must_go_on(self, object arrived, object pending) except -1:
        """Return whether the next step can be taken at once, after a step that waits for `pending`."""
        self.waiting_for = pending  # before the look at the mark: `cancel` does it the other way round
        if self.cancelling:
            if arrived.cancelled():
                self.cancelling = False  # the operation knows, and may wait while it cleans up
            else:
                pending.cancel()
        return pending.done()

    def cancel(self, msg=None):
        """End the call: its place is free at once, and a late response reaches nobody.

        Members are not informed: what was sent may still be carried out.

        Returns:
            False if there was an outcome already.
        """
        if self._done:
            return False
        self.cancelling = True
        waiting_for = self.waiting_for
        if waiting_for is not None:
            waiting_for.cancel()
        return True


def run_blocking(operation):
    """Drive an operation to its end in the calling thread, as `faces.run_blocking`."""
    me = calling.thread
    if me.on_loop:
        operation.close()
        check_may_block()
    outer = me.blocking
    me.blocking = True
    try:
        return driven(operation)
    finally:
        me.blocking = outer


cdef object driven(object operation):
    cdef PyObject* result = NULL
    if PyIter_Send(operation, None, &result) == PYGEN_RETURN:
        return owned(result)
    pending = owned(result)
    while True:
        try:
            pending.wait()
        except BaseException as interruption:  # raised inside the operation, which may clean up
            try:
                pending = operation.throw(interruption)
            except StopIteration as stop:
                return stop.value
        else:
            if PyIter_Send(operation, None, &result) == PYGEN_RETURN:
                return owned(result)
            pending = owned(result)


# --------------------------------------------------------------------------------------------- near caches

cdef class CacheRecord:
    """Base of `DataRecord`, with what a hit reads and writes."""

    cdef public object value
    cdef public double expiration_time, last_access_time
    cdef public int64_t access_hit


cdef class NearCacheState:
    """Base of `NearCache`, with what a hit reads and writes.

    No lock is taken: a hit runs no Python code after it has found its record, except the clock.
    """

    cdef public dict _records
    cdef public object _clock
    cdef public double _idle_limit
    cdef public int64_t _hits

    def _hit(self, bytes key not None, default):
        """Return the value of a record that may be served, and note that it was read."""
        cdef double now = self._clock()
        cdef CacheRecord record = self._records.get(key)
        if record is None or now >= record.expiration_time or now - record.last_access_time >= self._idle_limit:
            return default
        record.last_access_time = now
        record.access_hit += 1
        self._hits += 1
        return record.value


# ---------------------------------------------------------------------------------------------- the caller

@cython.final
cdef class TaskNumber:
    """Finds the owner number of the running task, as `identity.task_number`.

    Args:
        loop: The loop that runs the task.
        numbers: Numbers of known tasks by the address of the task, which `identity` keeps.
        general: Finds or makes the number of any caller.
    """

    cdef object loop, general
    cdef dict numbers

    def __init__(self, loop, dict numbers not None, general):
        self.loop = loop
        self.numbers = numbers
        self.general = general

    def get(self):
        """Return the number by which members know the caller."""
        task = current_task(self.loop)
        if task is None:
            return self.general()
        number = self.numbers.get(<size_t><PyObject*>task)
        return self.general() if number is None else number
