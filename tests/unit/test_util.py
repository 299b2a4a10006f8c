from __future__ import annotations

import threading
import traceback
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hzclient import util
from hzclient.core import Address, MemberInfo, MemberVersion
from hzclient.util import (
    AtomicInteger,
    IterationType,
    LoadBalancer,
    RandomLB,
    RoundRobinLB,
    UUIDUtil,
    member_of_larger_same_version_group,
)

SIGNED_64 = st.integers(-(2**63), 2**63 - 1)


def make_member(number: int, version: str = "5.7.0", lite: bool = False) -> MemberInfo:
    parsed = MemberVersion(*map(int, version.split(".")))
    return MemberInfo(Address("h", number), uuid.UUID(int=number), {}, lite, parsed, None, {})


class Members:
    """A cluster service whose members a test moves."""

    def __init__(self, *numbers: int) -> None:
        self._members = [make_member(number) for number in numbers]
        self._listeners: list[tuple] = []

    def add_listener(self, member_added=None, member_removed=None, fire_for_existing=False):
        self._listeners.append((member_added, member_removed))
        if fire_for_existing:
            for member in self._members:
                member_added(member)
        return "id"

    def get_members(self, member_selector=None):
        return list(filter(member_selector, self._members))

    def join(self, number: int) -> None:
        self._members.append(make_member(number))
        for added, _ in self._listeners:
            added(self._members[-1])

    def leave(self, number: int) -> None:
        member = make_member(number)
        self._members.remove(member)
        for _, removed in self._listeners:
            removed(member)


def take(balancer: LoadBalancer, count: int) -> list[int]:
    """Return the ports of the next members, which distinguish them."""
    members = [balancer.next() for _ in range(count)]
    return [member.address.port for member in members if member]


# ----------------------------------------------------------------------------------------------- balancing


def test_round_robin_takes_members_in_their_order():
    balancer = RoundRobinLB()
    balancer.init(Members(1, 2, 3))
    assert take(balancer, 7) == [1, 2, 3, 1, 2, 3, 1]


def test_round_robin_is_fair_to_threads():
    balancer = RoundRobinLB()
    balancer.init(Members(1, 2, 3, 4))
    with ThreadPoolExecutor(8) as pool:
        taken = [port for part in pool.map(lambda _: take(balancer, 500), range(8)) for port in part]
    assert Counter(taken) == {1: 1000, 2: 1000, 3: 1000, 4: 1000}


def test_random_takes_only_members_and_each_of_them():
    balancer = RandomLB()
    balancer.init(Members(1, 2, 3))
    # A member is missed with a probability of 3 * (2/3) ** 500.
    assert set(take(balancer, 500)) == {1, 2, 3}


@pytest.mark.parametrize("balancer_class", [RoundRobinLB, RandomLB])
def test_balancers_follow_the_members(balancer_class):
    members = Members(1)
    balancer = balancer_class()
    assert balancer.next() is None

    balancer.init(members)
    assert take(balancer, 2) == [1, 1]

    members.join(2)
    members.leave(1)
    assert take(balancer, 2) == [2, 2]

    members.leave(2)
    assert balancer.next() is None


def test_the_base_class_chooses_nothing():
    with pytest.raises(NotImplementedError):
        LoadBalancer().init(Members())
    with pytest.raises(NotImplementedError):
        LoadBalancer().next()


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        (["5.7.0"], {1}),
        (["5.7.0", "5.7.1"], {1, 2}),
        (["5.6.0", "5.6.1", "5.7.0"], {1, 2}),
        (["5.6.0", "5.7.0", "5.7.1"], {2, 3}),
        (["5.6.0", "5.7.0"], {2}),
        (["5.7.0", "5.6.9"], {1}),
        (["5.9.0", "5.10.0"], {2}),
    ],
)
def test_member_of_the_larger_or_newer_version_group(versions, chosen):
    members = [make_member(number, version) for number, version in enumerate(versions, 1)]
    found = [member_of_larger_same_version_group(members) for _ in range(200)]
    assert {member.address.port for member in found if member} == chosen


def test_lite_members_do_not_count_in_version_groups():
    members = [
        make_member(1, "5.6.0", lite=True),
        make_member(2, "5.6.0", lite=True),
        make_member(3, "5.7.0"),
    ]
    assert member_of_larger_same_version_group(members) == members[2]
    assert member_of_larger_same_version_group(members[:2]) is None


def test_three_versions_are_no_cluster():
    with pytest.raises(ValueError, match="more than two versions"):
        member_of_larger_same_version_group([make_member(i, f"5.{i}.0") for i in range(3)])


# ------------------------------------------------------------------------------------------------- checks


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (util.check_not_none, [0, "", []], [None]),
        (util.check_true, [1, True, "x"], [0, False, None]),
        (util.check_not_negative, [0, 0.5], [-1, -0.5]),
        (util.check_not_empty, [[1], "x"], [[], "", {}]),
        (util.check_is_number, [1, 0.5], ["1", None]),
        (util.check_is_int, [1, 2**70], [1.0, "1"]),
    ],
)
def test_argument_checks(check, good, bad):
    for value in good:
        check(value, "no")
    for value in bad:
        with pytest.raises(AssertionError, match="^no$"):
            check(value, "no")


