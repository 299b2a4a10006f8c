"""Token authentication."""

from __future__ import annotations

from hzclient.core import Address as Address

__all__ = (
    "BasicTokenProvider",
    "TokenProvider",
)


class TokenProvider:
    """Provides the token that the client authenticates with.

    Derive from it to make a token for each connection, and set an instance as `Config.token_provider`.
    """

    def token(self, address: Address | None = None) -> bytes:
        """Make a token.

        Args:
            address: Address of the member that the token is for.

        Returns:
            The token, in the form that the member expects.
        """
        raise NotImplementedError


class BasicTokenProvider(TokenProvider):
    """Provides the same token for every member.

    Args:
        token: The token. A str is sent as UTF-8.

    Raises:
        TypeError: The token is neither str nor bytes.
    """

    def __init__(self, token: str | bytes = "") -> None:
        self._token = _encode(token)

    def token(self, address: Address | None = None) -> bytes:
        """Return the token.

        Args:
            address: Address of the member that the token is for.

        Returns:
            The token as bytes.
        """
        return self._token


def _encode(token: object) -> bytes:
    if isinstance(token, str):
        return token.encode()
    if isinstance(token, bytes):
        return token
    raise TypeError(f"a token must be str or bytes, not {type(token).__name__}")
