from __future__ import annotations

import json
import pickle
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient.core import (
    Address,
    AddressHelper,
    DistributedObjectInfo,
    EndpointQualifier,
    HazelcastJsonValue,
    MapEntry,
    MemberInfo,
    MemberVersion,
    ProtocolType,
)

MEMBER_UUID = uuid.UUID(int=7)


def make_member(host="10.0.0.1", port=5701, member_uuid=MEMBER_UUID, lite=False):
    return MemberInfo(Address(host, port), member_uuid, {}, lite, MemberVersion(5, 7, 0), None, {})


# ----------------------------------------------------------------------------------------------- addresses


class OtherAddress(Address):
    pass


def test_addresses_are_equal_by_their_fields():
    assert Address("a", 1) == OtherAddress("a", 1)
    assert hash(Address("a", 1)) == hash(OtherAddress("a", 1))
    assert Address("a", 1) != Address("a", 2)
    assert Address("a", 1) != Address("b", 1)
    assert Address("a", 1) != ("a", 1)


def test_text_of_an_address():
    assert Address("a", 1).to_string() == "a:1"
    assert Address("::1", 1).to_string() == "[::1]:1"


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("localhost", "localhost", -1),
        ("localhost:5702", "localhost", 5702),
        ("10.0.0.1:65535", "10.0.0.1", 65535),
        ("::1", "::1", -1),
        ("[::1]", "::1", -1),
        ("[::1]:5702", "::1", 5702),
        ("[10.0.0.1]:5702", "10.0.0.1", 5702),
        ("fe80::1%eth0", "fe80::1%eth0", -1),
        ("2001:db8::1", "2001:db8::1", -1),
    ],
)
def test_parsing_addresses(text, host, port):
    assert AddressHelper.address_from_str(text) == Address(host, port)
    assert AddressHelper.address_from_str(text, 99) == Address(host, 99 if port == -1 else port)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "has no host"),
        (":5701", "has no host"),
        ("[]:5701", "has no host"),
        ("a:", "port '' of address 'a:'"),
        ("a:x", "port 'x' of address 'a:x'"),
        ("a:0", "port '0'"),
        ("a:65536", "port '65536'"),
        ("a:-1", "port '-1'"),
        ("a: 1", "port ' 1'"),
        ("a:1_0", "port '1_0'"),
        ("a:٣", "port '٣'"),
        ("a:²", "port '²'"),
        ("a:" + "9" * 10_000, "not a number from 1 to 65535"),
        ("[::1]:x", "port 'x'"),
        ("[::1", r"not of the form \[host\]"),
        ("[::1]5701", r"not of the form \[host\]"),
        ("a:1:2", "invalid IPv6"),
        ("1::2::3", "invalid IPv6"),
        ("[g::1]:5701", "invalid IPv6"),
    ],
)
def test_what_is_not_an_address(text, reason):
    with pytest.raises(ValueError, match=reason):
        AddressHelper.address_from_str(text)


@given(st.ip_addresses(), st.integers(1, 65535))
def test_text_of_an_address_parses_to_the_address(ip, port):
    address = Address(str(ip), port)
    assert AddressHelper.address_from_str(address.to_string()) == address


@given(st.text())
def test_any_text_is_an_address_or_a_value_error(text):
    try:
        AddressHelper.address_from_str(text)
    except ValueError as error:
        assert repr(text) in str(error)


def test_a_port_leaves_one_address():
    assert AddressHelper.get_possible_addresses("[::1]:9") == ([Address("::1", 9)], [])


def test_without_port_three_addresses_are_possible():
    first, later = AddressHelper.get_possible_addresses("h")
    assert first == [Address("h", 5701)]
    assert later == [Address("h", 5702), Address("h", 5703)]


# ------------------------------------------------------------------------------------------------- members


def test_members_are_equal_by_address_and_uuid():
    assert make_member() == make_member(lite=True)
    assert hash(make_member()) == hash(make_member(lite=True))
    assert make_member() != make_member(port=5702)
    assert make_member() != make_member(member_uuid=uuid.UUID(int=8))
    assert make_member() != MEMBER_UUID


def test_versions_have_an_order():
    assert MemberVersion(5, 10, 0) > MemberVersion(5, 7, 9)


def test_names_are_keys():
    assert {EndpointQualifier(ProtocolType.CLIENT, "public"): 1}[EndpointQualifier(1, "public")] == 1
    assert EndpointQualifier(1, None) != EndpointQualifier(0, None)
    assert DistributedObjectInfo("s", "n") in {DistributedObjectInfo("s", "n")}
    assert DistributedObjectInfo("s", "n") != DistributedObjectInfo("n", "s")


# -------------------------------------------------------------------------------------------- JSON, entries


def test_json_texts_are_kept_as_they_are():
    value = HazelcastJsonValue('{ "a": 1 }')
    assert value.to_string() == '{ "a": 1 }'
    assert value.loads() == {"a": 1}
    assert str(value) == '{ "a": 1 }'


@given(
    st.recursive(
        st.booleans() | st.integers() | st.text(), lambda t: st.lists(t) | st.dictionaries(st.text(), t)
    )
)
def test_json_objects_become_texts(value):
    made = HazelcastJsonValue(value)
    assert made.to_string() == (value if isinstance(value, str) else json.dumps(value))
    if not isinstance(value, str):
        assert made.loads() == value
    assert pickle.loads(pickle.dumps(made)) == made


def test_json_values_are_equal_by_their_text():
    assert HazelcastJsonValue("1") == HazelcastJsonValue(1)
    assert hash(HazelcastJsonValue("1")) == hash(HazelcastJsonValue(1))
    assert HazelcastJsonValue("1") != HazelcastJsonValue("1 ")
    assert HazelcastJsonValue("1") != "1"


def test_json_value_of_none_is_refused():
    with pytest.raises(AssertionError):
        HazelcastJsonValue(None)


def test_json_value_of_what_is_no_json_is_refused():
    with pytest.raises(TypeError):
        HazelcastJsonValue(object())
    with pytest.raises(ValueError):
        HazelcastJsonValue("{").loads()


def test_entries_have_key_and_value():
    entry = MapEntry("k", 1)
    assert (entry.key, entry.value) == ("k", 1)
    assert repr(entry) == "MapEntry(key='k', value=1)"
    with pytest.raises(AttributeError):
        entry.key = "other"  # type: ignore[misc]
