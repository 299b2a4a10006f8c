"""What the client logs and under which names. It installs no handler that shows anything."""

from __future__ import annotations

import ast
import logging
from pathlib import Path
from typing import Any

import pytest

import hzclient
from hzclient._codec import client as codec
from hzclient._unseen import LastResort
from tests.integration.faces import end_client, eventually, make_client
from tests.member.answers import Close
from tests.member.scripted import ScriptedCluster

PACKAGE = Path(hzclient.__file__).parent


async def test_the_life_of_a_client(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "hzclient")
    async with ScriptedCluster() as cluster:
        member = cluster.members[0]
        client = await make_client("asyncio", cluster_members=cluster.addresses, client_name="logged")
        await member.received(codec.ADD_CLUSTER_VIEW_LISTENER)
        member.connections[0].abort()
        await member.received(codec.ADD_CLUSTER_VIEW_LISTENER, 2)
        await end_client(client)
    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    position = 0
    for level, text in (
        ("INFO", "HazelcastClient logged starts"),
        ("INFO", "STARTED"),
        ("INFO", f"Trying to connect to {member.address.to_string()}"),
        ("INFO", f"Connected to member {member.uuid}"),
        ("INFO", "CONNECTED"),
        ("INFO", "HazelcastClient logged has started"),
        ("WARNING", "Closed: connection 1"),
        ("INFO", "DISCONNECTED"),
        ("INFO", f"Trying to connect to {member.address.to_string()}"),
        ("INFO", f"Connected to member {member.uuid}"),
        ("INFO", "SHUTTING_DOWN"),
        ("INFO", "SHUTDOWN"),
    ):
        while level != lines[position][0] or text not in lines[position][1]:
            position += 1
            assert position < len(lines), f"not logged in this order: {text}"
    assert {record.name.partition(".")[0] for record in caplog.records} == {"hzclient"}


async def test_failed_attempts_say_why(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(hzclient.errors.IllegalStateError):
        await make_client("asyncio", cluster_members=["127.0.0.1:1"], cluster_connect_timeout=0)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert any("Cannot connect to 127.0.0.1:1" in text and "Connect call failed" in text for text in warnings)


async def test_a_lost_member_is_logged_in_two_lines(caplog: pytest.LogCaptureFixture) -> None:
    async with ScriptedCluster(2) as cluster:
        client = await make_client("asyncio", cluster_members=cluster.addresses)
        lost = cluster.members[1]
        caplog.clear()
        await lost.stop()
        await eventually(lambda: "next attempt in" in caplog.text)
        warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
        await end_client(client)
    closed, failed = warnings
    assert closed.startswith("Closed: connection ")
    assert failed.startswith(
        f"Cannot connect to Member [127.0.0.1]:{lost.address.port} - {lost.uuid}, next attempt in"
    )


async def test_tls_is_suspected_only_of_a_cluster_that_was_never_reached(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hint = "does that port expect TLS?"
    async with ScriptedCluster() as never, ScriptedCluster() as lost:
        never.on(codec.AUTHENTICATION, lambda *_: Close)
        with pytest.raises(hzclient.errors.IllegalStateError):
            await make_client("asyncio", cluster_members=never.addresses, cluster_connect_timeout=0)
        assert hint in caplog.text
        client = await make_client("asyncio", cluster_members=lost.addresses)
        caplog.clear()
        lost.on(codec.AUTHENTICATION, lambda *_: Close)
        lost.members[0].connections[0].abort()
        await eventually(lambda: "authentication at" in caplog.text)
        await end_client(client)
    assert hint not in caplog.text


async def test_registrations_that_a_lost_connection_ends_are_no_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with ScriptedCluster() as cluster:
        answers = iter([Close])
        cluster.on(codec.ADD_CLUSTER_VIEW_LISTENER, lambda: next(answers, None))
        client = await make_client("asyncio", cluster_members=cluster.addresses)
        await cluster.members[0].received(codec.ADD_CLUSTER_VIEW_LISTENER, 2)
        await end_client(client)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [text.partition(":")[0] for text in warnings] == ["Closed"]


async def test_no_handlers_and_no_levels_of_its_own() -> None:
    async with ScriptedCluster() as cluster:
        await end_client(await make_client("asyncio", cluster_members=cluster.addresses))
    loggers = {
        name: logger
        for name, logger in logging.root.manager.loggerDict.items()
        if name.partition(".")[0] == "hzclient" and isinstance(logger, logging.Logger)
    }
    assert [type(handler) for handler in loggers.pop("hzclient").handlers] == [LastResort]
    for logger in loggers.values():
        assert not logger.handlers
        assert logger.level == logging.NOTSET
        assert logger.propagate


def _log_calls(tree: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "_logger"
        and node.func.attr in ("debug", "info", "warning", "error", "exception")
    ]


@pytest.mark.parametrize(
    "path", [path for path in PACKAGE.rglob("*.py") if "_logger" in path.read_text(encoding="utf-8")], ids=str
)
def test_texts_are_formatted_only_if_they_are_shown(path: Path) -> None:
    for call in _log_calls(ast.parse(path.read_text(encoding="utf-8"))):
        assert isinstance(call.args[0], ast.Constant), f"{path}:{call.lineno} formats before it logs"


async def test_debug_that_is_off_formats_nothing() -> None:
    """A retry logs at DEBUG level. Formatting that record would ask the error for its text."""
    from hzclient._codec import map as map_codec
    from tests.member.answers import Failure

    asked: list[Any] = []

    class Watching(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            asked.append(record)
            return True

    logger = logging.getLogger("hzclient.invocation")
    watching = Watching()
    logger.addFilter(watching)
    try:
        async with ScriptedCluster() as cluster:
            answers = iter([Failure(46, message="again"), 5])
            cluster.on(map_codec.SIZE, lambda name: next(answers))
            client = await make_client("asyncio", cluster_members=cluster.addresses)
            assert await (await client.get_map("m")).size() == 5
            await end_client(client)
    finally:
        logger.removeFilter(watching)
    assert asked == []
