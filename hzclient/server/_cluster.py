"""Cluster of real members on this machine."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from hzclient.server._artifacts import fetch, member_jars
from hzclient.server._command import DEFAULT_JVM_OPTIONS, MemberSpec, config_file
from hzclient.server._errors import ServerError
from hzclient.server._java import find_java
from hzclient.server._member import Member, wait_for
from hzclient.server._ports import free_port

DEFAULT_VERSION = "5.7.0"

_PORT_ATTEMPTS = 3


class LocalCluster:
    """Real Hazelcast members on loopback ports, for development and tests.

    Example::

        with LocalCluster(members=2) as cluster:
            client = HazelcastClient(cluster_members=cluster.addresses)

    The members are stopped at the end of the ``with`` block, and also if this Python process ends in any
    other way.

    Args:
        members: Number of members to start.
        version: Hazelcast version; downloaded once and cached.
        cluster_name: Name that clients must give.
        config: Configuration file, or the text of one, in XML or YAML. Its name, addresses and join
            settings are replaced by those of this class.
        properties: System properties of the members; they take precedence over those of this class.
            Properties ``hz.*`` override the configuration: ``hz.cp-subsystem.cp-member-count``, for example.
        class_path: Folders and jars with further classes for the members.
        ports: Ports of the first members; the others get free ports.
        host: Loopback address to listen on: "127.0.0.1" or "::1".
        jvm_options: Options of the virtual machine. The defaults give a quick start and a small heap.
        java: Java program or installation folder; by default one is searched for.
        startup_timeout: Seconds that the start of a member may take.
        work_dir: Folder for the logs, which is kept. By default a temporary folder, deleted with the cluster.

    Attributes:
        version: Hazelcast version of the members.
        cluster_name: Name that clients must give.
    """

    def __init__(
        self,
        members: int = 1,
        *,
        version: str = DEFAULT_VERSION,
        cluster_name: str = "dev",
        config: str | Path | None = None,
        properties: Mapping[str, str] | None = None,
        class_path: Sequence[str | Path] = (),
        ports: Sequence[int] = (),
        host: str = "127.0.0.1",
        jvm_options: Sequence[str] = DEFAULT_JVM_OPTIONS,
        java: str | Path | None = None,
        startup_timeout: float = 60.0,
        work_dir: str | Path | None = None,
    ) -> None:
        if members < 1:
            raise ValueError(f"a cluster must have at least one member, not {members}")
        self._initial_size = members
        self.version = version
        self.cluster_name = cluster_name
        self._config = config
        self._properties = dict(properties or {})
        self._class_path = [Path(entry).resolve() for entry in class_path]
        self._ports = list(ports)
        self._host = host
        self._jvm_options = tuple(jvm_options)
        self._java = java
        self._startup_timeout = startup_timeout
        self._kept_dir = None if work_dir is None else Path(work_dir)
        self._work_dir: Path | None = None
        self._spec: MemberSpec | None = None
        self._members: list[Member] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()

    def __repr__(self) -> str:
        return f"<LocalCluster {self.cluster_name!r} {self.version} {self._members}>"

    @property
    def members(self) -> list[Member]:
        """All members, including stopped ones, in the order of their first start."""
        return list(self._members)

    @property
    def addresses(self) -> list[str]:
        """Addresses of the members whose process exists, as "127.0.0.1:port"."""
        return [member.address for member in self._members if member.is_alive]

    @property
    def startup_timeout(self) -> float:
        """Seconds that the start of a member may take."""
        return self._startup_timeout

    def start(self) -> None:
        """Start the members and wait until they form one cluster that accepts clients.

        Raises:
            ServerError: If Java or a jar is missing, or if a member does not start. No process is left then.
        """
        if self._spec is not None:
            raise ServerError("This cluster is already running.")
        try:
            self._work_dir = self._make_work_dir()
            self._spec = self._make_spec(self._work_dir)
            # The first member starts alone: members that start together may each form a cluster of their own.
            self._add_members(1)
            self._add_members(self._initial_size - 1)
            wait_for(self._has_cp, self._startup_timeout, self._members, "did not form the CP subsystem")
        except BaseException:
            self.shutdown()
            raise

    def start_member(self) -> Member:
        """Start one more member and wait until it has joined.

        Returns:
            The new member.

        Raises:
            ServerError: If the cluster is not running, or if the member does not start.
        """
        return self._add_members(1)[0]

    def shutdown(self) -> None:
        """Kill all members and delete their logs, unless ``work_dir`` was given."""
        for member in self._members:
            member.kill()
        self._members.clear()
        self._spec = None
        if self._work_dir is not None and self._kept_dir is None:
            shutil.rmtree(self._work_dir, ignore_errors=True)
        self._work_dir = None

    def peers_of(self, port: int) -> list[int]:
        """Return the ports of the running members that a member on the given port has to join."""
        return [member.port for member in self._members if member.is_alive and member.port != port]

    def wait_until_formed(self) -> None:
        """Wait until the member lists of all running members contain exactly the running members.

        Paused members count as running, but their own lists are not checked.

        Raises:
            ServerError: If that takes longer than the startup timeout.
        """
        awake = [member for member in self._members if member.is_alive and not member.is_paused]
        wait_for(self._is_formed, self._startup_timeout, awake, "did not form one cluster")

    def _is_formed(self) -> bool:
        alive = [member for member in self._members if member.is_alive]
        views = {member.log.member_list() for member in alive if not member.is_paused}
        if len(views) != 1:
            return not alive
        view = views.pop()
        return view is not None and view.ports == sorted(member.port for member in alive)

    def _has_cp(self) -> bool:
        """Return whether the CP subsystem is ready, or is disabled or has too few members."""
        wanted = self._members[0].log.cp_member_count()
        if wanted > len(self._members):
            return True
        return sum(member.log.has_initialized_cp() for member in self._members) >= wanted

    def _make_work_dir(self) -> Path:
        if self._kept_dir is None:
            return Path(tempfile.mkdtemp(prefix="hzclient-server-"))
        self._kept_dir.mkdir(parents=True, exist_ok=True)
        return self._kept_dir

    def _make_spec(self, work_dir: Path) -> MemberSpec:
        runtime = find_java(self._java)
        jars = [fetch(jar) for jar in member_jars(self.version)]
        return MemberSpec(
            runtime=runtime,
            class_path=[*jars, *self._class_path],
            version=self.version,
            cluster_name=self.cluster_name,
            host=self._host,
            config_path=None if self._config is None else config_file(self._config, work_dir),
            properties=self._properties,
            jvm_options=self._jvm_options,
        )

    def _add_members(self, count: int) -> list[Member]:
        known = len(self._members)
        try:
            for _ in range(count):
                self._launch_member()
            for member in self._members[known:]:
                self._await_start(member)
            self.wait_until_formed()
        except BaseException:
            for member in self._members[known:]:
                member.kill()
            del self._members[known:]
            raise
        return self._members[known:]

    def _launch_member(self) -> None:
        if self._spec is None or self._work_dir is None:
            raise ServerError("This cluster is not running.")
        number = len(self._members) + 1
        chosen = self._ports[number - 1] if number <= len(self._ports) else self._free_port()
        member = Member(self, self._spec, chosen, self._work_dir / f"member-{number}.log")
        self._members.append(member)
        member.launch()

    def _free_port(self) -> int:
        return free_port(self._host, {member.port for member in self._members})

    def _await_start(self, member: Member) -> None:
        """Wait for a member; move it to another port if another process has taken its own."""
        for _ in range(_PORT_ATTEMPTS - 1):
            try:
                member.wait_until_started()
            except ServerError:
                if member.port in self._ports or not member.log.lost_its_port():
                    raise
                member.kill()
                member.port = self._free_port()
                member.launch()
            else:
                return
        member.wait_until_started()
