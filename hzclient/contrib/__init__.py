"""Integrations with frameworks and libraries of the Python world, each an extra of the distribution.

All integrations of a process share one client per set of options. It connects in the background, so a site
starts and answers while the cluster is away, and it comes back without a restart.
"""
