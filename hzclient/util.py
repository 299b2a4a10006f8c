"""Load balancers, and helpers that applications and the client share."""

from __future__ import annotations

import itertools
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence, Sized
from types import TracebackType
from typing import Any, Final, NoReturn, Protocol, TypeVar

from hzclient._locks import new_lock
from hzclient.core import DEFAULT_PORT as DEFAULT_PORT
from hzclient.core import MemberInfo, MemberVersion

__all__ = (
    "AtomicInteger",
    "DEFAULT_ADDRESS",
    "IterationType",
    "LoadBalancer",
    "MAJOR_VERSION_MULTIPLIER",
    "MILLISECONDS_IN_SECONDS",
    "MINOR_VERSION_MULTIPLIER",
    "MemberSource",
    "NANOSECONDS_IN_SECONDS",
    "RandomLB",
    "RoundRobinLB",
    "UNKNOWN_VERSION",
    "UUIDUtil",
    "calculate_version",
    "check_is_int",
    "check_is_number",
    "check_not_empty",
    "check_not_negative",
    "check_not_none",
    "check_true",
    "current_time",
    "current_time_in_millis",
    "describe_constants",
    "deserialize_entry_list_in_place",
    "deserialize_list_in_place",
    "get_attr_name",
    "get_portable_version",
    "int_from_bytes",
    "int_to_bytes",
    "member_of_larger_same_version_group",
    "number_types",
    "re_raise",
    "thread_id",
    "to_list",
    "to_millis",
    "to_nanos",
    "to_signed",
    "try_to_get_enum_value",
    "try_to_get_error_message",
    "validate_serializer",
    "validate_type",
)

DEFAULT_ADDRESS: Final = "127.0.0.1"
MILLISECONDS_IN_SECONDS: Final = 1000
NANOSECONDS_IN_SECONDS: Final = 1e9

UNKNOWN_VERSION: Final = -1
MAJOR_VERSION_MULTIPLIER: Final = 10000
MINOR_VERSION_MULTIPLIER: Final = 100

number_types = (int, float)

T = TypeVar("T")

_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:-[\w.-]+)?", re.ASCII)


# ------------------------------------------------------------------------------------------- balancing


class MemberSource(Protocol):
    """What a load balancer needs of the cluster service."""

    def add_listener(
        self,
        member_added: Callable[[MemberInfo], None] | None = None,
        member_removed: Callable[[MemberInfo], None] | None = None,
        fire_for_existing: bool = False,
    ) -> str:
        """Register functions that are called with members that join or leave, and return an id."""
        ...

    def get_members(
        self, member_selector: Callable[[MemberInfo], bool] | None = None
    ) -> Sequence[MemberInfo]:
        """Return the members, or those that the selector accepts."""
        ...


class LoadBalancer:
    """Chooses members for calls that may go to any of them.

    Derive from it and set `Config.load_balancer` to choose by a rule of your own. `next` may be called
    from several threads at once.
    """

    def init(self, cluster_service: MemberSource) -> None:
        """Prepare for the first `next`. Called once.

        Args:
            cluster_service: Source of the members and of their changes.
        """
        raise NotImplementedError

    def next(self) -> MemberInfo | None:
        """Return the member for the next call, None if there is no suitable one."""
        raise NotImplementedError


class _MemberListLB(LoadBalancer):
    """Follows the members of the cluster."""

    def __init__(self) -> None:
        # Replaced as a whole, never changed: readers in other threads need no lock.
        self._members: tuple[MemberInfo, ...] = ()

    def init(self, cluster_service: MemberSource) -> None:
        def refresh(_: MemberInfo) -> None:
            self._members = tuple(cluster_service.get_members())

        cluster_service.add_listener(refresh, refresh, fire_for_existing=True)


class RoundRobinLB(_MemberListLB):
    """Takes the members in turn."""

    def __init__(self) -> None:
        super().__init__()
        self._turns = itertools.count()

    def next(self) -> MemberInfo | None:
        """Return the member whose turn it is."""
        members = self._members
        return members[next(self._turns) % len(members)] if members else None


class RandomLB(_MemberListLB):
    """Takes a random member, each as often as the others."""

    def next(self) -> MemberInfo | None:
        """Return a random member."""
        members = self._members
        return random.choice(members) if members else None


def member_of_larger_same_version_group(members: Iterable[MemberInfo]) -> MemberInfo | None:
    """Choose a member for SQL, which members of one version run better among themselves.

    Args:
        members: Members to choose from; lite members are passed over.

    Returns:
        A random data member of the larger group of equal major and minor version, of the newer group
        when both are of one size; None if there is no data member.

    Raises:
        ValueError: There are more than two versions, which a cluster never has.
    """
    groups: dict[tuple[int, int], list[MemberInfo]] = {}
    for member in members:
        if not member.lite_member:
            groups.setdefault(_minor_version(member.version), []).append(member)
    if len(groups) > 2:
        raise ValueError(f"members of more than two versions in one cluster: {sorted(groups)}")
    if not groups:
        return None
    _, version = max((len(group), version) for version, group in groups.items())
    return random.choice(groups[version])


