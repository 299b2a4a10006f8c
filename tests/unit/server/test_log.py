"""Facts that are read from the log of a member."""

from pathlib import Path

import pytest

from hzclient.server._log import MemberList, MemberLog

FIRST = "6cbb3cb6-5c3c-4fd8-8bc5-3d0a9f0b1a01"
SECOND = "d0a5f3a2-1111-4fd8-8bc5-3d0a9f0b1a02"


@pytest.fixture
def log(tmp_path: Path) -> MemberLog:
    return MemberLog(tmp_path / "member.log")


def write(log: MemberLog, text: str) -> None:
    with log.path.open("a", encoding="utf-8") as file:
        file.write(text)


def member_list(version: int, *members: str) -> str:
    lines = "".join(f"\tMember {member}\n" for member in members)
    return f"INFO: [127.0.0.1]:1 [dev] \n\nMembers {{size:{len(members)}, ver:{version}}} [\n{lines}]\n\n"


def test_a_log_that_does_not_exist_yet_is_empty(log: MemberLog) -> None:
    assert log.text() == ""
    assert log.member_list() is None
    assert not log.has_started()


def test_the_newest_complete_member_list_counts(log: MemberLog) -> None:
    write(log, member_list(1, f"[127.0.0.1]:5701 - {FIRST} this"))
    write(log, member_list(2, f"[127.0.0.1]:5702 - {FIRST} this", f"[::1]:5701 - {SECOND} [lite]"))
    write(log, f"Members {{size:3, ver:3}} [\n\tMember [127.0.0.1]:5701 - {FIRST}")
    assert log.member_list() == MemberList(2, frozenset({(5702, FIRST), (5701, SECOND)}))
    view = log.member_list()
    assert view is not None
    assert view.ports == [5701, 5702]


def test_only_what_came_after_the_last_start_counts(log: MemberLog) -> None:
    write(log, "INFO: [127.0.0.1]:5701 [dev] [5.7.0] [127.0.0.1]:5701 is STARTED\n")
    write(log, member_list(1, f"[127.0.0.1]:5701 - {FIRST} this"))
    assert log.has_started()
    log.mark_start()
    assert not log.has_started()
    assert log.member_list() is None
    assert log.tail() == ""


def test_starting_is_not_started(log: MemberLog) -> None:
    write(log, "INFO: [::1]:5701 [dev] [5.7.0] [::1]:5701 is STARTING\n")
    assert not log.has_started()
    write(log, "INFO: [::1]:5701 [dev] [5.7.0] [::1]:5701 is STARTED\n")
    assert log.has_started()


def test_the_cp_subsystem_shows_in_the_log(log: MemberLog) -> None:
    assert log.cp_member_count() == 0
    write(log, "INFO: CP Subsystem is enabled with 3 members.\n")
    assert log.cp_member_count() == 3
    assert not log.has_initialized_cp()
    write(log, "INFO: CP Subsystem is initialized with: [CPMember{}]\n")
    assert log.has_initialized_cp()


def test_the_tail_holds_the_last_lines(log: MemberLog) -> None:
    write(log, "".join(f"line {number}\n" for number in range(1000)))
    assert log.tail().splitlines() == [f"line {number}" for number in range(960, 1000)]
