"""Names of CP structures and groups."""

from __future__ import annotations

import pytest

from hzclient.proxy.cp._names import object_name, proxy_name


@pytest.mark.parametrize(
    ("given", "proxy", "inner"),
    [
        ("a", "a", "a"),
        (" a ", "a", "a"),
        ("a@default", "a", "a"),
        ("a @ DEFAULT ", "a", "a"),
        ("a@g", "a@g", "a"),
        (" a @ g ", "a @ g", "a"),
    ],
)
def test_names(given: str, proxy: str, inner: str) -> None:
    assert proxy_name(given) == proxy
    assert object_name(proxy) == inner


@pytest.mark.parametrize("name", ["", " ", "@g", " @g", "a@", "a@ ", "a@b@c", "a@metadata", "a@ METADATA"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(AssertionError):
        proxy_name(name)
