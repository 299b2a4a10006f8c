"""What the structures of the CP subsystem share: how they call, and their faces."""

from hzclient.proxy.cp._base import BaseCPProxy, SessionAwareCPProxy

__all__ = ("BaseCPProxy", "SessionAwareCPProxy")