def _minor_version(version: MemberVersion) -> tuple[int, int]:
    return version.major, version.minor


class IterationType:
    """What a query compares and returns."""

    KEY: Final = 0
    VALUE: Final = 1
    ENTRY: Final = 2


# -------------------------------------------------------------------------------------- argument checks


def check_not_none(val: object, message: str) -> None:
    """Raise `AssertionError` with the message if the value is None."""
    if val is None:
        raise AssertionError(message)


def check_true(val: object, message: str) -> None:
    """Raise `AssertionError` with the message if the value is not true."""
    if not val:
        raise AssertionError(message)


def check_not_negative(val: float, message: str) -> None:
    """Raise `AssertionError` with the message if the number is negative."""
    if val < 0:
        raise AssertionError(message)


def check_not_empty(collection: Sized, message: str) -> None:
    """Raise `AssertionError` with the message if the collection is empty."""
    if not collection:
        raise AssertionError(message)


def check_is_number(val: object, message: str = "a number is expected") -> None:
    """Raise `AssertionError` with the message if the value is neither int nor float."""
    if not isinstance(val, number_types):
        raise AssertionError(message)


def check_is_int(val: object, message: str = "an int is expected") -> None:
    """Raise `AssertionError` with the message if the value is not an int."""
    if not isinstance(val, int):
        raise AssertionError(message)


def validate_type(_type: object) -> None:
    """Raise `ValueError` if the value is not a class."""
    if not isinstance(_type, type):
        raise ValueError(f"{_type!r} is not a class")


def validate_serializer(serializer: object, _type: type) -> None:
    """Raise `ValueError` if the serializer is not a class derived from the given one."""
    if not (isinstance(serializer, type) and issubclass(serializer, _type)):
        raise ValueError(f"{serializer!r} is not a class derived from {_type.__name__}")


# -------------------------------------------------------------------------------------------- constants


def get_attr_name(cls: type, value: object) -> str | None:
    """Return the name of the constant of a class with a given value, None if there is none."""
    return next((name for name, known in _constants(cls).items() if known == value), None)


def try_to_get_enum_value(value: object, enum_class: type) -> Any:
    """Constant of a class of constants for a value or a name.

    Args:
        value: The value of a constant, or its exact name.
        enum_class: A class whose public attributes are the constants.

    Returns:
        The constant's value.

    Raises:
        TypeError: The class has no such constant.
    """
    constants = _constants(enum_class)
    for known in constants.values():
        if known == value:
            return known
    if isinstance(value, str) and value in constants:
        return constants[value]
    raise TypeError(f"{value!r} is not {describe_constants(enum_class)}")


def describe_constants(cls: type) -> str:
    """Return a text that names the constants of a class, for error messages."""
    return f"one of {cls.__name__}: " + ", ".join(
        f"{name} ({value!r})" for name, value in _constants(cls).items()
    )


def _constants(cls: type) -> dict[str, Any]:
    return {name: value for name, value in vars(cls).items() if not name.startswith("_")}


# ------------------------------------------------------------------------------------- time and numbers


def current_time() -> float:
    """Return the wall clock in seconds since the epoch. For durations use a monotonic clock."""
    return time.time()


def current_time_in_millis() -> int:
    """Return the wall clock in milliseconds since the epoch."""
    return to_millis(current_time())


_LONGEST_MILLIS = (1 << 63) - 1


def to_millis(seconds: float | None) -> int:
    """Return milliseconds for the wire, cut to a whole number.

    A duration shorter than a millisecond becomes one millisecond: 0 means "for ever" or "do not wait".

    Args:
        seconds: A number of seconds; None if the member decides.

    Returns:
        The number of milliseconds; -1 for None. A duration that is too long for 64 bits becomes the longest
        possible one, which members treat as unlimited.

    Raises:
        TypeError: `seconds` is not a number.
        ValueError: `seconds` is NaN.
    """
    if seconds is None:
        return -1
    try:
        millis = int(min(max(seconds * MILLISECONDS_IN_SECONDS, -_LONGEST_MILLIS), _LONGEST_MILLIS))
    except TypeError:
        raise TypeError(f"a duration is a number of seconds, not {seconds!r}") from None
    except ValueError:
        raise ValueError(f"a duration is a number of seconds, not {seconds!r}") from None
    if millis == 0 and seconds:
        return 1 if seconds > 0 else -1
    return millis


