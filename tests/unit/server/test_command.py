"""Command line of a member."""

from pathlib import Path

import pytest

from hzclient.server import DEFAULT_JVM_OPTIONS, LocalCluster, ServerError
from hzclient.server._command import MAIN_CLASS, MemberSpec, config_file, member_environment
from hzclient.server._java import JavaRuntime


def spec(
    host: str = "127.0.0.1", version: str = "5.7.0", properties: dict[str, str] | None = None
) -> MemberSpec:
    return MemberSpec(
        runtime=JavaRuntime(Path("/java"), 17),
        class_path=[Path("/a.jar"), Path("/b")],
        version=version,
        cluster_name="mine",
        host=host,
        properties=properties or {},
    )


def properties_of(command: list[str]) -> dict[str, str]:
    pairs = (word.removeprefix("-D").partition("=") for word in command if word.startswith("-D"))
    return {name: value for name, _, value in pairs}


def test_the_command_names_java_classes_options_and_peers() -> None:
    command = spec().command(5702, [5701, 5703])
    assert command[:3] == ["/java/bin/java", "-cp", "/a.jar:/b"]
    assert command[-1] == MAIN_CLASS
    assert set(DEFAULT_JVM_OPTIONS) <= set(command)
    properties = properties_of(command)
    assert properties["hz.network.port.port"] == "5702"
    assert properties["hz.network.join.tcp-ip.members"] == "127.0.0.1:5702,127.0.0.1:5701,127.0.0.1:5703"
    assert properties["hz.network.join.multicast.enabled"] == "false"
    assert properties["hazelcast.phone.home.enabled"] == "false"
    assert properties["hz.cluster-name"] == "mine"


def test_ipv6_addresses_are_in_brackets() -> None:
    properties = properties_of(spec(host="::1").command(5701, []))
    assert properties["hz.network.join.tcp-ip.members"] == "[::1]:5701"
    assert properties["java.net.preferIPv4Stack"] == "false"


def test_the_users_properties_win() -> None:
    command = spec(properties={"hz.jet.enabled": "false", "mine": "yes"}).command(5701, [])
    assert properties_of(command)["hz.jet.enabled"] == "false"
    assert properties_of(command)["mine"] == "yes"
    assert sum(word.startswith("-Dhz.jet.enabled=") for word in command) == 1


@pytest.mark.parametrize(("version", "known"), [("4.2.8", False), ("5.3.8", True), ("5.7.0", True)])
def test_jet_is_switched_on_where_members_know_it(version: str, known: bool) -> None:
    assert ("hz.jet.enabled" in properties_of(spec(version=version).command(5701, []))) is known


def test_the_environment_does_not_configure_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HZ_CLUSTERNAME", "other")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx1k")
    monkeypatch.setenv("SOMETHING_ELSE", "kept")
    environment = member_environment()
    assert "HZ_CLUSTERNAME" not in environment
    assert "JAVA_TOOL_OPTIONS" not in environment
    assert environment["SOMETHING_ELSE"] == "kept"


@pytest.mark.parametrize(
    ("text", "name"),
    [("\n  <hazelcast/>", "hazelcast.xml"), ("hazelcast:\n  cluster-name: x\n", "hazelcast.yaml")],
)
def test_the_text_of_a_configuration_becomes_a_file(tmp_path: Path, text: str, name: str) -> None:
    path = config_file(text, tmp_path)
    assert path == tmp_path / name
    assert path.read_text() == text.lstrip()


@pytest.mark.parametrize("as_path", [str, Path])
def test_a_configuration_file_is_used_where_it_lies(tmp_path: Path, as_path: type[str] | type[Path]) -> None:
    file = tmp_path / "mine.yml"
    file.write_text("hazelcast: {}")
    assert config_file(as_path(file), tmp_path / "unused") == file


def test_a_configuration_must_exist_and_tell_its_format(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="does not exist"):
        config_file(tmp_path / "nothing.xml", tmp_path)
    unclear = tmp_path / "hazelcast.conf"
    unclear.write_text("")
    with pytest.raises(ServerError, match="must end in .xml, .yaml or .yml"):
        config_file(unclear, tmp_path)


def test_a_cluster_needs_a_member() -> None:
    with pytest.raises(ValueError, match="at least one member"):
        LocalCluster(members=0)
    with pytest.raises(ServerError, match="not running"):
        LocalCluster().start_member()
