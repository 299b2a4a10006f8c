"""URLs of engines as options of a client."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import exc
from sqlalchemy.engine import URL

from hzclient.config import IntType

_DEFAULT_HOST: Final = "localhost"
_DEFAULT_PORT: Final = 5701
_TEXTS: Final = (
    *("cluster_name", "client_name", "cloud_discovery_token", "token"),
    *("ssl_cafile", "ssl_certfile", "ssl_keyfile", "ssl_password", "ssl_ciphers"),
)
_FLAGS: Final = ("smart_routing", "ssl_enabled", "ssl_check_hostname", "use_public_ip")
_NUMBERS: Final = ("connection_timeout", "cluster_connect_timeout", "invocation_timeout", "heartbeat_timeout")


def client_options(url: URL) -> dict[str, Any]:
    """Return the options of the client that a URL describes.

    Args:
        url: `hazelcast://user:password@host:port/?cluster_name=dev&host=other:5702&...`.

    Returns:
        Options of a client, by name.

    Raises:
        ArgumentError: If the URL names a database, an unknown option, or an invalid value.
    """
    if url.database:
        raise exc.ArgumentError(
            f"a hazelcast URL has no database: write ?cluster_name={url.database} for the name of the cluster"
        )
    # The members decide which values a column takes, so an int is sent in the smallest type that holds it.
    options: dict[str, Any] = {"default_int_type": IntType.VAR}
    if url.username is not None:
        options["creds_username"] = url.username
        options["creds_password"] = url.password or ""
    first = [_address(url.host, url.port)] if url.host or "host" not in url.query else []
    options["cluster_members"] = first + [_with_port(host) for host in _all(url.query.get("host", ()))]
    for name, value in url.query.items():
        if name != "host":
            options[name] = _converted(name, value)
    return options


def _all(value: str | tuple[str, ...]) -> list[str]:
    values = (value,) if isinstance(value, str) else value
    return [part.strip() for text in values for part in text.split(",")]


def _address(host: str | None, port: int | None) -> str:
    name = host or _DEFAULT_HOST
    return f"{f'[{name}]' if ':' in name else name}:{port or _DEFAULT_PORT}"


def _with_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        return f"{host}:{_DEFAULT_PORT}"
    if not port.isdecimal():
        raise exc.ArgumentError(f"host must be a name and a port, as in host=member2:5701, not {host!r}")
    return f"{name}:{port}"


def _converted(name: str, value: str | tuple[str, ...]) -> Any:
    known = (*_TEXTS, *_FLAGS, *_NUMBERS)
    if name not in known:
        raise exc.ArgumentError(
            f"{name!r} is no option of a hazelcast URL; those are host, {', '.join(known)}. "
            "All options of a client can be passed as connect_args"
        )
    if not isinstance(value, str):
        raise exc.ArgumentError(f"{name} appears more than once in the URL")
    if name in _FLAGS:
        if value.lower() not in ("true", "false"):
            raise exc.ArgumentError(f"{name} must be true or false, not {value!r}")
        return value.lower() == "true"
    if name in _NUMBERS:
        try:
            return float(value)
        except ValueError:
            raise exc.ArgumentError(f"{name} must be a number of seconds, not {value!r}") from None
    return value
