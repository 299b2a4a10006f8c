"""A small service on one event loop that counts page visits, reported over TCP, one line per visit.

    python examples/asyncio_service.py [HOST:PORT ...]

The example also runs a client of this service, which reports a few visits and then stops it.
"""

import asyncio
import sys

import hzclient.asyncio
from hzclient.proxy.map import AsyncMap

VISITS = ["/home", "/about", "/home", "/news", "/home"]


class VisitCounter:
    """Counts visits in a distributed map, which all instances of the service share.

    Args:
        visits: Map from page to number of visits.
    """

    def __init__(self, visits: AsyncMap[str, int]) -> None:
        self._visits = visits

    async def count(self, page: str) -> int:
        """Add one visit under the lock of the page's entry, and return the number of visits.

        A lock belongs to the task that makes the call: here, the task of the connection.

        Args:
            page: Name of the page.

        Returns:
            Number of visits of the page.
        """
        await self._visits.lock(page, lease_time=10)
        try:
            number = (await self._visits.get(page) or 0) + 1
            await self._visits.set(page, number)
        finally:
            await self._visits.unlock(page)
        return number

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Respond to each line, the name of a page, with a line with its number of visits."""
        while line := await reader.readline():
            number = await self.count(line.decode().strip())
            writer.write(f"{number}\n".encode())
            await writer.drain()
        writer.close()
        await writer.wait_closed()


async def visit(port: int, page: str) -> int:
    """Report one visit and return the response of the service."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{page}\n".encode())
    answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return int(answer)


async def main() -> None:
    """Run the service and its client."""
    members = sys.argv[1:] or ["127.0.0.1:5701"]
    async with await hzclient.asyncio.HazelcastClient.create_and_start(cluster_members=members) as client:
        visits = await client.get_map("visits")
        await visits.clear()
        server = await asyncio.start_server(VisitCounter(visits).serve, "127.0.0.1", 0)
        async with server:
            port: int = server.sockets[0].getsockname()[1]
            async with asyncio.timeout(30):
                await asyncio.gather(*(visit(port, page) for page in VISITS))
        for page, number in sorted(await visits.entry_set()):
            print(f"{page}: {number}")


if __name__ == "__main__":
    asyncio.run(main())
