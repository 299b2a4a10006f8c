"""Configurations from dicts, TOML, URLs, environment variables and small YAML files."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hzclient.config import (
    Config,
    InvalidConfigurationError,
    ReconnectMode,
    SSLProtocol,
    TopicOverloadPolicy,
)
from hzclient.discovery import DnsAddressProvider, KubernetesAddressProvider

EXPECTED = Config.from_dict(
    {
        "cluster_name": "orders",
        "cluster_members": ["10.0.0.1:5701", "10.0.0.2"],
        "creds_username": "ann",
        "creds_password": "p@ss",
        "smart_routing": False,
        "connection_timeout": 2.5,
    }
)

YAML = """
hazelcast-client:
  cluster-name: orders
  network:
    cluster-members: [10.0.0.1:5701, 10.0.0.2]
    connection-timeout: 2500
    smart-routing: false
  security:
    username-password:
      username: ann
      password: p@ss
"""

TOML = """
[hazelcast-client]
cluster-name = "orders"

[hazelcast-client.network]
cluster-members = ["10.0.0.1:5701", "10.0.0.2"]
connection-timeout = 2500
smart-routing = false

[hazelcast-client.security.username-password]
username = "ann"
password = "p@ss"
"""

PYPROJECT = """
[tool.hzclient]
cluster_name = "orders"
cluster_members = ["10.0.0.1:5701", "10.0.0.2"]
connection_timeout = 2.5
smart_routing = false
creds_username = "ann"
creds_password = "p@ss"

