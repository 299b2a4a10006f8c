"""URLs of clusters as options of a client: `hazelcast://user:password@host:port,host:port/?cluster_name=dev`.

The SQLAlchemy dialect splits its URLs by SQLAlchemy's rules, and shares the options and addresses.
"""

from __future__ import annotations

from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from hzclient.config import ClientOptions

SCHEME: Final = "hazelcast"
DEFAULT_PORT: Final = 5701

_TEXTS: Final = (
    *("cluster_name", "client_name", "cloud_discovery_token", "token"),
    *("ssl_cafile", "ssl_certfile", "ssl_keyfile", "ssl_password", "ssl_ciphers"),
)
_FLAGS: Final = ("smart_routing", "ssl_enabled", "ssl_check_hostname", "use_public_ip")
_NUMBERS: Final = ("connection_timeout", "cluster_connect_timeout", "invocation_timeout", "heartbeat_timeout")
OPTIONS: Final = (*_TEXTS, *_FLAGS, *_NUMBERS)
"""Options of the client that a URL may have."""


def options_of_url(url: str) -> ClientOptions:
    """Return the options of the client that a URL describes.

    Args:
        url: `hazelcast://`, optionally `user:password@`, addresses of members separated by commas, and
            options of the client as a query.

    Returns:
        The options.

    Raises:
        ValueError: The URL has another scheme or a path, an address without a valid port, or an unknown or
            invalid option.
    """
    parts = urlsplit(url)
    if parts.scheme != SCHEME:
        raise ValueError(f"the URL of a cluster begins with {SCHEME}://, not with {parts.scheme}://")
    if parts.path.strip("/"):
        raise ValueError(f"a {SCHEME} URL has no path: write ?cluster_name={parts.path.strip('/')}")
    user, at, hosts = parts.netloc.rpartition("@")
    options: dict[str, Any] = {"cluster_members": [member_address(host) for host in hosts.split(",")]}
    if at:
        name, _, password = user.partition(":")
        options["creds_username"], options["creds_password"] = unquote(name), unquote(password)
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name in options:
            raise ValueError(f"{name} appears more than once in the URL")
        options[name] = option_of_text(name, value)
    return cast(ClientOptions, options)


def without_password(url: str) -> str:
    """Return a URL with its password masked, to be shown."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    if not at:
        return url
    name, colon, _ = user.partition(":")
    return parts._replace(netloc=f"{name}{colon}{'**' if colon else ''}@{hosts}").geturl()


def member_address(host: str) -> str:
    """Return the address of a member with its port, which is 5701 if the text has none.

    Args:
        host: `host:port`, or a host; the local one if it is empty.

    Returns:
        `host:port`.

    Raises:
        ValueError: The port is no number.
    """
    host = host.strip() or "127.0.0.1"
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        return f"{host}:{DEFAULT_PORT}"
    if not port.isdecimal():
        raise ValueError(f"the address of a member is a name and a port, as in member2:5701, not {host!r}")
    return f"{name}:{port}"


def option_of_text(name: str, value: str) -> Any:
    """Return the value of an option of the client that is given as text.

    Args:
        name: Name of the option.
        value: The text.

    Returns:
        The value.

    Raises:
        ValueError: The option is unknown or the text is no value of it.
    """
    if name in _TEXTS:
        return value
    if name in _FLAGS:
        if value.lower() not in ("true", "false"):
            raise ValueError(f"{name} must be true or false, not {value!r}")
        return value.lower() == "true"
    if name in _NUMBERS:
        try:
            return float(value)
        except ValueError:
            raise ValueError(f"{name} must be a number of seconds, not {value!r}") from None
    raise ValueError(f"{name!r} is no option of a {SCHEME} URL; those are {', '.join(OPTIONS)}")
