"""Options of a map index, and their normal form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hzclient._slots import fields_text
from hzclient.config.constants import IndexType, QueryConstants, UniqueKeyTransformation
from hzclient.config.option import Option, OptionSet, Rejected, constant_of, is_dict, is_list
from hzclient.util import check_not_none, get_attr_name

__all__ = (
    "BitmapIndexOptions",
    "IndexConfig",
    "IndexUtil",
)

_MAX_ATTRIBUTES = 255


class BitmapIndexOptions(OptionSet):
    """Options of a bitmap index.

    Args:
        unique_key: Value of the option. None keeps the default.
        unique_key_transformation: Value of the option. None keeps the default.
    """

    __slots__ = ()

    unique_key: Option[str, str] = Option(QueryConstants.KEY_ATTRIBUTE_NAME, constant_of(QueryConstants))
    """Attribute whose value is unique for each entry, one of `QueryConstants`."""
    unique_key_transformation: Option[int, int | str] = Option(
        UniqueKeyTransformation.OBJECT, constant_of(UniqueKeyTransformation)
    )
    """How the values of the unique key are transformed, one of `UniqueKeyTransformation`."""

    def __init__(
        self, unique_key: str | None = None, unique_key_transformation: int | str | None = None
    ) -> None:
        super().__init__()
        if unique_key is not None:
            self.unique_key = unique_key
        if unique_key_transformation is not None:
            self.unique_key_transformation = unique_key_transformation

    def __repr__(self) -> str:
        return fields_text(self, *self.options)


def _index_name(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise Rejected(TypeError, "a str or None")


def _index_attributes(value: object) -> list[str]:
    if not is_list(value):
        raise Rejected(TypeError, "a list of str")
    for attribute in value:
        IndexUtil.validate_attribute(attribute)
    return value


def _bitmap_options(value: object) -> BitmapIndexOptions:
    if isinstance(value, BitmapIndexOptions):
        return value
    if is_dict(value):
        return BitmapIndexOptions.from_dict(value)
    raise Rejected(TypeError, "BitmapIndexOptions or a dict")


class IndexConfig(OptionSet):
    """Options of an index of a map.

    Args:
        name: Value of the option.
        type: Value of the option. None keeps the default.
        attributes: Value of the option. None keeps the default.
        bitmap_index_options: Value of the option. None keeps the default.
    """

    __slots__ = ()
    skips_none = True

    name: Option[str | None, str | None] = Option(None, _index_name)
    """Name of the index. If it is None, the name is made of map, type and attributes."""
    type: Option[int, int | str] = Option(IndexType.SORTED, constant_of(IndexType))
    """Kind of the index, one of `IndexType`."""
    attributes: Option[list[str], list[str]] = Option([], _index_attributes)
    """Indexed attributes: at least one, and exactly one for a bitmap index."""
    bitmap_index_options: Option[BitmapIndexOptions, BitmapIndexOptions | dict[str, Any]] = Option(
        BitmapIndexOptions(), _bitmap_options
    )
    """Options of a bitmap index."""

    def __init__(
        self,
        name: str | None = None,
        type: int | str | None = None,
        attributes: list[str] | None = None,
        bitmap_index_options: BitmapIndexOptions | dict[str, Any] | None = None,
    ) -> None:
        super().__init__()
        self.name = name
        if type is not None:
            self.type = type
        if attributes is not None:
            self.attributes = attributes
        if bitmap_index_options is not None:
            self.bitmap_index_options = bitmap_index_options

    def __repr__(self) -> str:
        return fields_text(self, *self.options)

    def add_attribute(self, attribute: str) -> None:
        """Add an indexed attribute.

        Args:
            attribute: Name of the attribute.

        Raises:
            AssertionError: The attribute is None.
            ValueError: The attribute is blank or ends with a dot.
        """
        IndexUtil.validate_attribute(attribute)
        self.attributes.append(attribute)


class IndexUtil:
    """Brings index options into the normal form that members expect."""

    @staticmethod
    def validate_attribute(attribute: object) -> None:
        """Check the name of an attribute.

        Args:
            attribute: Name of the attribute.

        Raises:
            AssertionError: It is None.
            AttributeError: It is not a str.
            ValueError: It is blank or ends with a dot.
        """
        check_not_none(attribute, "an index attribute can't be None")
        if not isinstance(attribute, str):
            raise AttributeError(f"an index attribute must be a str, not {attribute!r}")
        stripped = attribute.strip()
        if not stripped:
            raise ValueError(f"an index attribute can't be blank: {attribute!r}")
        if stripped.endswith("."):
            raise ValueError(f"an index attribute can't end with a dot: {attribute!r}")

    @staticmethod
    def validate_and_normalize(map_name: str, index_config: IndexConfig) -> IndexConfig:
        """Check the options of an index and bring them into their normal form.

        Args:
            map_name: Name of the map.
            index_config: Options of the index. They are not modified.

        Returns:
            Options that have a name, and attributes in their short form.

        Raises:
            ValueError: There are no attributes, too many, or duplicates.
        """
        attributes = _normalize_attributes(index_config.attributes)
        if not 1 <= len(attributes) <= _MAX_ATTRIBUTES:
            raise ValueError(
                f"an index must have 1 to {_MAX_ATTRIBUTES} attributes, not {len(attributes)}: {index_config}"
            )
        if index_config.type == IndexType.BITMAP and len(attributes) > 1:
            raise ValueError(f"a bitmap index can have only one attribute: {index_config}")
        name = index_config.name if index_config.name and index_config.name.strip() else None
        normalized = IndexUtil.build_normalized_config(map_name, index_config.type, name, attributes)
        if index_config.type == IndexType.BITMAP:
            normalized.bitmap_index_options = index_config.bitmap_index_options
        return normalized

    @staticmethod
    def canonicalize_attribute(attribute: str) -> str:
        """Return the short form of an attribute, without a leading `this.`."""
        return attribute.removeprefix(QueryConstants.THIS_ATTRIBUTE_NAME + ".")

    @staticmethod
    def build_normalized_config(
        map_name: str, index_type: int, index_name: str | None, normalized_attributes: Sequence[str]
    ) -> IndexConfig:
        """Create the options of an index that has a name.

        Args:
            map_name: Name of the map.
            index_type: One of `IndexType`.
            index_name: Name of the index, or None to derive one from the other arguments.
            normalized_attributes: Attributes in their short form.

        Returns:
            The options.
        """
        if index_name is None:
            kind = str(get_attr_name(IndexType, index_type)).lower()
            index_name = "_".join([map_name, kind, *normalized_attributes])
        return IndexConfig(index_name, index_type, list(normalized_attributes))


def _normalize_attributes(attributes: Sequence[str]) -> list[str]:
    given: dict[str, str] = {}
    for attribute in attributes:
        IndexUtil.validate_attribute(attribute)
        normalized = IndexUtil.canonicalize_attribute(attribute.strip())
        if normalized in given:
            raise ValueError(f"index attributes {given[normalized]!r} and {attribute!r} are the same")
        given[normalized] = attribute
    return list(given)
