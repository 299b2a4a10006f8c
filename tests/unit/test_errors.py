from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from hzclient import errors
from hzclient.errors import (
    ClientOfflineError,
    HazelcastClientNotActiveError,
    HazelcastError,
    IllegalStateError,
    ProtocolError,
    QueryError,
    TargetDisconnectedError,
    UndefinedErrorCodeError,
    create_error,
    is_retryable_error,
    retryable,
)

OFFICIAL = json.loads((Path(__file__).parent.parent / "data" / "error-classes.json").read_text())
CODE_OF_NO_CLASS = (0, 4, 5, 7, 16, 101, 999)


@dataclass
class Frame:
    class_name: str = "com.example.Store"
    method_name: str = "load"
    file_name: str | None = "Store.java"
    line_number: int = 12


@dataclass
class Holder:
    error_code: int
    class_name: str = "com.example.SomeException"
    message: str | None = "no such thing"
    stack_trace_elements: Sequence[Frame] = (Frame(),)


def official_codes() -> list[tuple[str, int]]:
    return [(name, facts["code"]) for name, facts in OFFICIAL.items() if facts["code"] is not None]


# --------------------------------------------------------------------------------------------- classes


@pytest.mark.parametrize("name", OFFICIAL)
def test_official_class(name):
    cls = getattr(errors, name)
    assert cls.__mro__[1] is (Exception if name == "HazelcastError" else HazelcastError)
    assert cls.error_code == OFFICIAL[name]["code"]
    assert cls.__doc__


def test_the_official_retryable_classes_and_io_errors_of_members_are_retryable():
    marked = {name for name in OFFICIAL if is_retryable_error(_make(getattr(errors, name)))}
    official = {name for name, facts in OFFICIAL.items() if facts["retryable"]}
    assert marked == official | {"HazelcastIOError"}


def test_builtin_errors_are_not_marked_retryable():
    assert not is_retryable_error(OSError("reset"))


def test_a_code_belongs_to_one_class():
    with pytest.raises(TypeError, match="error code 40 of MyQueryError already belongs to QueryError"):
        type("MyQueryError", (HazelcastError,), {}, code=40)
    assert type(create_error([Holder(40)])) is QueryError


def test_an_application_may_add_a_class_for_its_own_code():
    class QuotaError(HazelcastError, code=2_000_000_001):
        pass

    error = create_error([Holder(2_000_000_001)])

    assert type(error) is QuotaError
    assert QuotaError.error_code == 2_000_000_001


def test_a_subclass_without_code_does_not_inherit_one():
    class MyQueryError(QueryError):
        pass

    assert MyQueryError.error_code is None


def test_retryable_marks_subclasses_too_but_not_the_base():
    @retryable
    class Busy(HazelcastError):
        pass

    class VeryBusy(Busy):
        pass

    assert is_retryable_error(VeryBusy())
    assert not is_retryable_error(HazelcastError())


# ------------------------------------------------------------------------------------------- arguments


def test_args_are_message_and_cause():
    cause = ValueError("bad")
    error = IllegalStateError("no", cause)
    assert error.args == ("no", cause)
    assert error.__cause__ is cause


def test_args_default_to_none():
    error = IllegalStateError()
    assert error.args == (None, None)
    assert str(error) == "IllegalStateError"


def test_str_is_the_message():
    assert str(IllegalStateError("not now")) == "not now"


def test_str_adds_a_line_for_the_cause():
    inner = QueryError("middle", ValueError("innermost"))
    assert str(IllegalStateError("outer", inner)) == "outer\nCaused by: middle\nCaused by: innermost"
    assert str(IllegalStateError("outer", KeyError())) == "outer\nCaused by: KeyError"


def test_str_does_not_say_twice_what_the_message_tells_of_the_cause():
    error = TargetDisconnectedError("the connection was lost: reset by peer", OSError("reset by peer"))
    assert str(error) == "the connection was lost: reset by peer"


def test_without_cause_the_context_stays_visible():
    # Assigning None to __cause__ would hide it.
    assert not create_error([Holder(40)]).__suppress_context__
    assert not pickle.loads(pickle.dumps(QueryError("bad"))).__suppress_context__


