"""Command line that runs one member."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hzclient.server._errors import ServerError
from hzclient.server._java import JavaRuntime

MAIN_CLASS = "com.hazelcast.core.server.HazelcastMemberStarter"

DEFAULT_JVM_OPTIONS = ("-Xmx256m", "-Xss512k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""A small heap and the quickest start. Leave out the last option for load tests."""

# Packages that modular Java must open, according to Hazelcast's documentation.
_MODULE_OPTIONS = (
    "--add-modules=java.se",
    "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.management/sun.management=ALL-UNNAMED",
    "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
)

# Start and stop quickly, contact no other host, and shut down gracefully on SIGTERM.
_PROPERTIES = {
    "hazelcast.phone.home.enabled": "false",
    "hazelcast.wait.seconds.before.join": "0",
    "hazelcast.socket.bind.any": "false",
    "hazelcast.shutdownhook.policy": "GRACEFUL",
    "hazelcast.graceful.shutdown.max.wait": "30",
    "hazelcast.logging.type": "jdk",
    "hz.network.port.auto-increment": "false",
    "hz.network.reuse-address": "true",
    "hz.network.join.auto-detection.enabled": "false",
    "hz.network.join.multicast.enabled": "false",
    "hz.network.join.tcp-ip.enabled": "true",
}


@dataclass(frozen=True, slots=True)
class MemberSpec:
    """Settings that all members of one cluster share.

    Attributes:
        runtime: Java runtime of the members.
        class_path: Hazelcast's jars, then the user's entries.
        version: The Hazelcast version, for example "5.7.0".
        cluster_name: Name that clients must give.
        host: Loopback address to listen on: "127.0.0.1" or "::1".
        config_path: Configuration file; None for Hazelcast's defaults.
        properties: System properties; they take precedence over those of this package.
        jvm_options: Options of the virtual machine.
    """

    runtime: JavaRuntime
    class_path: Sequence[Path]
    version: str
    cluster_name: str
    host: str
    config_path: Path | None = None
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    jvm_options: Sequence[str] = DEFAULT_JVM_OPTIONS

    def address(self, port: int) -> str:
        """Return the address of a member as "host:port", with an IPv6 host in brackets."""
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"

    def command(self, port: int, peers: Sequence[int]) -> list[str]:
        """Return the command that starts a member.

        Args:
            port: Port to listen on.
            peers: Ports of the members to join.

        Returns:
            The program and its arguments.
        """
        properties = {**_PROPERTIES, **self._own_properties(port, peers), **self.properties}
        return [
            str(self.runtime.java),
            "-cp",
            os.pathsep.join(map(str, self.class_path)),
            *_MODULE_OPTIONS,
            *self.jvm_options,
            *(f"-D{name}={value}" for name, value in properties.items()),
            MAIN_CLASS,
        ]

    def _own_properties(self, port: int, peers: Sequence[int]) -> dict[str, str]:
        ipv6 = ":" in self.host
        properties = {
            "hz.cluster-name": self.cluster_name,
            "hz.network.port.port": str(port),
            "hz.network.join.tcp-ip.members": ",".join(self.address(peer) for peer in (port, *peers)),
            "hazelcast.local.localAddress": self.host,
            "hazelcast.prefer.ipv4.stack": str(not ipv6).lower(),
            "java.net.preferIPv4Stack": str(not ipv6).lower(),
            "java.net.preferIPv6Addresses": str(ipv6).lower(),
        }
        if not self.version.startswith(("3.", "4.")):
            # SQL needs Jet, which is off by default.
            properties["hz.jet.enabled"] = "true"
        if self.config_path is not None:
            properties["hazelcast.config"] = str(self.config_path)
        return properties


def member_environment() -> dict[str, str]:
    """Return the environment of this process without variables that would configure members unnoticed."""
    hidden = ("HZ_", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def config_file(config: str | Path, folder: Path) -> Path:
    """Return the path of a configuration file, which is written first if the text is given.

    Args:
        config: Path, or the text itself: XML if it starts with "<", YAML if it has several lines.
        folder: Folder for the file if the text is given.

    Returns:
        Path of a file that exists.

    Raises:
        ServerError: If the file does not exist, or if its name does not end in .xml, .yaml or .yml.
    """
    if isinstance(config, str) and (config.lstrip().startswith("<") or "\n" in config):
        suffix = "xml" if config.lstrip().startswith("<") else "yaml"
        path = folder / f"hazelcast.{suffix}"
        path.write_text(config.lstrip() if suffix == "xml" else config, encoding="utf-8")
        return path
    path = Path(config).resolve()
    if not path.is_file():
        raise ServerError(f"The configuration file {path} does not exist.")
    if path.suffix not in (".xml", ".yaml", ".yml"):
        raise ServerError(f"The name of a configuration file must end in .xml, .yaml or .yml: {path}")
    return path
