"""Fuzzing of everything that reads bytes from a member: see `docs/reliability.md`."""
