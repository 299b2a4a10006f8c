"""The commands `ping` and `cluster`."""

from __future__ import annotations

import time
from collections import Counter
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Group
from rich.live import Live
from rich.text import Text

from hzclient import HazelcastClient
from hzclient.cli import _cluster_state
from hzclient.cli._output import make_table
from hzclient.cli._session import Session

_PING_MAP = "__hzclient.ping"
_MEMBER_COLUMNS = ("address", "uuid", "version", "lite", "partitions")


def add_commands(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("ping")(ping)
    group = typer.Typer(
        name="cluster", help="Show the members of the cluster and what they own.", no_args_is_help=True
    )
    group.command("members")(members)
    group.command("partitions")(partitions)
    group.command("objects")(objects)
    _cluster_state.add_commands(group)
    app.add_typer(group)


def ping(
    context: typer.Context,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Number of round trips.")] = 3,
) -> None:
    """Connect, and measure round trips to a member.

    Each round trip reads the size of an empty map, which every member answers.
    """
    session: Session = context.obj
    started = time.perf_counter()
    with session.client() as client:
        connected = time.perf_counter() - started
        members = len(client.cluster_service.get_members())
        probe = client.get_list(_PING_MAP).blocking()
        times = list[float]()
        for _ in range(count):
            begin = time.perf_counter()
            probe.size()
            times.append((time.perf_counter() - begin) * 1000)
        probe.destroy()
    name = session.config().cluster_name
    session.output.done(
        f"Cluster {name!r} answers: {members} members, connected in {connected * 1000:.0f} ms, "
        f"round trips of {min(times):.2f} to {max(times):.2f} ms.",
        cluster=name,
        members=members,
        connected_ms=round(connected * 1000, 3),
        round_trips_ms=[round(each, 3) for each in times],
    )


def members(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Refresh until Ctrl-C.")] = False,
    every: Annotated[float, typer.Option("--every", min=0.1, help="Seconds between refreshes.")] = 1.0,
) -> None:
    """List the members: address, version, and how many partitions each owns."""
    session: Session = context.obj
    with session.client() as client:
        partitions_known(client)
        if not watch:
            session.output.table(_title(client), _MEMBER_COLUMNS, member_rows(client))
        elif session.output.as_json:
            while True:
                session.output.table("", _MEMBER_COLUMNS, member_rows(client))
                time.sleep(every)
        else:
            with Live(members_view(client), console=session.output.console, auto_refresh=False) as live:
                while True:
                    time.sleep(every)
                    live.update(members_view(client), refresh=True)


def members_view(client: HazelcastClient) -> Group:
    """Return the live view of the members."""
    now = time.strftime("%H:%M:%S")
    return Group(
        make_table(_title(client), _MEMBER_COLUMNS, member_rows(client)), Text(f"{now}   Ctrl-C ends", "dim")
    )


def member_rows(client: HazelcastClient) -> list[list[Any]]:
    """Return one row per member, oldest first."""
    owned = Counter(owners(client).values())
    return [
        [
            member.address.to_string(),
            str(member.uuid),
            f"{member.version.major}.{member.version.minor}.{member.version.patch}",
            member.lite_member,
            owned[member.uuid],
        ]
        for member in client.cluster_service.get_members()
    ]


def partitions(
    context: typer.Context,
    key: Annotated[str | None, typer.Option("--key", help="Only the partition of this key.")] = None,
) -> None:
    """List the partitions and the members that own them."""
    session: Session = context.obj
    with session.client() as client:
        partitions_known(client)
        addresses = {
            member.uuid: member.address.to_string() for member in client.cluster_service.get_members()
        }
        owned = owners(client)
        chosen = range(client.partition_service.get_partition_count())
        if key is not None:
            wanted = client.partition_service.get_partition_id(session.key(key))
            chosen = range(wanted, wanted + 1)
        rows = [[number, addresses.get(owned.get(number), "unknown")] for number in chosen]
        session.output.table("Partitions", ("partition", "owner"), rows)


def objects(context: typer.Context) -> None:
    """List the structures that exist in the cluster."""
    session: Session = context.obj
    with session.client() as client:
        found = [(type(each).__name__, each.name) for each in client.get_distributed_objects()]
        session.output.table("Structures", ("kind", "name"), sorted(found))


def owners(client: HazelcastClient) -> dict[int, UUID | None]:
    """Return the owner of each partition."""
    service = client.partition_service
    return {number: service.get_partition_owner(number) for number in range(service.get_partition_count())}


def partitions_known(client: HazelcastClient, seconds: float = 5.0) -> None:
    """Wait for the first partition table, which members send after the connection is open."""
    deadline = time.monotonic() + seconds
    while None in owners(client).values() and time.monotonic() < deadline:
        time.sleep(0.02)


def _title(client: HazelcastClient) -> str:
    count = client.partition_service.get_partition_count()
    return f"{len(client.cluster_service.get_members())} members, {count} partitions"
