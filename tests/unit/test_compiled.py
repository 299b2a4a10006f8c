"""The compiled path agrees with Python: same bytes, same values, same errors, same state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import hzclient
from hzclient import _speed
from hzclient._codec import atomic_long, client, fenced_lock, queue, topic
from hzclient._codec import map as map_codec
from hzclient._protocol.message import Method
from hzclient._services.partitions import PartitionTable
from hzclient.core import HazelcastJsonValue
from hzclient.protocol import RaftGroupId
from hzclient.serialization._hash import partition_id
from hzclient.serialization._options import BytesType, IntType, SerializationOptions
from hzclient.serialization._service import SerializationService

if _speed.hot is None:
    pytest.skip(
        "compares the compiled path with Python, and it was not built or is off", allow_module_level=True
    )

VALUES = st.one_of(
    st.text(),
    st.integers(-(2**70), 2**70),
    st.integers(-40000, 40000),
    st.booleans(),
    st.floats(),
    st.binary(),
    st.binary().map(bytearray),
    st.uuids(),
    st.text().map(HazelcastJsonValue),
    st.sampled_from(["\ud800", "", "é" * 1000, 2**31, -(2**31) - 1, 2**63, float("nan")]),
)


def outcome(function: Callable[..., Any], *arguments: Any) -> tuple[str, Any]:
    """Return what a function returns or raises, in a form that compares."""
    try:
        value = function(*arguments)
    except Exception as error:
        return type(error).__name__, str(error)
    return type(value).__name__, repr(value)


def services(int_type: int, bytes_type: int) -> tuple[SerializationService, SerializationService]:
    """Return a service that takes the compiled path, and one that does not."""
    options = SerializationOptions(default_int_type=int_type, bytes_type=bytes_type)
    compiled, plain = SerializationService(options), SerializationService(options)
    del plain.encode, plain.decode  # the attributes that hide the methods
    assert compiled.encode != plain.encode
    return compiled, plain


PAIRS = {(i, b): services(i, b) for i in IntType for b in BytesType}


@settings(max_examples=400)
@given(value=VALUES, int_type=st.sampled_from(IntType), bytes_type=st.sampled_from(BytesType))
def test_values_have_the_same_bytes(value: object, int_type: IntType, bytes_type: BytesType) -> None:
    compiled, plain = PAIRS[int_type, bytes_type]
    expected = outcome(plain.encode, value)
    assert outcome(compiled.encode, value) == expected
    if expected[0] == "bytes":
        data = plain.encode(value)
        assert outcome(compiled.decode, data) == outcome(plain.decode, data)


TYPE_IDS = [-1, -3, -4, -6, -7, -8, -9, -10, -11, -12, -21, -130, 0, -999]


@settings(max_examples=600)
@given(
    type_id=st.sampled_from(TYPE_IDS),
    content=st.one_of(
        st.binary(max_size=24), st.text(max_size=8).map(lambda t: len(t.encode()).to_bytes(4) + t.encode())
    ),
    cut=st.integers(0, 8),
)
@example(type_id=-4, content=b"\x02", cut=0)
@example(type_id=-11, content=b"\xff\xff\xff\xff", cut=0)
def test_bytes_have_the_same_value(type_id: int, content: bytes, cut: int) -> None:
    compiled, plain = PAIRS[IntType.INT, BytesType.PICKLE]
    data = (b"\0\0\0\0" + type_id.to_bytes(4, signed=True) + content)[: 8 + len(content) - cut]
    assert outcome(compiled.decode, data) == outcome(plain.decode, data)


@given(data=st.binary(min_size=8), count=st.sampled_from([1, 7, 271, 5000]))
@example(data=b"\x80\0\0\0\0\0\0\0", count=271)
def test_data_belongs_to_the_same_partition(data: bytes, count: int) -> None:
    table = PartitionTable()
    table.check_count(count)
    assert table.partition_id(data) == partition_id(data, count)


METHODS: list[Method[Any, Any]] = [
    *(value for module in (map_codec, queue, topic, atomic_long, fenced_lock, client)
      for value in vars(module).values() if isinstance(value, Method) and value.request_layout)
]  # fmt: skip

LETTERS: dict[str, st.SearchStrategy[Any]] = {
    "b": st.booleans(),
    "y": st.integers(-200, 200),
    "i": st.integers(-(2**32), 2**32),
    "q": st.integers(-(2**64), 2**64),
    "f": st.floats(width=32),
    "u": st.none() | st.uuids(),
    "s": st.text(max_size=20) | st.just("\ud800"),
    "d": st.binary(max_size=20),
    "c": st.builds(RaftGroupId, st.text(max_size=9), st.integers(-(2**63), 2**64), st.integers(0, 9)),
    "l": st.lists(st.binary(max_size=9), max_size=3),
    "e": st.lists(st.tuples(st.binary(max_size=9), st.binary(max_size=9)), max_size=3),
}


def arguments(method: Method[Any, Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Arguments for a request, mostly as its layout says."""
    wrong = st.sampled_from([None, "text", 1.5, object])
    each = [
        st.one_of(LETTERS[letter.lower()], st.none()) if letter.isupper() else LETTERS[letter]
        for letter in method.request_layout or ""
    ]
    return st.tuples(*(st.one_of(strategy, strategy, strategy, wrong) for strategy in each))


@settings(max_examples=800)
@given(data=st.data())
def test_requests_have_the_same_bytes(data: st.DataObject) -> None:
    method = data.draw(st.sampled_from(METHODS))
    values = data.draw(arguments(method))
    plain = python_encoder(method)

    def sent(encode: Callable[..., Any]) -> bytes:
        request = encode(*values)
        assert request.size == 22 + len(request.body)
        assert request.method is method
        return bytes(request.head(7, 3, True) + request.body)

    assert outcome(lambda: sent(method.encode)) == outcome(lambda: sent(plain))


def python_encoder(method: Method[Any, Any]) -> Callable[..., Any]:
    """Return the encode function in Python that the generator wrote for a method."""
    for module in (map_codec, queue, topic, atomic_long, fenced_lock, client):
        for name, value in vars(module).items():
            if value is method:
                function: Callable[..., Any] = getattr(module, f"_encode_{name.lower()}")
                return function
    raise LookupError(method.name)


def test_most_methods_are_written_by_the_compiled_path() -> None:
    compiled = [each for each in METHODS if type(each.encode).__name__ == "builtin_function_or_method"]
    assert {"Map.get", "Map.put", "Map.set", "Queue.offer", "Topic.publish"} <= {
        each.name for each in compiled
    }


def test_says_which_path_runs() -> None:
    info = hzclient.build_info()
    assert info["path"] == "compiled"
    assert info["module"].endswith((".so", ".pyd"))
