"""``python -m hzclient server start|stop|status|health``: real members from a shell.

Exit codes: 0 success; 1 failure, with the reason on standard error; 2 wrong usage; 3 no such cluster is
running; 130 interrupted while the members started.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from hzclient.core import AddressHelper
from hzclient.server import _state
from hzclient.server._cluster import DEFAULT_VERSION, LocalCluster
from hzclient.server._command import DEFAULT_JVM_OPTIONS
from hzclient.server._errors import ServerError
from hzclient.server._ports import is_free

EXIT_FAILED = 1
EXIT_NOT_RUNNING = 3
EXIT_INTERRUPTED = 130

_DEFAULT_PORT = 5701
_POLL_SECONDS = 0.1
_STOP_SECONDS = 60.0
_CONNECT_SECONDS = 5.0
_READY = b"ready"


class _StopRequested(BaseException):
    """SIGTERM, SIGINT or SIGHUP arrived."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: The words after ``server``; by default those after the program's name.

    Returns:
        The exit code.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(words)
    try:
        if options.command == "start":
            return _start_detached(words) if options.detach else _start(options)
        if options.command == "health":
            return _health(options.cluster_name)
        return _stop(options.cluster_name) if options.command == "stop" else _status()
    except ServerError as error:
        print(f"hzclient server: {error}", file=sys.stderr)
        return EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m hzclient server",
        description="Run real Hazelcast members on this machine.",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("start", help="start a cluster and keep it until Ctrl-C", allow_abbrev=False)
    start.add_argument("--members", type=_size, default=1, metavar="N", help="number of members (default 1)")
    start.add_argument(
        "--version", default=DEFAULT_VERSION, help=f"Hazelcast version (default {DEFAULT_VERSION})"
    )
    start.add_argument(
        "--cluster-name", default="dev", metavar="NAME", help='name of the cluster (default "dev")'
    )
    start.add_argument("--config", metavar="FILE", help="member configuration in XML or YAML")
    start.add_argument(
        "--host", default="127.0.0.1", help='loopback address to listen on: "127.0.0.1" (default) or "::1"'
    )
    start.add_argument(
        "--port",
        type=int,
        action="append",
        default=[],
        help=f"port of a member, repeatable (default: from {_DEFAULT_PORT} on, or any free port)",
    )
    start.add_argument(
        "--property", action="append", default=[], metavar="NAME=VALUE", help="system property"
    )
    start.add_argument(
        "--class-path",
        action="append",
        default=[],
        metavar="ENTRY",
        help="folder or jar with classes for the members",
    )
    start.add_argument(
        "--jvm-option",
        action="append",
        default=[],
        metavar="OPTION",
        help="option of the virtual machine; replaces the defaults",
    )
    start.add_argument(
        "--detach", action="store_true", help="return when the cluster is ready and keep it running"
    )
    start.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    stop = commands.add_parser("stop", help="stop a cluster", allow_abbrev=False)
    stop.add_argument(
        "--cluster-name", default="dev", metavar="NAME", help='name of the cluster (default "dev")'
    )
    health = commands.add_parser(
        "health", help="check that every member accepts connections", allow_abbrev=False
    )
    health.add_argument(
        "--cluster-name", default="dev", metavar="NAME", help='name of the cluster (default "dev")'
    )
    commands.add_parser("status", help="list the running clusters", allow_abbrev=False)
    return parser


def _size(word: str) -> int:
    if not word.isdecimal() or not int(word):
        raise argparse.ArgumentTypeError(f"{word!r} is not a number of members")
    return int(word)


def _start(options: argparse.Namespace) -> int:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _request_stop)
    is_ready = False
    try:
        with _state.claim(options.cluster_name) as claim:
            claim.publish(_state.this_process(options.cluster_name, options.version))
            with _cluster(options) as cluster:
                claim.publish(_state.this_process(options.cluster_name, options.version, cluster.addresses))
                print(f"Cluster {cluster.cluster_name!r} of Hazelcast {cluster.version} is ready:")
                print(*cluster.addresses, sep="\n", flush=True)
                is_ready = True
                if options.ready_fd is not None:
                    _leave_terminal(options.ready_fd)
                _watch(cluster, claim)
                raise ServerError("All members have died.")
    except _StopRequested:
        return 0 if is_ready else EXIT_INTERRUPTED


