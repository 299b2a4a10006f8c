"""Asyncio transports: connections to members, and how they are found, opened and kept alive."""