def test_class_checks():
    util.validate_type(int)
    util.validate_serializer(bool, int)
    for no_class in (1, "int"):
        with pytest.raises(ValueError):
            util.validate_type(no_class)
    for no_subclass in (str, True):
        with pytest.raises(ValueError, match="derived from int"):
            util.validate_serializer(no_subclass, int)


# ----------------------------------------------------------------------------------------------- constants


def test_constants_by_value_and_name():
    assert util.try_to_get_enum_value("VALUE", IterationType) == IterationType.VALUE
    assert util.try_to_get_enum_value(1, IterationType) == IterationType.VALUE
    assert util.get_attr_name(IterationType, 2) == "ENTRY"
    assert util.get_attr_name(IterationType, 9) is None


@pytest.mark.parametrize("value", ["value", "__doc__", 9, None, []])
def test_other_constants_are_refused(value):
    with pytest.raises(TypeError, match=r"KEY \(0\), VALUE \(1\), ENTRY \(2\)"):
        util.try_to_get_enum_value(value, IterationType)


# -------------------------------------------------------------------------------------- time and numbers


@pytest.mark.parametrize(
    ("seconds", "millis"),
    [
        *(
            (None, -1),
            (0, 0),
            (1, 1000),
            (0.0015, 1),
            (0.0004, 1),
            (5e-324, 1),
            (-0.0004, -1),
            (-1, -1000),
            (2**40, 2**40 * 1000),
        ),
        *((float("inf"), 2**63 - 1), (1e30, 2**63 - 1), (2**63, 2**63 - 1)),
        (float("-inf"), 1 - 2**63),
    ],
)
def test_to_millis(seconds, millis):
    assert util.to_millis(seconds) == millis


@pytest.mark.parametrize("wrong", ["1", timedelta(seconds=1), [1]])
def test_what_is_no_number_of_seconds(wrong):
    with pytest.raises(TypeError, match="a duration is a number of seconds, not"):
        util.to_millis(wrong)


def test_nan_is_no_number_of_seconds():
    with pytest.raises(ValueError, match="a duration is a number of seconds, not nan"):
        util.to_millis(float("nan"))


def test_to_nanos():
    assert util.to_nanos(1.5) == 1_500_000_000


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5.7.0", 50700),
        ("5.7", 50700),
        ("4.2.8", 40208),
        ("5.10.11", 51011),
        ("5.7.0-SNAPSHOT", 50700),
        ("5.7.0-BETA-1", 50700),
        ("5.7.0.1", -1),
        ("5", -1),
        ("x", -1),
        ("", -1),
        (None, -1),
    ],
)
def test_calculate_version(text, number):
    assert util.calculate_version(text) == number


@given(st.integers())
def test_big_integers_round_trip_through_the_fewest_bytes(number):
    encoded = util.int_to_bytes(number)
    assert util.int_from_bytes(encoded) == number
    if len(encoded) > 1:
        with pytest.raises(OverflowError):
            number.to_bytes(len(encoded) - 1, "big", signed=True)


@given(SIGNED_64)
def test_to_signed(number):
    assert util.to_signed(number & (2**64 - 1), 64) == number


@given(SIGNED_64, SIGNED_64)
def test_uuid_halves_round_trip(high, low):
    assert UUIDUtil.to_bits(UUIDUtil.from_bits(high, low)) == (high, low)


def test_uuid_halves():
    value = uuid.UUID("ffffffff-ffff-ffff-0000-000000000001")
    assert UUIDUtil.to_bits(value) == (-1, 1)
    assert UUIDUtil.from_bits(2**64 - 1, 1) == value


def test_atomic_integer():
    counter = AtomicInteger(5)
    assert counter.get_and_increment() == 5
    assert counter.increment_and_get() == 7
    counter.add(-3)
    assert counter.get() == 4


def test_atomic_integer_gives_no_number_twice():
    counter = AtomicInteger()
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(lambda _: [counter.get_and_increment() for _ in range(1000)], range(4))
        numbers = sorted(number for part in parts for number in part)
    assert numbers == list(range(4000))


# --------------------------------------------------------------------------------------------------- others


def test_thread_id_is_that_of_the_caller():
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(util.thread_id).result() == pool.submit(threading.get_ident).result()
    assert util.thread_id() == threading.get_ident()


def test_lists_are_deserialized_in_place():
    items: list[Any] = ["1", "2"]
    entries: list[tuple[Any, Any]] = [("1", "2")]
    assert util.deserialize_list_in_place(items, int) is items
    assert util.deserialize_entry_list_in_place(entries, int) is entries
    assert items == [1, 2]
    assert entries == [(1, 2)]


def test_portable_version():
    class Versioned:
        def get_class_version(self):
            return 3

    assert util.get_portable_version(Versioned(), 1) == 3
    assert util.get_portable_version(object(), 1) == 1


def test_message_of_an_error():
    assert util.try_to_get_error_message(ValueError("no", 1)) == "no"
    assert util.try_to_get_error_message(ValueError()) is None


def test_re_raise_keeps_the_traceback():
    try:
        raise KeyError("first")
    except KeyError as error:
        first = error
    with pytest.raises(ValueError) as caught:
        util.re_raise(ValueError("second"), first.__traceback__)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert [frame.f_code.co_name for frame in frames] == [
        "test_re_raise_keeps_the_traceback",
        "re_raise",
        "test_re_raise_keeps_the_traceback",
    ]
