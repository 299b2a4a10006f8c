"""The faces of `benchmarks.faces`, under the name that tests use."""

from __future__ import annotations

from benchmarks.faces import (
    FACES,
    Face,
    Seen,
    end_client,
    eventually,
    make_client,
    unique_name,
)

__all__ = ("FACES", "Face", "Seen", "end_client", "eventually", "make_client", "unique_name")
