"""Parts of DB-API that need no member."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import pytest

from hzclient import db
from hzclient.config import Config
from hzclient.db._dsn import make_config, options_of
from hzclient.db._errors import translated
from hzclient.errors import HazelcastClientNotActiveError
from hzclient.sql import HazelcastSqlError, SqlErrorCode


def test_globals() -> None:
    assert (db.apilevel, db.threadsafety, db.paramstyle) == ("2.0", 2, "qmark")


def test_constructors() -> None:
    assert db.Date(2024, 2, 29) == date(2024, 2, 29)
    assert db.Time(1, 2, 3) == time(1, 2, 3)
    assert db.Timestamp(2024, 2, 29, 1) == datetime(2024, 2, 29, 1)
    assert db.Binary(b"x") == b"x"
    ticks = datetime(2024, 2, 29, 12, 30).timestamp()
    assert db.DateFromTicks(ticks) == date(2024, 2, 29)
    assert db.TimeFromTicks(ticks) == time(12, 30)
    assert db.TimestampFromTicks(ticks) == datetime(2024, 2, 29, 12, 30)


def test_type_objects_compare_to_types() -> None:
    assert db.Type.STRING == db.STRING
    assert db.NUMBER == db.Type.DECIMAL
    assert db.NUMBER != db.Type.STRING
    assert db.DATETIME == db.Type.TIME
    assert db.BINARY == db.Type.OBJECT
    assert all(type_ != db.ROWID for type_ in db.Type)
    assert db.STRING != db.NUMBER
    assert len({db.STRING, db.NUMBER, db.STRING}) == 2
    assert db.NUMBER != 6


@pytest.mark.parametrize(
    ("dsn", "options"),
    [
        ("hz://", {"cluster_members": ["localhost:5701"]}),
        ("hz://one", {"cluster_members": ["one:5701"]}),
        ("hz://one:1,two:2/", {"cluster_members": ["one:1", "two:2"]}),
        ("hz://[::1]:1,[::2]", {"cluster_members": ["[::1]:1", "[::2]:5701"]}),
        (
            "hz://me:p%40ss@one:1",
            {"cluster_members": ["one:1"], "creds_username": "me", "creds_password": "p@ss"},
        ),
        ("hz://?cloud.token=t&cluster.name=c", {"cloud_discovery_token": "t", "cluster_name": "c"}),
        (
            "hz://one?smart=FALSE&ssl=true&ssl.ca.path=ca&ssl.cert.path=cert&ssl.key.path=key&ssl.key.password=p",
            {
                "cluster_members": ["one:5701"],
                "smart_routing": False,
                "ssl_enabled": True,
                "ssl_cafile": "ca",
                "ssl_certfile": "cert",
                "ssl_keyfile": "key",
                "ssl_password": "p",
            },
        ),
    ],
)
def test_data_source_names(dsn: str, options: dict[str, Any]) -> None:
    assert options_of(dsn) == options


@pytest.mark.parametrize(
    ("dsn", "message"),
    [
        ("http://one", "hz://"),
        ("one:5701", "hz://"),
        ("hz://one/path", "no path"),
        ("hz://one:x", "no port"),
        ("hz://one:70000", "no port"),
        ("hz://one?smart=yes", "true or false"),
        ("hz://one?colour=red", "'colour' is no key"),
        (5, "a dsn must be a str, not a int"),
    ],
)
def test_wrong_data_source_names(dsn: str, message: str) -> None:
    with pytest.raises(db.InterfaceError, match=message):
        db.connect(dsn=dsn)


@pytest.mark.parametrize("secret", ["se/cret", "se#cret", "se?cret", "se[cret", "se@/cret", "se:/cret"])
@pytest.mark.parametrize("scheme", ["hz:", "", "http:"])
def test_no_password_shows_in_an_error(scheme: str, secret: str) -> None:
    with pytest.raises(db.InterfaceError) as caught:
        db.connect(dsn=f"{scheme}//me:{secret}@one:x")
    assert "cret" not in str(caught.value)


def test_arguments_of_wrong_types() -> None:
    wrong: dict[str, Any]
    for wrong in ({"host": 5}, {"port": "5701"}, {"user": 5}, {"config": 5}, {"cluster_name": b"c"}):
        with pytest.raises(db.InterfaceError, match="not a? ?(int|str|bytes)"):
            db.connect(**wrong)


def test_arguments_that_exclude_each_other() -> None:
    with pytest.raises(db.InterfaceError, match="host"):
        db.connect(Config(), host="one")
    with pytest.raises(db.InterfaceError, match="dsn"):
        db.connect(Config(), dsn="hz://")
    with pytest.raises(db.InterfaceError, match="user"):
        db.connect(dsn="hz://", user="me")


def test_keywords() -> None:
    config = make_config(None, "", "me", "pass", "one", 1, "c")
    assert config.cluster_members == ["one:1"]
    assert (config.creds_username, config.creds_password, config.cluster_name) == ("me", "pass", "c")
    assert make_config(None, "", None, None, None, None, None).cluster_members == ["localhost:5701"]


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_a_host_may_be_an_ipv6_address(host: str) -> None:
    assert make_config(None, "", None, None, host, None, None).cluster_members == ["[::1]:5701"]


def test_a_port_that_is_none() -> None:
    with pytest.raises(db.InterfaceError, match="'0' is no port"):
        make_config(None, "", None, None, None, 0, None)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (HazelcastSqlError(UUID(int=1), SqlErrorCode.PARSING, "m", None), db.ProgrammingError),
        (HazelcastSqlError(UUID(int=1), SqlErrorCode.DATA_EXCEPTION, "m", None), db.DataError),
        (HazelcastSqlError(UUID(int=1), SqlErrorCode.CONNECTION_PROBLEM, "m", None), db.OperationalError),
        (HazelcastSqlError(UUID(int=1), SqlErrorCode.TOPOLOGY_CHANGE, "m", None), db.OperationalError),
        (HazelcastSqlError(UUID(int=1), SqlErrorCode.RESTARTABLE_ERROR, "m", None), db.OperationalError),
        (HazelcastSqlError(UUID(int=1), SqlErrorCode.GENERIC, "m", None), db.DatabaseError),
        (HazelcastClientNotActiveError("m"), db.OperationalError),
        (ValueError("m"), db.ProgrammingError),
    ],
)
def test_errors_are_those_of_the_module(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected, match="m") as raised, translated():
        raise error
    assert type(raised.value) is expected
    assert raised.value.__cause__ is error
    assert isinstance(raised.value, db.Error)
