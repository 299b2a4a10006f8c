"""Elect a leader with a lock of the CP subsystem.

python examples/leader_election.py HOST:PORT ...     # members that have the CP subsystem
"""

import asyncio
import sys

import hzclient.asyncio


async def candidate(name: str, members: list[str], resigned: asyncio.Event) -> None:
    """Wait to become the leader, lead, and resign.

    Args:
        name: Name to print.
        members: Addresses of members.
        resigned: Set when this candidate has led once.
    """
    async with hzclient.asyncio.HazelcastClient(cluster_members=members, client_name=name) as client:
        lock = await client.cp_subsystem.get_lock("leader")
        async with lock as fence:
            # Whatever the leader changes should check that no larger fence was there before.
            print(f"{name} leads, its fence is valid: {fence > 0}")
        resigned.set()


async def main() -> None:
    """Let three candidates lead one after the other."""
    resigned = [asyncio.Event() for _ in range(3)]
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        for number, event in enumerate(resigned, 1):
            group.create_task(candidate(f"candidate {number}", sys.argv[1:], event))
    print("all have led:", all(event.is_set() for event in resigned))


if __name__ == "__main__":
    asyncio.run(main())
