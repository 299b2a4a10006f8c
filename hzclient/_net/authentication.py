"""Authentication: the request that identifies the client, and the meaning of the response."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from hzclient._codec import client as codec
from hzclient._protocol.message import Request
from hzclient.core import CLIENT_TYPE, SERIALIZATION_VERSION, Address
from hzclient.errors import AuthenticationError, ClientNotAllowedInClusterError, IllegalStateError
from hzclient.security import TokenProvider

_SINGLE_MEMBER = 0
_ALL_MEMBERS = 1
_ONE_GROUP = 2
"""Routing modes, numbered as in the protocol."""

Reply = codec.AuthenticationResponse | codec.AuthenticationCustomResponse


@dataclass(frozen=True, slots=True)
class Credentials:
    """Proof of the client's identity. The repr leaves out the secrets.

    Attributes:
        username: User name, if any.
        password: Password, if any.
        token_provider: Returns a token for each connection. Takes precedence over the other two.
    """

    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token_provider: TokenProvider | None = field(default=None, repr=False)


class ClientIdentity(NamedTuple):
    """Identity that the client sends to members.

    Attributes:
        cluster_name: Name of the cluster to connect to.
        client_uuid: UUID of the client, the same for its whole life.
        client_name: Name shown in the management tools.
        labels: Labels shown in the management tools.
        version: Version of this package.
        smart: True if the client connects to all members, or to those of one group.
        one_group: True if it connects to one partition group only.
        to_cp_leaders: True if the client will ask for the leaders of CP groups.
        credentials: Proof of the identity.
    """

    cluster_name: str
    client_uuid: UUID
    client_name: str
    labels: Sequence[str]
    version: str
    smart: bool
    one_group: bool
    to_cp_leaders: bool
    credentials: Credentials


def authentication_request(identity: ClientIdentity, token: bytes | None) -> Request[Reply]:
    """Return the request that must be the first one on a connection.

    Args:
        identity: Identity of the client.
        token: Token of the token provider, or None if there is no provider.

    Returns:
        The request.
    """
    common = (
        identity.client_uuid,
        CLIENT_TYPE,
        SERIALIZATION_VERSION,
        identity.version,
        identity.client_name,
        list(identity.labels),
        _routing_mode(identity),
        identity.to_cp_leaders,
    )
    if token is not None:
        return codec.AUTHENTICATION_CUSTOM.encode(identity.cluster_name, token, *common)
    credentials = identity.credentials
    return codec.AUTHENTICATION.encode(
        identity.cluster_name, credentials.username, credentials.password, *common
    )


def _routing_mode(identity: ClientIdentity) -> int:
    if not identity.smart:
        return _SINGLE_MEMBER
    return _ONE_GROUP if identity.one_group else _ALL_MEMBERS


def check_authenticated(reply: Reply, address: Address, cluster_name: str) -> None:
    """Raise an error unless the member accepted the client.

    Args:
        reply: Response of the member.
        address: Where the member was dialled.
        cluster_name: Name of the cluster to connect to.

    Raises:
        AuthenticationError: Wrong credentials or cluster name, or an unknown status.
        IllegalStateError: The member has another serialization version.
        ClientNotAllowedInClusterError: The member does not accept clients like this one.
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
                f"member {address.to_string()} responded with the unknown status {status}"
            )
