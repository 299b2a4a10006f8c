"""TLS contexts from the `ssl_*` options, a new one for each connection."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from hzclient.config import Config, Password, SSLProtocol
from hzclient.errors import HazelcastCertificationError, InvalidConfigurationError

_logger = logging.getLogger("hzclient.connection")

_VERSIONS = {
    SSLProtocol.TLSv1: ssl.TLSVersion.TLSv1,
    SSLProtocol.TLSv1_1: ssl.TLSVersion.TLSv1_1,
    SSLProtocol.TLSv1_2: ssl.TLSVersion.TLSv1_2,
    SSLProtocol.TLSv1_3: ssl.TLSVersion.TLSv1_3,
}


@dataclass(frozen=True, slots=True)
class TLSSettings:
    """Settings of TLS.

    Attributes:
        oldest: Oldest TLS version to use.
        newest: Newest TLS version to use.
        check_hostname: True if a member's certificate must be for the dialled host.
        cafile: PEM file with the authorities to trust. None for those of the system.
        certfile: PEM file with the client's certificate.
        keyfile: PEM file with its key. None if the key is in `certfile`.
        password: Password of the key.
        ciphers: Ciphers in OpenSSL's format. None for OpenSSL's choice.
    """

    oldest: ssl.TLSVersion
    newest: ssl.TLSVersion
    check_hostname: bool = False
    cafile: str | None = None
    certfile: str | None = None
    keyfile: str | None = None
    password: Password | None = field(default=None, repr=False)
    ciphers: str | None = None

    @classmethod
    def of(cls, config: Config) -> Self | None:
        """Return the settings of a client, or None if it does not use TLS.

        Args:
            config: Options of the client.

        Returns:
            The settings, or None.

        Raises:
            InvalidConfigurationError: The options contradict each other.
            HazelcastCertificationError: A file or the ciphers cannot be used, as for `make_context`.
        """
        if not config.ssl_enabled:
            return None
        if config.ssl_keyfile is not None and config.ssl_certfile is None:
            raise InvalidConfigurationError("ssl_keyfile needs ssl_certfile: a key alone proves nothing")
        if not config.ssl_check_hostname:
            _logger.warning(
                "ssl_check_hostname is off: any certificate of a trusted authority is accepted for a member"
            )
        settings = cls(
            *_versions(config),
            config.ssl_check_hostname,
            config.ssl_cafile,
            config.ssl_certfile,
            config.ssl_keyfile,
            config.ssl_password,
            config.ssl_ciphers,
        )
        # What is wrong from the start would fail again at each attempt to connect.
        _check_can_start(settings.make_context(), settings)
        return settings

    def make_context(self) -> ssl.SSLContext:
        """Return a context for one connection. It reads the files again, so they may be replaced at any time.

        Returns:
            The context.

        Raises:
            HazelcastCertificationError: A file cannot be read or is invalid, or a cipher is unknown.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = self.check_hostname
        context.verify_mode = ssl.CERT_REQUIRED
        context.minimum_version, context.maximum_version = self.oldest, self.newest
        ciphers, cafile, certfile = self.ciphers, self.cafile, self.certfile
        if ciphers is not None:
            _apply(f"ssl_ciphers {ciphers!r}", lambda: context.set_ciphers(ciphers))
        if cafile is None:
            context.load_default_certs()
        else:
            _apply(f"ssl_cafile {cafile!r}", lambda: context.load_verify_locations(cafile))
        if certfile is not None:
            key = f" with ssl_keyfile {self.keyfile!r}" if self.keyfile is not None else ""
            # OpenSSL would ask at the terminal for a password that is missing.
            password = self.password if self.password is not None else _no_password
            _apply(
                f"ssl_certfile {certfile!r}{key}",
                lambda: context.load_cert_chain(certfile, self.keyfile, password),
            )
        return context


def _check_can_start(context: ssl.SSLContext, settings: TLSSettings) -> None:
    """Check that the local OpenSSL starts a handshake with the configured versions.

    Args:
        context: The context.
        settings: The settings that it was made from.

    Raises:
        InvalidConfigurationError: It refuses them.
    """
    try:
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        return
    except ssl.SSLError as error:
        versions = " to ".join(dict.fromkeys((settings.oldest.name, settings.newest.name)))
        raise InvalidConfigurationError(
            f"{ssl.OPENSSL_VERSION} refuses the configured versions of TLS ({versions}; {error.reason}): "
            "use ssl_protocol='TLSv1_2' or 'TLSv1_3'"
        ) from None


def _versions(config: Config) -> tuple[ssl.TLSVersion, ssl.TLSVersion]:
    oldest, newest = config.ssl_min_protocol, config.ssl_max_protocol
    if oldest is None and newest is None:
        oldest = newest = config.ssl_protocol
    elif newest is None:
        newest = SSLProtocol.TLSv1_3
    elif oldest is None:
        oldest = min(SSLProtocol.TLSv1_2, newest)
    assert oldest is not None
    if oldest > newest:
        raise InvalidConfigurationError("ssl_min_protocol is newer than ssl_max_protocol")
    if oldest not in _VERSIONS or newest not in _VERSIONS:
        raise InvalidConfigurationError(
            "SSLv2 and SSLv3 are broken, and OpenSSL does not speak them any more"
        )
    return _VERSIONS[oldest], _VERSIONS[newest]


def _apply(option: str, function: Callable[[], object]) -> None:
    try:
        function()
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise HazelcastCertificationError(f"{option} cannot be used: {error}", error) from error


def _no_password() -> str:
    raise ValueError("the key is encrypted, and ssl_password is not set")
