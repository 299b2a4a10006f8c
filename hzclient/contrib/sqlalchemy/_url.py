"""URLs of engines as options of a client."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exc
from sqlalchemy.engine import URL

from hzclient.config import IntType
from hzclient.contrib._shared.urls import DEFAULT_PORT, OPTIONS, member_address, option_of_text


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
    try:
        options["cluster_members"] = _members(url)
        options |= {name: _option(name, value) for name, value in url.query.items() if name != "host"}
    except ValueError as error:
        raise exc.ArgumentError(str(error)) from None
    return options


def _members(url: URL) -> list[str]:
    given = url.query.get("host", ())
    texts = (given,) if isinstance(given, str) else given
    members = [member_address(part) for text in texts for part in text.split(",")]
    if url.host or not members:
        host = url.host or "localhost"
        members.insert(0, f"{f'[{host}]' if ':' in host else host}:{url.port or DEFAULT_PORT}")
    return members


def _option(name: str, value: str | tuple[str, ...]) -> Any:
    if name not in OPTIONS:
        raise ValueError(
            f"{name!r} is no option of a hazelcast URL; those are host, {', '.join(OPTIONS)}. "
            "All options of a client can be passed as connect_args"
        )
    if not isinstance(value, str):
        raise ValueError(f"{name} appears more than once in the URL")
    return option_of_text(name, value)
