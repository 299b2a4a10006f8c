"""The page on security: each of its claims has tests, which this table names."""

from __future__ import annotations

import ast
import logging
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from hzclient._codec import map as map_codec
from hzclient.asyncio import HazelcastClient
from hzclient.errors import HazelcastError
from tests.member.answers import Failure
from tests.member.scripted import ScriptedCluster
from tests.unit.net.clients import options, soon

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/topics/security.md"

THREATS: dict[str, list[str]] = {
    "read the network: read keys and values": [
        "integration/security/test_tls.py::test_every_member_behind_tls",
        "integration/security/test_tls.py::test_tls_to_a_member_without",
    ],
    "answer in place of a member: get your credentials, give you false data": [
        "unit/test_tls.py::test_certificates_are_always_verified",
        "integration/security/test_tls.py::test_another_authority",
        "integration/security/test_tls.py::test_another_host",
        "integration/security/test_tls.py::test_expired",
    ],
    "change what passes through the network: make both sides use an old version of TLS": [
        "unit/test_tls.py::test_versions",
        "unit/test_tls.py::test_options_that_make_no_sense",
        "integration/security/test_tls.py::test_spoken",
        "integration/security/test_tls.py::test_none_in_common",
    ],
    "reach the members' port: read and change everything": [
        "integration/security/test_credentials.py::test_user_name_and_password",
        "integration/security/test_credentials.py::test_a_wrong_password_ends_the_first_start",
    ],
    "write to maps that you read: run code in your process, by a pickle": [
        "unit/serialization/test_service.py::test_pickle_can_be_turned_off",
        "unit/serialization/test_service.py::test_pickle_that_is_off_stays_off_with_an_allow_list",
        "unit/serialization/test_service.py::test_allow_list_lets_its_classes_pass",
        "unit/serialization/test_service.py::test_allow_list_refuses_the_rest",
        "unit/serialization/test_service.py::test_allow_list_does_not_import_what_it_refuses",
    ],
    "write to maps that you read: fill your memory": [
        "unit/protocol/test_reader.py::test_announced_length_takes_no_memory",
        "unit/protocol/test_reader.py::test_message_without_end",
        "unit/net/test_listeners.py::test_too_many_events_push_the_oldest_out",
        "unit/test_near_cache.py::test_lru_evicts_what_was_not_read_for_long",
        "integration/test_map_streams.py::test_small_pages_of_what_a_predicate_matches",
        "unit/serialization/test_fuzz.py::test_any_bytes",
    ],
    "read your logs and dumps: find secrets": [
        "integration/security/test_credentials.py::test_secrets_show_nowhere",
        "unit/test_config.py::test_secrets_are_not_shown",
        "unit/test_config_files.py::test_secrets_stay_out_of_errors",
        "unit/test_security.py::test_the_token_does_not_show",
        "unit/test_threats.py::test_keys_and_values_are_not_logged",
    ],
    "take part in the network traffic: send malformed messages": [
        "unit/protocol/test_reader.py::test_noise_gives_messages_or_a_protocol_error",
        "unit/net/test_connection.py::test_nonsense_closes_the_connection",
        "unit/serialization/test_fuzz.py::test_any_change_of_any_format",
        "unit/net/test_hostile_members.py::test_hostile_bytes",
        "unit/test_fuzz.py::test_changed_inputs",
    ],
    "send data before it has authenticated: fill your memory": [
        "unit/net/test_start.py::test_before_authentication_a_peer_may_send_little",
        "unit/net/test_start.py::test_a_large_frame_that_is_announced_before_authentication_is_refused",
    ],
    "publish a false version of a dependency: run code in your process": [
        "unit/test_threats.py::test_the_base_install_needs_one_package",
    ],
}
"""By attacker and threat of the table on the page: the tests of what protects."""

LIMITS: dict[str, list[str]] = {
    "It does not encrypt values": [],
    "It does not limit what a connected client may do": [],
    "It does not verify host names unless": [
        "integration/security/test_tls.py::test_the_name_does_not_matter_without_the_check"
    ],
    "`pickle_enabled` and `pickle_allowed` do not apply to the caches": [
        "unit/test_threats.py::test_caches_unpickle_whatever_the_client_allows"
    ],
}
"""By the beginning of each statement in "What hzclient does not do": its tests."""


def table_of_the_page() -> list[str]:
    rows = [
        line.strip("| \n").split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ")
    ]
    return [f"{who}: {what}" for who, what, _ in rows[1:]]


def test_each_threat_of_the_page_has_tests() -> None:
    assert table_of_the_page() == list(THREATS)
    assert all(THREATS.values())


def test_each_limit_of_the_page_is_in_the_table() -> None:
    section = PAGE.read_text().partition("## What hzclient does not do")[2]
    statements = re.findall(r"^- (.*)$", section, re.MULTILINE)
    assert len(statements) == len(LIMITS)
    for statement, start in zip(statements, LIMITS, strict=True):
        assert statement.startswith(start)


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / path).read_text())
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("test", [each for names in (*THREATS.values(), *LIMITS.values()) for each in names])
def test_the_tests_exist(test: str) -> None:
    path, _, name = test.partition("::")
    assert name in functions_of(path)


def test_the_base_install_needs_one_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [re.split(r"[<>=~! ]", each)[0] for each in project["dependencies"]] == ["mmh3"]


async def test_keys_and_values_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with ScriptedCluster() as cluster, HazelcastClient(**options(cluster)) as client:
        cluster.on(map_codec.PUT, lambda *_: Failure(0))
        cluster.on(map_codec.GET, lambda *_: b"\0\0\0\0\x7f\0\0\0secret")
        m = await client.get_map("m")
        for call in (lambda: m.put("secret", "secret"), lambda: m.get("secret")):
            with pytest.raises(HazelcastError):
                await soon(call())
        for connection in list(cluster.members[0].connections):
            connection.close()
    assert caplog.records
    formatter = logging.Formatter()
    assert not [text for text in map(formatter.format, caplog.records) if "secret" in text]


def test_caches_unpickle_whatever_the_client_allows() -> None:
    from hzclient.contrib._shared.values import PickleSerializer

    serializer = PickleSerializer()
    assert serializer.loads(serializer.dumps(ROOT)) == ROOT
