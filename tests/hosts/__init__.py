"""Clients in the hosts that run them: processes, frameworks, signals and exits."""