[tool.other]
x = 1
"""

DICT: dict[str, Any] = {
    "hazelcast-client": {
        "cluster-name": "orders",
        "network": {
            "cluster-members": ["10.0.0.1:5701", "10.0.0.2"],
            "connection-timeout": 2500,
            "smart-routing": False,
        },
    },
    "hzclient": {"creds_username": "ann", "creds_password": "p@ss"},
}

URL = "hazelcast://ann:p%40ss@10.0.0.1:5701,10.0.0.2/orders?smart_routing=false&connection_timeout=2.5"


def values(config: Config) -> dict[str, Any]:
    return config.option_values


def load(text: str, folder: Path, **environ: str) -> Config:
    path = folder / "hazelcast-client.yaml"
    path.write_text(text)
    return Config.load(path, environ=environ)


def error(text: str, folder: Path, **environ: str) -> str:
    with pytest.raises(InvalidConfigurationError) as caught:
        load(text, folder, **environ)
    return str(caught.value).removeprefix(f"{folder}/")


class TestSources:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("a.yaml", YAML),
            ("a.toml", TOML),
            ("pyproject.toml", PYPROJECT),
            ("a.json", json.dumps(DICT)),
        ],
    )
    def test_files_of_every_format_give_the_same(self, tmp_path: Path, name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        assert values(Config.load(tmp_path / name, environ={})) == values(EXPECTED)

    @pytest.mark.parametrize("source", [DICT, URL])
    def test_a_dict_and_a_url_give_the_same(self, source: Any) -> None:
        assert values(Config.load(source, environ={})) == values(EXPECTED)

    def test_a_dict_may_hold_options_only(self) -> None:
        assert Config.load({"cluster_name": "x", "ssl_enabled": True}, environ={}).ssl_enabled

    def test_a_dict_is_not_changed(self) -> None:
        given: dict[str, Any] = {"hazelcast-client": {}}
        Config.load(given, environ={"HZCLIENT_CLUSTERNAME": "x"})
        assert given == {"hazelcast-client": {}}

    @pytest.mark.parametrize(
        ("url", "text"),
        [
            ("hazelcast://h/c?ssl_enable=true", "did you mean 'ssl_enabled'"),
            ("hazelcast://h/c?ssl_enabled=2", "URL: hzclient.ssl_enabled: must be true or false, not '2'"),
            ("hazelcast://h/c?cluster_name=d", "cluster_name twice"),
            ("hazelcast://user:pa/ss@h/c", "percent-encode"),
        ],
    )
    def test_wrong_urls(self, url: str, text: str) -> None:
        with pytest.raises(InvalidConfigurationError, match=text):
            Config.load(url, environ={})

    def test_no_file_gives_the_defaults(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert values(Config.load(environ={})) == values(Config())

    def test_the_working_directory_and_the_variable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "hazelcast-client.yaml").write_text("hazelcast-client: {cluster-name: here}")
        (tmp_path / "other.yaml").write_text("hazelcast-client: {cluster-name: there}")
        assert Config.load(environ={}).cluster_name == "here"
        assert Config.load(environ={"HAZELCAST_CLIENT_CONFIG": "other.yaml"}).cluster_name == "there"
        with pytest.raises(InvalidConfigurationError, match="HAZELCAST_CLIENT_CONFIG names the file 'none'"):
            Config.load(environ={"HAZELCAST_CLIENT_CONFIG": "none"})

    def test_xml_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InvalidConfigurationError, match="XML is not read; convert it to YAML"):
            Config.load(tmp_path / "hazelcast-client.xml", environ={})


class TestEnvironment:
    def test_overrides(self, tmp_path: Path) -> None:
        config = load(
            YAML + "  near-cache:\n    Orders: {eviction: {size: 5}}\n",
            tmp_path,
            HZCLIENT_CLUSTERNAME="prod",
            HZCLIENT_NETWORK_CLUSTERMEMBERS="a:1, b:2",
            HZCLIENT_CLIENTLABELS_0="x",
            HZCLIENT_CLIENTLABELS_1="y",
            HZCLIENT_CONNECTIONSTRATEGY_CONNECTIONRETRY_JITTER="0.25",
            HZCLIENT_NEARCACHE_ORDERS_EVICTION_EVICTIONPOLICY="LFU",
            HZCLIENT_RELIABLETOPIC_NEWS_TOPICOVERLOADPOLICY="ERROR",
            HZCLIENT_PROPERTIES_HAZELCAST_CLIENT_HEARTBEAT_INTERVAL="1500",
            HZCLIENT_SPEED="off",
            PATH="/bin",
        )
        assert config.cluster_name == "prod"
        assert config.cluster_members == ["a:1", "b:2"]
        assert config.labels == ["x", "y"]
        assert config.retry_jitter == 0.25
        assert config.near_caches["Orders"].eviction_max_size == 5
        assert config.near_caches["Orders"].eviction_policy == 2
        assert config.reliable_topics["news"].overload_policy == TopicOverloadPolicy.ERROR
        assert config.heartbeat_interval == 1.5
        assert config.creds_username == "ann"

    def test_errors_name_the_variable(self, tmp_path: Path) -> None:
        text = error(YAML, tmp_path, HZCLIENT_NETWORK_CONNECTIONTIMEOUT="soon")
        assert text == (
            "environment variable HZCLIENT_NETWORK_CONNECTIONTIMEOUT: "
            "hazelcast-client.network.connection-timeout: must be an integer >= 0, not 'soon'"
        )

    def test_unknown_variables_are_logged_and_our_switch_is_not(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        load(YAML, tmp_path, HZCLIENT_CLUSTRNAME="x", HZCLIENT_SPEED="off")
        assert [record.getMessage() for record in caplog.records] == [
            "The environment variable HZCLIENT_CLUSTRNAME matches no key of the configuration"
        ]


class TestPlaceholders:
    def test_variables_defaults_and_files(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("s3cret\n")
        config = load(
            f"hazelcast-client:\n  cluster-name: ${{NAME}}-${{STAGE:test}}\n"
            f"  security: {{username-password: {{username: u, password: '$FILE{{{tmp_path}/secret}}'}}}}\n",
            tmp_path,
            NAME="orders",
        )
        assert (config.cluster_name, config.creds_password) == ("orders-test", "s3cret")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("${MISSING}", "2: hazelcast-client.cluster-name: the environment variable 'MISSING' is not set"),
            ("$FILE{/none}", "2: hazelcast-client.cluster-name: the file '/none' cannot be read"),
            ("$ENC{abc}", "2: hazelcast-client.cluster-name: encrypted values"),
        ],
    )
    def test_errors(self, tmp_path: Path, text: str, expected: str) -> None:
        found = error(f"hazelcast-client:\n  cluster-name: {text}\n", tmp_path)
        assert found.startswith(f"hazelcast-client.yaml:{expected}")

    def test_missing_variables_may_be_allowed(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        text = "hazelcast-client:\n  config-replacers: {fail-if-value-missing: false}\n  cluster-name: ${NO}"
        assert load(text, tmp_path).cluster_name == "${NO}"
        assert "'NO' is not set" in caplog.text


class TestImports:
    def test_the_importing_file_takes_precedence(self, tmp_path: Path) -> None:
        (tmp_path / "base.yaml").write_text(
            "hazelcast-client: {cluster-name: base, network: {connection-timeout: 7000, smart-routing: true}}"
        )
        config = load(
            "hazelcast-client:\n  import: [base.yaml]\n  network: {smart-routing: false}\n", tmp_path
        )
        assert (config.cluster_name, config.connection_timeout, config.smart_routing) == ("base", 7.0, False)

    def test_circles_and_missing_files(self, tmp_path: Path) -> None:
        (tmp_path / "b.yaml").write_text("hazelcast-client: {import: [b.yaml]}")
        assert "imports itself" in error("hazelcast-client: {import: [b.yaml]}", tmp_path)
        assert "does not exist" in error("hazelcast-client:\n  import: [none.yaml]", tmp_path)


class TestYaml:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("hazelcast-client:\n  cluster-nam: x", "2: hazelcast-client.cluster-nam: unknown key"),
            ("hazelcast-clent:\n  cluster-name: x", "1: hazelcast-clent: unknown key"),
            ("hazelcast-client:\n  cluster-name: [", ":"),
            ("hazelcast-client:\n  network: 5", "2: hazelcast-client.network: must be a mapping"),
            ("hazelcast-client:\n  network:\n    cluster-members: a", "3: hazelcast-client.network.cluster-"),
            ("hazelcast-client:\n  a: 1\n  a: 2", "3: hazelcast-client.a: the key appears twice"),
            ("hazelcast-client: &x\n  network: *x", "1: hazelcast-client.network: an alias refers"),
            ("hazelcast-client:\n  [1]: 2", "2: hazelcast-client: a key must be a single value"),
            ("- 1", "1: the document: must be a mapping"),
            (
                "hzclient:\n  cluster_name: x\n  retry_jitter: 2",
                "3: hzclient.retry_jitter: retry_jitter must",
            ),
            (
                "hazelcast-client:\n  connection-strategy:\n    reconnect-mode: ASYN",
                "3: hazelcast-client.connection-strategy.reconnect-mode: must be one of OFF, ON, ASYNC, "
                "not 'ASYN'; did you mean 'ASYNC'?",
            ),
            (
                "hazelcast-client:\n  network:\n    aws: {enabled: true}",
                "3: hazelcast-client.network.aws: ca",
            ),
            (
                "hazelcast-client:\n  security:\n    kerberos: {}",
                "3: hazelcast-client.security.kerberos: Ker",
            ),
        ],
    )
    def test_errors_name_line_and_key(self, tmp_path: Path, text: str, expected: str) -> None:
        assert error(text, tmp_path).startswith(f"hazelcast-client.yaml:{expected.removeprefix(':')}")

    def test_secrets_stay_out_of_errors(self, tmp_path: Path) -> None:
        text = error(
            "hazelcast-client:\n  network:\n    ssl: {properties: {keyPassword: [s3cret]}}", tmp_path
        )
        assert "s3cret" not in text

    def test_aliases_cannot_multiply_without_end(self, tmp_path: Path) -> None:
        lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
        assert "more than 100000 values" in error("\n".join(lines), tmp_path)

    def test_tls_and_python_objects(self, tmp_path: Path) -> None:
        config = load(
            """
