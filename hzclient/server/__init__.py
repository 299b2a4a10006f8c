"""Real Hazelcast members on this machine, for development and tests.

`LocalCluster` runs the official jars, one process per member. ``python -m hzclient server`` does the same
from a shell.
"""

from hzclient.server._cluster import DEFAULT_VERSION, LocalCluster
from hzclient.server._command import DEFAULT_JVM_OPTIONS
from hzclient.server._compile import compile_java
from hzclient.server._errors import ServerError
from hzclient.server._member import Member

__all__ = ["DEFAULT_JVM_OPTIONS", "DEFAULT_VERSION", "LocalCluster", "Member", "ServerError", "compile_java"]
