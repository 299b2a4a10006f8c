from __future__ import annotations

import pytest

from hzclient.core import Address
from hzclient.security import BasicTokenProvider, TokenProvider


@pytest.mark.parametrize(
    ("given", "sent"), [("tökén", "tökén".encode()), (b"\x00\xff", b"\x00\xff"), ("", b"")]
)
def test_basic_token(given, sent):
    provider = BasicTokenProvider(given)
    assert provider.token() == sent
    assert provider.token(Address("localhost", 5701)) == sent


def test_basic_token_is_empty_by_default():
    assert BasicTokenProvider().token() == b""


@pytest.mark.parametrize("given", [None, 1, bytearray(b"x"), ["x"]])
def test_other_tokens_are_refused(given):
    with pytest.raises(TypeError, match=type(given).__name__):
        BasicTokenProvider(given)


def test_the_base_class_has_no_token():
    with pytest.raises(NotImplementedError):
        TokenProvider().token()


def test_the_token_does_not_show():
    assert "secret" not in repr(BasicTokenProvider("secret"))
