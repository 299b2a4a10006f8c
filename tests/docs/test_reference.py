"""The generated pages of the reference are complete. These tests build no site."""

from __future__ import annotations

import re
from types import ModuleType

from hzclient.config import Config


def test_every_error_has_an_advice(reference: ModuleType) -> None:
    errors, advice = reference.error_classes(), reference.error_advice()
    assert len(errors) > 100
    assert errors.keys() - advice.keys() == set(), "add what to do about them to docs/_ext/error_advice.toml"
    assert advice.keys() - errors.keys() == set(), "there is no such error any more"


def test_the_page_of_errors_has_codes(reference: ModuleType) -> None:
    page = reference.errors_page()
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\w ]*) \|", page, re.MULTILINE))
    assert rows["TargetDisconnectedError"] == "52"
    assert rows["WrongTargetError"] == "62 retried"
    assert rows["ClientOfflineError"] == ""
    assert rows.keys() == reference.error_classes().keys()


def test_the_page_of_the_protocol_knows_what_is_used(reference: ModuleType) -> None:
    usage = reference.protocol_usage
    used, services = usage.used_methods(), usage.services()
    assert sum(map(len, services.values())) == 474
    assert {"GET", "LOCK", "FETCH_ENTRIES"} <= used["map"]
    assert {"ADD", "ADD_ALL"} <= used["list"]  # by way of a base class of lists, queues and sets
    assert used["transactional_set"] == services["transactional_set"].keys()
    assert used["jet"] == set()


def test_every_option_of_the_client_has_a_type_and_most_have_a_key_in_files(reference: ModuleType) -> None:
    types, keys = reference.option_types(), reference.file_keys()
    assert {("Config", name) for name in Config.options} <= types.keys()
    assert keys["cluster_name"] == "cluster-name"
    assert keys["statistics_enabled"] == "metrics.enabled"
    assert len(keys.keys() & Config.options.keys()) > 30
