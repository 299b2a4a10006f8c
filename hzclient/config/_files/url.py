"""A URL as a configuration: `hazelcast://user:password@host:5701,host2/cluster?option=value`."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from hzclient.config._files.tree import Node, tree_of
from hzclient.errors import InvalidConfigurationError

__all__ = ("SCHEME", "url_tree")

SCHEME: Final = "hazelcast://"


def url_tree(url: str, lists: frozenset[str]) -> Node:
    """Return a URL as a tree with the section `hzclient`.

    Args:
        url: User name and password are optional; so are ports, the name of the cluster, and the options.
        lists: Options that take a list. Their items are separated by commas.

    Returns:
        The tree.

    Raises:
        InvalidConfigurationError: It is no such URL, or an option appears twice.
    """
    # Errors do not show the URL, which may contain a password.
    try:
        parts = urlsplit(url)
    except ValueError:
        raise InvalidConfigurationError("the URL is invalid; write an IPv6 address in [ ]") from None
    if not url.startswith(SCHEME) or parts.fragment or ("@" in url and "@" not in parts.netloc):
        raise InvalidConfigurationError(
            "a URL must be hazelcast://user:password@host:port,host:port/cluster?option=value; "
            "percent-encode / ? # @ in user names and passwords"
        )
    credentials, _, hosts = parts.netloc.rpartition("@")
    options: dict[str, Any] = {}
    if hosts:
        options["cluster_members"] = [host for host in hosts.split(",") if host]
    if parts.path.strip("/"):
        options["cluster_name"] = unquote(parts.path.strip("/"))
    if credentials:
        user, colon, password = credentials.partition(":")
        options["creds_username"] = unquote(user)
        if colon:
            options["creds_password"] = unquote(password)
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name in options:
            raise InvalidConfigurationError(f"the URL gives {name} twice")
        options[name] = value.split(",") if name in lists else value
    return tree_of({"hzclient": options}, "URL")
