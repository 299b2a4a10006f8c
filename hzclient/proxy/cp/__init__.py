"""Structures of the CP subsystem."""

from hzclient.proxy.cp._base import BaseCPProxy, SessionAwareCPProxy

__all__ = ("BaseCPProxy", "SessionAwareCPProxy")
