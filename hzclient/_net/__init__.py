"""Asyncio transports: connections to members, how they are found and opened, and kept alive."""