def _watch(cluster: LocalCluster, claim: _state.Claim) -> None:
    """Report each member that dies, on standard error and to ``status``, until none is left."""
    known = cluster.addresses
    while running := cluster.addresses:
        for address in known:
            if address not in running:
                claim.publish(_state.this_process(cluster.cluster_name, cluster.version, running))
                text = f"member {address} has died; {len(running)} left."
                print(f"hzclient server: {text}", file=sys.stderr, flush=True)
        known = running
        time.sleep(_POLL_SECONDS)


def _request_stop(_number: int, _frame: FrameType | None) -> None:
    raise _StopRequested


def _cluster(options: argparse.Namespace) -> LocalCluster:
    ports: list[int] = options.port
    if not ports:
        usual = range(_DEFAULT_PORT, _DEFAULT_PORT + options.members)
        ports = list(usual) if all(is_free(options.host, port) for port in usual) else []
    return LocalCluster(
        options.members,
        version=options.version,
        cluster_name=options.cluster_name,
        config=options.config,
        properties=_properties(options.property),
        class_path=options.class_path,
        ports=ports,
        host=options.host,
        jvm_options=options.jvm_option or DEFAULT_JVM_OPTIONS,
    )


def _properties(words: Sequence[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise ServerError(f"--property takes NAME=VALUE, not {name!r}.")
    return {name: value for name, _, value in pairs}


def _start_detached(words: Sequence[str]) -> int:
    """Run the same command in a session of its own, and wait until it reports that it is ready."""
    reading, writing = os.pipe()
    command = [word for word in words if word != "--detach"]
    process = subprocess.Popen(  # noqa: S603 - no shell, own arguments
        [sys.executable, "-m", "hzclient", "server", *command, f"--ready-fd={writing}"],
        stdin=subprocess.DEVNULL,
        pass_fds=[writing],
        start_new_session=True,
    )
    os.close(writing)
    with os.fdopen(reading, "rb") as ready:
        try:
            said = ready.read()
        except KeyboardInterrupt:
            process.terminate()
            return process.wait()
    return 0 if said == _READY else process.wait()


def _leave_terminal(ready_fd: int) -> None:
    """Detach from the terminal, then notify the process that waits there."""
    with open(os.devnull, "r+b") as nothing:
        for standard in (0, 1, 2):
            os.dup2(nothing.fileno(), standard)
    os.write(ready_fd, _READY)
    os.close(ready_fd)


def _stop(name: str) -> int:
    record = _state.find(name)
    if record is None:
        print(f"No cluster named {name!r} is running.", file=sys.stderr)
        return EXIT_NOT_RUNNING
    os.kill(record.pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while (running := _state.find(name)) is not None and running.pid == record.pid:
        if time.monotonic() > deadline:
            raise ServerError(f"Process {record.pid} did not end cluster {name!r} in {_STOP_SECONDS:g} s.")
        time.sleep(_POLL_SECONDS)
    print(f"Cluster {name!r} is stopped.")
    return 0


def _health(name: str) -> int:
    """Connect to every member of a cluster."""
    record = _state.find(name)
    if record is None:
        print(f"No cluster named {name!r} is running.", file=sys.stderr)
        return EXIT_NOT_RUNNING
    if not record.addresses:
        raise ServerError(f"Cluster {name!r} is still starting.")
    for text in record.addresses:
        address = AddressHelper.address_from_str(text)
        try:
            _wait_for_member(address.host, address.port)
        except TimeoutError as error:
            raise ServerError(f"Member {text} does not respond within {_CONNECT_SECONDS:g} s.") from error
        except OSError as error:
            raise ServerError(f"Member {text} accepts no connection: {error}.") from error
    print(f"Cluster {name!r} is healthy: {len(record.addresses)} members.")
    return 0


def _wait_for_member(host: str, port: int) -> None:
    """Connect to a member, and wait until it has closed the connection because this end did.

    The connection alone says little: the system accepts it even if the member is suspended or hangs.
    """
    with socket.create_connection((host, port), _CONNECT_SECONDS) as connection:
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(4096):
            pass


def _status() -> int:
    records = list(_state.find_all())
    for record in records:
        addresses = " ".join(record.addresses) or "starting"
        print(f"{record.name}  Hazelcast {record.version}  process {record.pid}  {addresses}")
    if not records:
        print("No cluster is running.")
    return 0 if records else EXIT_NOT_RUNNING


if __name__ == "__main__":
    sys.exit(main())
