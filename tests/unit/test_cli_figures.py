"""Figures of `top`: rates and averages between two collections, in any order of events."""

from __future__ import annotations

import io
from uuid import UUID

from rich.console import Console

from hzclient._management import MemberReport
from hzclient._services.metric_reader import Reading
from hzclient.cli._figures import Figures
from hzclient.cli._top import fitting_view

ONE, TWO, OWN = UUID(int=1), UUID(int=2), UUID(int=9)


def report(member: UUID, at: int, *numbers: tuple[str, str, str, float]) -> MemberReport:
    readings = [
        Reading(prefix, metric, {"name": name} if name else {}, value)
        for prefix, name, metric, value in numbers
    ]
    return MemberReport(uuid=member, address=f"{member.int}", collected_at=at, readings=readings)


def gets(at: int, count: float, latency: float = 0, member: UUID = ONE) -> MemberReport:
    return report(member, at, ("map", "m", "getCount", count), ("map", "m", "totalGetLatency", latency))


def test_rates_need_two_collections_and_stay_until_the_next() -> None:
    figures = Figures(OWN)
    figures.take([gets(1000, 50)])
    assert figures.structures()[0]["calls_per_second"] is None
    figures.take([gets(1000, 50)])
    assert figures.structures()[0]["calls_per_second"] is None
    for _ in range(2):
        figures.take([gets(6000, 550, 250)])
        row = figures.structures()[0]
        assert (row["calls_per_second"], row["latency_ms"]) == (100.0, 0.5)


def test_rates_of_members_are_added_and_each_has_its_own_time() -> None:
    figures = Figures(OWN)
    figures.take([gets(1000, 0), gets(1000, 0, member=TWO)])
    figures.take([gets(2000, 100), gets(6000, 100, member=TWO)])
    assert figures.structures()[0]["calls_per_second"] == 120.0


def test_a_structure_that_was_created_again_counts_from_zero() -> None:
    figures = Figures(OWN)
    figures.take([gets(1000, 1000)])
    figures.take([gets(2000, 10)])
    assert figures.structures()[0]["calls_per_second"] == 10.0


def test_entries_are_added_unless_every_member_has_all() -> None:
    figures = Figures(OWN)
    figures.take(
        report(member, 1, ("map", "m", "ownedEntryCount", 5), ("replicatedMap", "r", "ownedEntryCount", 5))
        for member in (ONE, TWO)
    )
    assert [(row["kind"], row["entries"]) for row in figures.structures()] == [
        ("map", 10),
        ("replicatedMap", 5),
    ]


def test_the_busiest_stand_first_and_internal_ones_are_left_out() -> None:
    figures = Figures(OWN)
    for at in (1000, 2000):
        figures.take(
            [
                report(
                    ONE,
                    at,
                    ("map", "idle", "getCount", 1),
                    ("map", "busy", "getCount", at),
                    ("map", "__sql.catalog", "getCount", at),
                )
            ]
        )
    assert [row["name"] for row in figures.structures()] == ["busy", "idle"]


def test_a_member_that_left_is_forgotten_and_one_without_response_has_a_problem() -> None:
    figures = Figures(OWN)
    figures.take([gets(1000, 0), gets(1000, 0, member=TWO)])
    figures.take([MemberReport(uuid=ONE, address="1", problem="no response in 3 s")])
    assert [row["uuid"] for row in figures.members()] == [str(ONE)]
    assert figures.problems() == {"1": "no response in 3 s"}


def test_clients_are_described_by_members_and_report_numbers_themselves() -> None:
    labels = {"client": str(TWO), "clientname": "shop", "timestamp": "1"}
    readings = [
        Reading("runtime", "usedMemory", labels, 1024),
        *(Reading("nearcache", each, {**labels, "name": "m"}, 3) for each in ("hits", "misses")),
        Reading("runtime", "usedMemory", {"client": str(OWN)}, 5),
    ]
    described = [
        {"uuid": str(TWO), "name": "shop", "clientType": "PYH", "labels": ["eu"]},
        {"uuid": str(OWN)},
    ]
    figures = Figures(OWN)
    figures.take(
        [
            MemberReport(
                uuid=ONE,
                address="1",
                state={"clusterName": "c", "memberState": {"clients": described}},
                collected_at=1,
                readings=readings,
            )
        ]
    )
    (client,) = figures.clients()
    assert (client["name"], client["labels"], client["memory"]) == ("shop", ["eu"], 1024)
    (cache,) = figures.near_caches()
    assert (cache["client"], cache["map"], cache["hit_percent"]) == ("shop", "m", 50.0)
    assert figures.members()[0]["clients"] == 1
    assert figures.cluster_name() == "c"


def test_the_tables_fit_the_terminal() -> None:
    figures = Figures(OWN)
    names = [f"map.{number}" for number in range(20)]
    for at in (1000, 6000):
        figures.take(
            [report(ONE, at, *(("map", name, "getCount", at * number) for number, name in enumerate(names)))]
        )
    for height, wanted in ((100, 8), (18, 5), (3, 1)):
        console = Console(width=100, height=height, file=io.StringIO())
        lines = console.render_lines(fitting_view(console, figures, 8))
        shown = "\n".join("".join(segment.text for segment in line) for line in lines)
        assert shown.count("map.") == wanted
        assert "map.19" in shown, "the busiest"
        assert len(lines) < height or wanted == 1
