"""Token authentication."""

from __future__ import annotations

from hzclient.core import Address as Address

__all__ = (
    "BasicTokenProvider",
    "TokenProvider",
)


class TokenProvider:
    """Gives the token that the client authenticates with.

    Derive from it to make a token for each connection; set it as `Config.token_provider`.
    """

    def token(self, address: Address | None = None) -> bytes:
        """Make a token.

        Args:
            address: The member that the token is for.

        Returns:
            The token as the member expects it.
        """
        raise NotImplementedError


class BasicTokenProvider(TokenProvider):
    """Gives the same token to every member.

    Args:
        token: The token; a text is sent as UTF-8.

    Raises:
        TypeError: The token is neither str nor bytes.
    """

    def __init__(self, token: str | bytes = "") -> None:
        self._token = _encode(token)

    def token(self, address: Address | None = None) -> bytes:
        return self._token


def _encode(token: object) -> bytes:
    if isinstance(token, str):
        return token.encode()
    if isinstance(token, bytes):
        return token
    raise TypeError(f"a token must be str or bytes, not {type(token).__name__}")
