"""How TLS options become contexts."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from hzclient._net.tls import TLSSettings
from hzclient.config import Config
from hzclient.errors import HazelcastCertificationError, InvalidConfigurationError

OLD = {"ssl_ciphers": "DEFAULT@SECLEVEL=0"}
"""Without it, OpenSSL refuses the versions before 1.2."""

V1_2, V1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def settings(**options: Any) -> TLSSettings:
    made = TLSSettings.of(Config.from_dict({"ssl_enabled": True, **options}))
    assert made is not None
    return made


def test_none_unless_enabled() -> None:
    assert TLSSettings.of(Config.from_dict({"ssl_cafile": "ca.pem"})) is None


@pytest.mark.parametrize(
    ("options", "oldest", "newest"),
    [
        ({}, V1_2, V1_2),
        ({"ssl_protocol": "TLSv1_3"}, V1_3, V1_3),
        ({"ssl_min_protocol": "TLSv1_2"}, V1_2, V1_3),
        ({"ssl_max_protocol": "TLSv1_3"}, V1_2, V1_3),
        (OLD | {"ssl_max_protocol": "TLSv1_1"}, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1),
        ({"ssl_min_protocol": "TLSv1_3", "ssl_protocol": "TLSv1"}, V1_3, V1_3),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_versions(options: dict[str, Any], oldest: ssl.TLSVersion, newest: ssl.TLSVersion) -> None:
    made = settings(**options)
    assert (made.oldest, made.newest) == (oldest, newest)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"ssl_protocol": "SSLv2"}, "broken"),
        ({"ssl_min_protocol": "SSLv3"}, "broken"),
        ({"ssl_min_protocol": "TLSv1_3", "ssl_max_protocol": "TLSv1_2"}, "newer than"),
        ({"ssl_keyfile": "key.pem"}, "needs ssl_certfile"),
        ({"ssl_protocol": "TLSv1_1"}, r"refuses .* \(TLSv1_1; .*use ssl_protocol='TLSv1_2' or 'TLSv1_3'"),
        ({"ssl_max_protocol": "TLSv1_1", "ssl_min_protocol": "TLSv1"}, r"\(TLSv1 to TLSv1_1; "),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_options_that_make_no_sense(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidConfigurationError, match=reason):
        settings(**options)


@pytest.mark.parametrize("check", [True, False])
def test_certificates_are_always_verified(check: bool) -> None:
    context = settings(ssl_check_hostname=check).make_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname is check


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and encrypted key in one file."""
    leaf = trustme.CA().issue_cert("client@example.org")
    key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"sesame"),
    )
    path = tmp_path_factory.mktemp("tls") / "client.pem"
    path.write_bytes(secret + leaf.cert_chain_pems[0].bytes())
    return path


@pytest.mark.parametrize("password", ["sesame", b"sesame", lambda: "sesame", lambda: b"sesame"])
def test_passwords_of_keys(encrypted: Path, password: Any) -> None:
    settings(ssl_certfile=str(encrypted), ssl_password=password).make_context()


@pytest.mark.parametrize("password", ["wrong", None])
def test_wrong_passwords(encrypted: Path, password: Any) -> None:
    with pytest.raises(HazelcastCertificationError, match="ssl_certfile .* cannot be used") as caught:
        settings(ssl_certfile=str(encrypted), ssl_password=password)
    assert "wrong" not in str(caught.value)
    assert ("ssl_password is not set" in str(caught.value)) is (password is None)


@pytest.mark.parametrize(
    "options", [{"ssl_ciphers": "NO-SUCH-CIPHER"}, {"ssl_cafile": "/no/such"}, {"ssl_certfile": "/no/such"}]
)
def test_what_cannot_be_used_is_refused_before_anything_is_dialled(options: dict[str, Any]) -> None:
    ((name, value),) = options.items()
    with pytest.raises(HazelcastCertificationError, match=f"{name} '{value}' cannot be used"):
        settings(**options)


def test_the_password_does_not_show() -> None:
    assert "sesame" not in repr(settings(ssl_password="sesame"))
