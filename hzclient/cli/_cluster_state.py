"""The commands `cluster backups` and `cluster cp`: what members report about their copies and CP groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import typer

from hzclient._management import Management, MemberReport
from hzclient.cli._figures import Figures, Row
from hzclient.cli._session import Session

_CP_PREFIX: Final = "cp."
_CP_MEMBERS: Final = ("address", "uuid", "cp_uuid")
_CP_STRUCTURES: Final = ("kind", "name", "group")
_MEMBERS: Final = ("address", "partitions", "backups")
_MAPS: Final = ("map", "sync_backups", "async_backups", "entries", "backup_entries", "copies")


def add_commands(group: typer.Typer) -> None:
    """Add the commands to the group `cluster`."""
    group.command("backups")(backups)
    group.command("cp")(cp)


def backups(context: typer.Context) -> None:
    """Show whether the backups are complete: per member and per map.

    A member's backups are complete if those of all partitions that it owns are up to date on other members.
    Members collect the numbers of entries every 5 seconds. They do not report to clients which member has
    which backup of a partition.
    """
    session: Session = context.obj
    with session.client() as client:
        management = Management(client)
        figures = Figures(management.client_uuid)
        figures.take(management.reports())
        members = [
            {
                "address": row["address"],
                "partitions": row["partitions"],
                "backups": {True: "complete", False: "incomplete"}.get(row["backups_complete"], "unknown"),
            }
            for row in figures.members()
        ]
        maps = [_map_row(row, management) for row in figures.structures() if row["kind"] == "map"]
        problems = figures.problems()
    output = session.output
    if output.as_json:
        output.entry(members=members, maps=maps, problems=problems)
        return
    output.table("Members", _MEMBERS, [tuple(map(_shown, row.values())) for row in members])
    output.table("Maps", _MAPS, [tuple(_shown(cell) for cell in row.values()) for row in maps])
    for address, problem in problems.items():
        output.messages.print(f"{address}: {problem}", markup=False, style="red")


def _map_row(row: Row, management: Management) -> Row:
    sync, asynchronous = management.backup_counts(row["name"])
    entries, copies = row["entries"], row["backups"]
    return {
        "map": row["name"],
        "sync_backups": sync,
        "async_backups": asynchronous,
        "entries": entries,
        "backup_entries": copies,
        "copies": round(copies / entries, 2) if entries else None,
    }


def _shown(cell: Any) -> Any:
    return "-" if cell is None else cell


def cp(context: typer.Context) -> None:
    """Show the members of the CP subsystem, and the structures in its groups.

    Open-source members offer the CP subsystem up to version 5.4.
    """
    session: Session = context.obj
    with session.client() as client:
        cp_members = client.cp_subsystem.get_members()
        reports = Management(client).reports()
    addresses = {each.uuid: each.address for each in reports}
    members = [
        {"address": addresses.get(uuid), "uuid": str(uuid), "cp_uuid": str(cp_uuid)}
        for cp_uuid, uuid in cp_members.items()
    ]
    structures = sorted(_cp_structures(reports))
    output = session.output
    if output.as_json:
        output.entry(
            members=members,
            groups=sorted({group for _, _, group in structures}),
            structures=[dict(zip(_CP_STRUCTURES, each, strict=True)) for each in structures],
        )
        return
    output.table("CP members", _CP_MEMBERS, [tuple(map(_shown, row.values())) for row in members])
    output.table("CP structures", _CP_STRUCTURES, structures)


def _cp_structures(reports: Iterable[MemberReport]) -> set[tuple[str, str, str]]:
    """Return kind, name and group of each structure. Every member of a group reports them all."""
    return {
        (each.prefix.removeprefix(_CP_PREFIX), each.labels["name"], each.labels["group"])
        for report in reports
        for each in report.readings
        if each.prefix.startswith(_CP_PREFIX) and {"name", "group"} <= each.labels.keys()
    }
