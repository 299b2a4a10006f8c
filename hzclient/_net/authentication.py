"""Authentication: who the client says it is, and what the member's reply means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from hzclient._codec import client as codec
from hzclient._protocol.message import Request
from hzclient.core import CLIENT_TYPE, SERIALIZATION_VERSION, Address
from hzclient.errors import AuthenticationError, ClientNotAllowedInClusterError, IllegalStateError
from hzclient.security import TokenProvider

_SINGLE_MEMBER = 0
_ALL_MEMBERS = 1
"""Routing modes, as the protocol numbers them."""

Reply = codec.AuthenticationResponse | codec.AuthenticationCustomResponse


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the client proves its identity with. The secrets are left out of its repr.

    Attributes:
        username: User name, if any.
        password: Password, if any.
        token_provider: Gives a token for each connection; goes before the other two.
    """

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token_provider: TokenProvider | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientIdentity:
    """What the client tells of itself.

    Attributes:
        cluster_name: The cluster that it wants to be a client of.
        client_uuid: The same for the whole life of the client.
        client_name: As shown in the management tools.
        labels: Of the operator's choice.
        version: Version of this package.
        smart: Whether it connects to all members.
        to_cp_leaders: Whether it will ask for the leaders of CP groups.
        credentials: What it proves its identity with.
    """

    cluster_name: str
    client_uuid: UUID
    client_name: str
    labels: Sequence[str]
    version: str
    smart: bool
    to_cp_leaders: bool
    credentials: Credentials


def authentication_request(identity: ClientIdentity, token: bytes | None) -> Request[Reply]:
    """The request that must be the first on a connection.

    Args:
        identity: What the client tells of itself.
        token: What the token provider gave, where there is one.
    """
    common = (
        identity.client_uuid,
        CLIENT_TYPE,
        SERIALIZATION_VERSION,
        identity.version,
        identity.client_name,
        list(identity.labels),
        _ALL_MEMBERS if identity.smart else _SINGLE_MEMBER,
        identity.to_cp_leaders,
    )
    if token is not None:
        return codec.AUTHENTICATION_CUSTOM.encode(identity.cluster_name, token, *common)
    credentials = identity.credentials
    return codec.AUTHENTICATION.encode(
        identity.cluster_name, credentials.username, credentials.password, *common
    )


def check_authenticated(reply: Reply, address: Address, cluster_name: str) -> None:
    """Raises unless the member accepted the client.

    Raises:
        AuthenticationError: Wrong credentials or cluster name, or a status that is not known here.
        IllegalStateError: The member serializes in another version.
        ClientNotAllowedInClusterError: The member does not take clients like this one.
    """
    match reply.status:
        case 0:
            return
        case 1:
            raise AuthenticationError(
                f"member {address.to_string()} refused the credentials, "
                f"or is not of a cluster named {cluster_name!r}"
            )
        case 2:
            raise IllegalStateError(
                f"member {address.to_string()} has serialization version {reply.serialization_version}, "
                f"this client has {SERIALIZATION_VERSION}"
            )
        case 3:
            raise ClientNotAllowedInClusterError(
                f"member {address.to_string()} does not allow this client in its cluster"
            )
        case status:
            raise AuthenticationError(
                f"member {address.to_string()} answered with the unknown status {status}"
            )
