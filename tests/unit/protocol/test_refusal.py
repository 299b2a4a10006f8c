"""Errors for arguments of several fields: they name the field, or what the argument should be."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hzclient._codec import map as codec
from hzclient.errors import IllegalArgumentError


def index(**changes: Any) -> Any:
    """Return what can be encoded as an index, but for the changes."""
    fields = {"name": "i", "type": 0, "attributes": ["a"], "bitmap_index_options": None}
    return SimpleNamespace(**{**fields, "btree_index_config": None, **changes})


def test_an_index_can_be_encoded() -> None:
    assert codec.ADD_INDEX.encode("m", index()).size > 0


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (object(), TypeError, "expected a value with the fields of IndexConfig, not <object"),
        (None, TypeError, "expected a value with the fields of IndexConfig, not None"),
        (index(name=5), TypeError, "IndexConfig: name must be a str, not 5"),
        (index(type="x"), TypeError, "IndexConfig: type must be an int, not 'x'"),
        (index(type=1 << 31), IllegalArgumentError, "IndexConfig: type must be an int of 32 bits"),
    ],
)
def test_an_argument_with_fields_that_do_not_fit(value: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        codec.ADD_INDEX.encode("m", value)
    assert text in str(caught.value)
