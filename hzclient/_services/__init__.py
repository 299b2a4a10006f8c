"""Decisions and state: who is in the cluster, where a call goes, and what happens when it fails.

Nothing here opens a socket or reads a clock of its own; what it needs of the network and of time
it is given, as the protocols of `ports`.
"""
