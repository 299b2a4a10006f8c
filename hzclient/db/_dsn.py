"""Arguments of `connect` as options of a client."""

from __future__ import annotations

from typing import Any, Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from hzclient.config import Config
from hzclient.db._errors import InterfaceError, translated_configuration

_DEFAULT_HOST: Final = "localhost"
_DEFAULT_PORT: Final = 5701

_KEYS: Final = {
    "cluster.name": "cluster_name",
    "cloud.token": "cloud_discovery_token",
    "smart": "smart_routing",
    "ssl": "ssl_enabled",
    "ssl.ca.path": "ssl_cafile",
    "ssl.cert.path": "ssl_certfile",
    "ssl.key.path": "ssl_keyfile",
    "ssl.key.password": "ssl_password",
}
_FLAGS: Final = ("smart", "ssl")


def make_config(
    config: Config | None,
    dsn: str,
    user: str | None,
    password: str | None,
    host: str | None,
    port: int | None,
    cluster_name: str | None,
) -> Config:
    """Build the configuration of the client that a connection owns.

    Args:
        config: A configuration, which excludes all other arguments.
        dsn: Data source name, which excludes all other arguments.
        user: Name of the user.
        password: Password of the user.
        host: Host of a member.
        port: Port of the member.
        cluster_name: Name of the cluster.

    Returns:
        The configuration.

    Raises:
        InterfaceError: If arguments exclude each other, or if one is invalid.
    """
    keywords: dict[str, Any] = {
        "user": user,
        "password": password,
        "host": host,
        "port": port,
        "cluster_name": cluster_name,
    }
    given = [name for name, value in keywords.items() if value is not None]
    if config is not None:
        if dsn or given:
            raise InterfaceError(f"a config excludes {', '.join((['dsn'] if dsn else []) + given)}")
        if not isinstance(cast(object, config), Config):
            raise InterfaceError(f"config must be a hzclient.config.Config, not a {type(config).__name__}")
        return config
    if dsn:
        if given:
            raise InterfaceError(f"a dsn excludes {', '.join(given)}: put it into the dsn")
        return _config(options_of(dsn))
    for name, value in keywords.items():
        expected = int if name == "port" else str
        if value is not None and not isinstance(value, expected):
            raise InterfaceError(f"{name} must be of type {expected.__name__}, not {type(value).__name__}")
    if host is not None and host.count(":") > 1 and not host.startswith("["):
        host = f"[{host}]"  # an IPv6 address
    options: dict[str, Any] = {
        "creds_username": user,
        "creds_password": password,
        "cluster_name": cluster_name,
        "cluster_members": [_address(f"{host or _DEFAULT_HOST}:{_DEFAULT_PORT if port is None else port}")],
    }
    return _config({option: value for option, value in options.items() if value is not None})


def _config(options: dict[str, Any]) -> Config:
    with translated_configuration():
        return Config.from_dict(options)


def options_of(dsn: str) -> dict[str, Any]:
    """Return the options in a data source name.

    Args:
        dsn: `hz://user:password@host:port,host:port?key=value&...`.

    Returns:
        Options of a client, by name.

    Raises:
        InterfaceError: If it is no data source name, or if it has an unknown key or an invalid value.
    """
    # Errors do not show text that may be part of a password.
    if not isinstance(cast(object, dsn), str):
        raise InterfaceError(f"a dsn must be a str, not a {type(dsn).__name__}")
    if not dsn.startswith("hz://"):
        raise InterfaceError("a dsn must begin with hz://")
    try:
        parts = urlsplit(dsn)
    except ValueError:
        raise InterfaceError("the dsn is not a valid URL; write an IPv6 address in [ ]") from None
    if parts.path not in ("", "/") or parts.fragment or ("@" in dsn and "@" not in parts.netloc):
        raise InterfaceError(
            "a dsn has no path and no fragment; percent-encode / ? # @ in user names and passwords"
        )
    credentials, _, hosts = parts.netloc.rpartition("@")
    options = _query_options(parts.query)
    if credentials:
        user, _, password = credentials.partition(":")
        options["creds_username"] = unquote(user)
        options["creds_password"] = unquote(password)
    if hosts or "cloud_discovery_token" not in options:
        options["cluster_members"] = [_address(host) for host in hosts.split(",")]
    return options


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):  # "[::1]" is all host
        host, port = text, str(_DEFAULT_PORT)
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise InterfaceError(f"{port!r} is no port between 1 and 65535, in the address {text!r}")
    return f"{host or _DEFAULT_HOST}:{port}"


def _query_options(query: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in _KEYS:
            raise InterfaceError(f"{key!r} is no key of a dsn; the keys are {', '.join(_KEYS)}")
        if key in _FLAGS and value.lower() not in ("true", "false"):
            raise InterfaceError(f"{key} must be true or false, not {value!r}")
        options[_KEYS[key]] = value.lower() == "true" if key in _FLAGS else value
    return options
