"""The full example of a configuration in the member's jar loads, and errors say where it was damaged."""

from __future__ import annotations

import random
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from hzclient.config import Config, InvalidConfigurationError, ReconnectMode
from hzclient.config._files.keys import CLIENT
from hzclient.config._files.kinds import TEXT, Items, Kind, Named, Section, Value
from hzclient.config._files.tree import Node
from hzclient.config._files.yaml_tree import yaml_tree
from hzclient.server._artifacts import fetch, member_jars

MUTATIONS = 200


@pytest.fixture(scope="module")
def example() -> str:
    """Return the example of 5.7.0."""
    jar = next(fetch(jar) for jar in member_jars("5.7.0") if jar.artifact == "hazelcast")
    with zipfile.ZipFile(jar) as archive:
        return archive.read("hazelcast-client-full-example.yaml").decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that holds the file which the example imports."""
    (tmp_path / "your-client-configuration-YAML-file").touch()
    return tmp_path


def load(text: str, folder: Path) -> Config:
    path = folder / "hazelcast-client.yaml"
    path.write_text(text)
    return Config.load(path, environ={})


NOTED = """
config-replacers.replacers properties.hazelcast.client.event.thread.count network.outbound-ports
network.socket-options.linger-seconds network.socket-interceptor network.ssl.properties.trustStore
network.ssl.properties.trustStorePassword network.ssl.properties.trustStoreType
network.ssl.properties.keyMaterialDuration network.ssl.properties.keyStore
network.ssl.properties.keyStorePassword network.ssl.properties.keyStoreType network.auto-detection
network.icmp-ping network.discovery-strategies.node-filter
network.discovery-strategies.discovery-strategies[0] security.credentials-factory security.realms
serialization.enable-compression serialization.enable-shared-object serialization.allow-unsafe
serialization.allow-override-default-serializers serialization.global-serializer.override-java-serialization
serialization.global-serializer serialization.java-serialization-filter
serialization.compact-serialization.classes serialization.compact-serialization.zero-config-filter
serialization.data-serializable-factories[0] serialization.portable-factories[0] serialization serialization
native-memory proxy-factories near-cache.default.serialize-keys near-cache.default.local-update-policy
near-cache.default.preloader near-cache.NearCacheEvictionConfigExample.eviction.comparator-class-name
query-caches user-code-deployment metrics.jmx instance-tracking sql.resubmission-mode tpc
listeners[0] listeners[1]
""".split()


def test_the_full_example_loads(example: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = load(example, folder)
    assert config.cluster_name == "my-cluster"
    assert config.cluster_members == ["127.0.0.1", "127.0.0.2"]
    assert config.labels == ["admin", "foo"]
    assert (config.connection_timeout, config.redo_operation) == (60.0, True)
    assert (config.reconnect_mode, config.async_start) == (ReconnectMode.ASYNC, True)
    assert (config.retry_initial_backoff, config.cluster_connect_timeout) == (2.0, 5.0)
    assert (config.near_caches["*"].time_to_live, config.near_caches["*"].max_idle) == (90, 100)
    assert config.reliable_topics["rel-topic"].read_batch_size == 100
    assert (config.statistics_enabled, config.statistics_period) == (False, 42)
    assert Counter(_noted(caplog.messages)) == Counter(NOTED)


def _noted(messages: list[str]) -> list[str]:
    found = [re.search(r"\.yaml:\d+: hazelcast-client\.(\S+):", message) for message in messages]
    return [match[1] for match in found if match]


Mutation = tuple[str, int, str]
"""What was done, the line that the error must name, and the text."""


def mutations(lines: list[str], node: Node, kind: Kind) -> Iterator[Mutation]:
    """Yield every damage to keys and values that the table of keys can notice."""
    if isinstance(kind, Items) and isinstance(node.value, list):
        for item in node.value:
            yield from mutations(lines, item, kind.kind)
    if isinstance(kind, Named) and isinstance(node.value, dict):
        for item in node.value.values():
            yield from mutations(lines, item, kind.section)
    if not isinstance(kind, Section) or not isinstance(node.value, dict):
        return
    for key, child in node.value.items():
        assert child.line is not None
        inner, at = kind.keys[key], child.line
        line = lines[at - 1]
        yield f"key {key}", at, _with(lines, at, line.replace(f"{key}:", f"{key}x:", 1))
        if isinstance(inner, Value):
            front = line[: line.index(f"{key}:")] + f"{key}: "
            yield f"mapping for {key}", at, _with(lines, at, front + "{a: b}")
            yield f"nothing for {key}", at, _with(lines, at, front)
            if inner.parse is not TEXT:
                yield f"word for {key}", at, _with(lines, at, front + "wrong")
            again = front.replace("- ", "  ", 1) + "again"
            yield f"twice {key}", at + 1, _with(lines, at, f"{line}\n{again}")
        yield from mutations(lines, child, inner)


def _with(lines: list[str], at: int, line: str) -> str:
    return "\n".join([*lines[: at - 1], line, *lines[at:]])


def test_errors_name_the_line_of_200_mutations(example: str, folder: Path) -> None:
    lines = [line for line in example.splitlines() if line.strip() and not line.strip().startswith("#")]
    root = yaml_tree("\n".join(lines), "x").value
    assert isinstance(root, dict)
    every = list(mutations(lines, root["hazelcast-client"], CLIENT))
    chosen = random.Random(16).sample(every, MUTATIONS)
    missed: list[str] = []
    for name, line, text in chosen:
        with pytest.raises(InvalidConfigurationError) as caught:
            load(text, folder)
        if f"hazelcast-client.yaml:{line}: " not in str(caught.value):
            missed.append(f"{name}, line {line}: {caught.value}")
    assert missed == []