hazelcast-client:
  network:
    ssl:
      enabled: true
      properties: {protocol: TLSv1.3, trustCertCollectionFile: ca.pem, validateIdentity: true}
  security:
    token: {value: aGk=, encoding: base64}
  load-balancer: {type: custom, class-name: "hzclient.util:RandomLB"}
  listeners: ["builtins:print"]
hzclient:
  default_int_type: LONG
  near_caches: {orders: {time_to_live: 5}}
""",
            tmp_path,
        )
        assert (config.ssl_enabled, config.ssl_cafile, config.ssl_check_hostname) == (True, "ca.pem", True)
        assert config.ssl_protocol == SSLProtocol.TLSv1_3
        assert config.token_provider is not None and config.token_provider.token() == b"hi"
        assert type(config.load_balancer).__name__ == "RandomLB"
        assert config.lifecycle_listeners == [print]
        assert config.near_caches["orders"].time_to_live == 5
        assert config.reconnect_mode == ReconnectMode.ON

    def test_kubernetes(self, tmp_path: Path) -> None:
        text = "hazelcast-client:\n  network:\n    kubernetes: {enabled: true, namespace: shop, "
        config = load(text + "service-name: members}", tmp_path)
        assert isinstance(config.address_provider, KubernetesAddressProvider)
        config = load(text + "service-dns: members.shop}", tmp_path)
        assert isinstance(config.address_provider, DnsAddressProvider)
        place = "hazelcast-client.yaml:3: hazelcast-client.network.kubernetes: "
        config = load(text + "pod-label-name: app, pod-label-value: hz}", tmp_path)
        assert isinstance(config.address_provider, KubernetesAddressProvider)
        assert error(text + "api-token: x}", tmp_path).startswith(f"{place}api-token is not")
        assert error(text[:-2] + "}", tmp_path).startswith(
            f"{place}give either service_name, service_label or"
        )

    def test_references_that_cannot_be_imported(self, tmp_path: Path) -> None:
        text = error("hazelcast-client:\n  listeners: ['no.such:thing']", tmp_path)
        assert text.startswith(
            "hazelcast-client.yaml:2: hazelcast-client.listeners[0]: 'no.such:thing' cannot"
        )

    def test_stores_of_java_are_refused_if_tls_is_on(self, tmp_path: Path) -> None:
        text = error(
            "hazelcast-client:\n  network:\n    ssl:\n      enabled: true\n"
            "      properties:\n        trustStore: a.jks\n",
            tmp_path,
        )
        assert text.startswith("hazelcast-client.yaml:6: hazelcast-client.network.ssl.properties.trustStore:")


def test_notes_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "hzclient.config"):
        load("hazelcast-client:\n  tpc: {enabled: true}", tmp_path)
    assert caplog.messages == [
        f"{tmp_path}/hazelcast-client.yaml:2: hazelcast-client.tpc: "
        "has no effect: this client has one connection to each member"
    ]


class TestSchema:
    def test_it_is_a_schema_that_accepts_and_refuses(self) -> None:
        schema = Config.json_schema()
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        assert validator.is_valid(DICT)
        assert not validator.is_valid({"hzclient": {"cluster_nam": "x"}})
        assert not validator.is_valid({"hzclient": {"retry_jitter": "much"}})
        assert not validator.is_valid({"hazelcast-client": {"network": {"smart-routing": 5}}})

    def test_it_has_every_option_with_its_text(self) -> None:
        options = Config.json_schema()["properties"]["hzclient"]["properties"]
        assert options.keys() == Config.options.keys()
        assert all(each["description"] for each in options.values())


@pytest.mark.parametrize(
    ("mode", "smart", "one_group"),
    [("ALL_MEMBERS", True, False), ("SINGLE_MEMBER", False, False), ("MULTI_MEMBER", True, True)],
)
def test_routing_modes(mode: str, smart: bool, one_group: bool) -> None:
    routing = {"mode": mode, "routing-strategy": "PARTITION_GROUPS"}
    config = Config.load({"hazelcast-client": {"network": {"cluster-routing": routing}}})
    assert (config.smart_routing, config.partition_group_routing) == (smart, one_group)