def to_nanos(seconds: float) -> int:
    """Nanoseconds of a duration in seconds, cut to a whole number."""
    return int(seconds * NANOSECONDS_IN_SECONDS)


def thread_id() -> int:
    """Return the identifier of the calling thread."""
    return threading.get_ident()


def calculate_version(version_str: str | None) -> int:
    """Return a version as a number that grows with the version.

    Args:
        version_str: Such as `"5.7.0"`, `"5.7"` or `"5.7.0-SNAPSHOT"`.

    Returns:
        major * 10000 + minor * 100 + patch, or `UNKNOWN_VERSION` for any other text.
    """
    match = _VERSION.fullmatch(version_str or "")
    if match is None:
        return UNKNOWN_VERSION
    major, minor, patch = (int(part or 0) for part in match.groups())
    return major * MAJOR_VERSION_MULTIPLIER + minor * MINOR_VERSION_MULTIPLIER + patch


def to_signed(unsigned: int, bit_len: int) -> int:
    """Read the low bits of a number as a number in two's complement.

    Args:
        unsigned: The number.
        bit_len: How many bits count.

    Returns:
        The signed number.
    """
    sign = 1 << (bit_len - 1)
    return (unsigned & (sign - 1)) - (unsigned & sign)


def int_from_bytes(buf: bytes | bytearray) -> int:
    """Return the number of big-endian bytes in two's complement, the form of Java's BigInteger."""
    return int.from_bytes(buf, "big", signed=True)


def int_to_bytes(number: int) -> bytes:
    """Return the shortest big-endian bytes of a number in two's complement, the form of Java's BigInteger."""
    magnitude = number if number >= 0 else ~number
    return number.to_bytes(magnitude.bit_length() // 8 + 1, "big", signed=True)


class UUIDUtil:
    """Splits UUIDs into the two numbers that the wire holds."""

    @staticmethod
    def to_bits(value: uuid.UUID) -> tuple[int, int]:
        """Return the high and the low half of a UUID as signed 64-bit numbers."""
        number = value.int
        return to_signed(number >> 64, 64), to_signed(number, 64)

    @staticmethod
    def from_bits(most_significant_bits: int, least_significant_bits: int) -> uuid.UUID:
        """Return the UUID of its two halves, signed or not."""
        low_mask = 0xFFFF_FFFF_FFFF_FFFF
        return uuid.UUID(int=(most_significant_bits & low_mask) << 64 | (least_significant_bits & low_mask))


class AtomicInteger:
    """A counter for several threads.

    Args:
        initial: Value to start with.
    """

    __slots__ = ("_lock", "_value")

    def __init__(self, initial: int = 0) -> None:
        self._lock = new_lock()
        self._value = initial

    def get_and_increment(self) -> int:
        """Add one and return the value before."""
        with self._lock:
            self._value += 1
            return self._value - 1

    def increment_and_get(self) -> int:
        """Add one and return the value after."""
        with self._lock:
            self._value += 1
            return self._value

    def get(self) -> int:
        """Return the current value."""
        return self._value

    def add(self, count: int) -> None:
        """Add a number, which may be negative."""
        with self._lock:
            self._value += count


# ----------------------------------------------------------------------------------------- other helpers


def get_portable_version(portable: object, default_version: int) -> int:
    """Return the version of a Portable: that of its `get_class_version()`, or the default."""
    get_class_version = getattr(portable, "get_class_version", None)
    return default_version if get_class_version is None else int(get_class_version())


def deserialize_list_in_place(data_list: list[Any], to_object_fn: Callable[[Any], Any]) -> list[Any]:
    """Replace each item of a list by what the function makes of it, and return that list."""
    data_list[:] = map(to_object_fn, data_list)
    return data_list


def deserialize_entry_list_in_place(
    entry_data_list: list[tuple[Any, Any]], to_object_fn: Callable[[Any], Any]
) -> list[tuple[Any, Any]]:
    """Replace key and value of each item of a list by what the function makes of them; return that list."""
    entry_data_list[:] = [(to_object_fn(key), to_object_fn(value)) for key, value in entry_data_list]
    return entry_data_list


def to_list(*args: Any, **kwargs: Any) -> list[Any]:
    """Return a list, with the arguments of `list`."""
    return list(*args, **kwargs)


def try_to_get_error_message(error: BaseException) -> str | None:
    """Return the first argument of an error as its message, None if it has no argument."""
    return str(error.args[0]) if error.args else None


def re_raise(exception: BaseException, traceback: TracebackType | None) -> NoReturn:
    """Raise an exception with the given traceback."""
    raise exception.with_traceback(traceback)
