"""All faults of the matrix, in the order of its table."""

from __future__ import annotations

from tests.faults import members, network

FAULTS = {**network.FAULTS, **members.FAULTS}
"""Those of members come last, because some cost the CP subsystem a member."""
