"""A member of a cluster that tests script: the wire, and nothing behind it."""