def test_fixed_messages():
    assert str(HazelcastClientNotActiveError()) == "Client is not active"
    assert str(HazelcastClientNotActiveError("gone")) == "gone"
    assert "not connected" in str(ClientOfflineError())


# ------------------------------------------------------------------------------------------- of the server


@pytest.mark.parametrize(("name", "code"), official_codes())
def test_code_gives_its_class(name, code):
    assert type(create_error([Holder(code)])) is getattr(errors, name)


def test_code_of_sockets_gives_the_builtin_class():
    error = create_error([Holder(50, "java.net.SocketException", "reset")])
    assert type(error) is OSError
    assert str(error) == "Exception from server: java.net.SocketException: reset"


@pytest.mark.parametrize("code", CODE_OF_NO_CLASS)
def test_code_without_class_names_the_class_of_the_server(code):
    error = create_error([Holder(code, "com.example.Odd"), Holder(40)])
    assert isinstance(error, UndefinedErrorCodeError)
    assert error.args == ("Exception from server: com.example.Odd: no such thing", "com.example.Odd")
    assert error.server_class == "com.example.Odd"
    assert isinstance(error.__cause__, QueryError)


def test_details_of_the_server_are_fields():
    frames = [Frame(), Frame(line_number=-2), Frame(file_name=None)]

    error = create_error([Holder(40, "com.example.BadQuery", "x = ", frames)])

    assert isinstance(error, QueryError)
    assert error.server_class == "com.example.BadQuery"
    assert error.server_message == "x = "
    assert error.server_stack == (
        "com.example.Store.load(Store.java:12)",
        "com.example.Store.load(Store.java)",
        "com.example.Store.load(Unknown Source)",
    )


def test_text_names_class_and_message_but_not_the_stack():
    error = create_error([Holder(40, "com.example.BadQuery", "x = ", [Frame()] * 100)])
    assert str(error) == "Exception from server: com.example.BadQuery: x = "


def test_text_without_message():
    assert str(create_error([Holder(37, "NPE", None)])) == "Exception from server: NPE"


def test_causes_are_chained():
    error = create_error([Holder(17), Holder(50), Holder(27)])

    assert isinstance(error, errors.ExecutionError)
    assert type(error.__cause__) is OSError
    assert error.args[1] is error.__cause__
    assert isinstance(error.__cause__.__cause__, IllegalStateError)
    assert error.__cause__.__cause__.__cause__ is None


def test_a_chain_without_end_is_cut():
    error: BaseException | None = create_error([Holder(17)] * 100_000)
    length = 0
    while error is not None:
        error, length = error.__cause__, length + 1
    assert length == 64


def test_a_response_without_error_is_a_protocol_error():
    assert isinstance(create_error([]), ProtocolError)


# --------------------------------------------------------------------------------------------- pickling


def _make(cls: type[HazelcastError]) -> HazelcastError:
    return cls()


@pytest.mark.parametrize("name", OFFICIAL)
def test_every_class_survives_pickling(name):
    error = _make(getattr(errors, name))
    copied = pickle.loads(pickle.dumps(error))
    assert type(copied) is type(error)
    assert copied.args == error.args


def test_pickling_keeps_fields_cause_and_notes():
    error = create_error([Holder(17), Holder(40)])
    error.add_note("while testing")

    copied = pickle.loads(pickle.dumps(error))

    assert (copied.server_class, copied.server_message, copied.server_stack) == (
        "com.example.SomeException",
        "no such thing",
        ("com.example.Store.load(Store.java:12)",),
    )
    assert isinstance(copied.__cause__, QueryError)
    assert copied.__cause__ is copied.args[1]
    assert copied.__notes__ == ["while testing"]


def test_pickling_keeps_a_cause_that_raise_from_set():
    try:
        raise TargetDisconnectedError("closed") from ConnectionResetError("reset")
    except TargetDisconnectedError as error:
        copied = pickle.loads(pickle.dumps(error))
    assert isinstance(copied.__cause__, ConnectionResetError)
