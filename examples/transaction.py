"""Move money between accounts: both change, or none.

python examples/transaction.py [HOST:PORT ...]
"""

import asyncio
import sys

import hzclient.asyncio
from hzclient.asyncio import HazelcastClient


async def transfer(client: HazelcastClient, sender: str, receiver: str, amount: int) -> None:
    """Move an amount, and note it.

    Args:
        client: The client.
        sender: Account to take from.
        receiver: Account to give to.
        amount: The amount.

    Raises:
        ValueError: The sender does not have that much.
    """
    async with client.new_transaction(timeout=30) as transaction:
        balances = transaction.get_map("balances")
        # The same order in all programs, so that no two transactions wait for each other.
        before = {name: await balances.get_for_update(name) or 0 for name in sorted([sender, receiver])}
        if before[sender] < amount:
            raise ValueError(f"{sender} has only {before[sender]}")
        await balances.set(sender, before[sender] - amount)
        await balances.set(receiver, before[receiver] + amount)
        await transaction.get_list("transfers").add(f"{sender} to {receiver}: {amount}")


async def main() -> None:
    """Transfer twice; the second time there is not enough."""
    async with hzclient.asyncio.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        balances, transfers = await client.get_map("balances"), await client.get_list("transfers")
        await transfers.clear()
        await balances.put_all({"ann": 10, "bob": 0})
        await transfer(client, "ann", "bob", 7)
        try:
            await transfer(client, "ann", "bob", 7)
        except ValueError as error:
            print("refused:", error)
        print(sorted(await balances.entry_set()), await transfers.get_all())


if __name__ == "__main__":
    asyncio.run(main())
