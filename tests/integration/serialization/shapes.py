"""Random shapes: names and kinds of fields that no class has; the twin of `Shape.java`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from hzclient.serialization.api import (
    CompactReader,
    CompactSerializer,
    CompactWriter,
    FieldKind,
    Portable,
    PortableReader,
    PortableWriter,
)
from hzclient.serialization.generic_record import GenericRecord, compact_record, portable_record
from hzclient.serialization.portable.classdef import ClassDefinition, ClassDefinitionBuilder, FieldType
from tests.integration.serialization.describe import describe_record, kind_of
from tests.integration.serialization.values import Values

FACTORY_ID = 1
BASES = (
    *(
        "BOOLEAN",
        "INT8",
        "INT16",
        "INT32",
        "INT64",
        "FLOAT32",
        "FLOAT64",
        "STRING",
        "DECIMAL",
        "TIME",
        "DATE",
    ),
    *("TIMESTAMP", "TIMESTAMP_WITH_TIMEZONE"),
)
TYPE_OF_KIND = {kind_of(field_type): field_type for field_type in FieldType}
# Java orders names by UTF-16 units: the first of these before the second.
_LETTERS = "abcxyzAZ_19 äé"
_WIDE_LETTERS = _LETTERS + "€😀ａ"


@dataclass(frozen=True)
class Field:
    """A field of a shape; `nested` is the shape that it holds."""

    name: str
    kind: FieldKind
    nested: "Shape | None" = None


@dataclass(frozen=True)
class Shape:
    """Names and kinds of fields; for portable data, the name is the class number."""

    name: str
    fields: tuple[Field, ...]

    def line(self) -> str:
        """Return the shape as Java reads it."""
        fields = [f"{f.name}:{f.kind.name}:{f.nested.name if f.nested else ''}" for f in self.fields]
        return "\t".join([self.name, *fields])

    def values(self, values: Values, portable: bool, make: "Callable[[Shape], Any]") -> list[Any]:
        """Return random values for the fields; `make` gives an object of a nested shape."""
        return [_value(field, values, portable, make) for field in self.fields]

    def definition(self) -> ClassDefinition:
        """Return the class definition of the shape."""
        builder = ClassDefinitionBuilder(FACTORY_ID, int(self.name))
        for field in self.fields:
            field_type = TYPE_OF_KIND[field.kind]
            if field.nested is None:
                builder.add_field(field.name, field_type)
            elif field_type == FieldType.PORTABLE:
                builder.add_portable_field(field.name, field.nested.definition())
            else:
                builder.add_portable_array_field(field.name, field.nested.definition())
        return builder.build()

    def compact(self, values: Values) -> GenericRecord:
        """Return a random compact record."""
        drawn = self.values(values, False, lambda nested: nested.compact(values))
        return compact_record(
            self.name,
            {field.name: (field.kind, value) for field, value in zip(self.fields, drawn, strict=True)},
        )

    def portable(self, values: Values) -> GenericRecord:
        """Return a random portable record."""
        drawn = self.values(values, True, lambda nested: nested.portable(values))
        names = [field.name for field in self.fields]
        return portable_record(self.definition(), dict(zip(names, drawn, strict=True)))


def _value(field: Field, values: Values, portable: bool, make: Callable[[Shape], Any]) -> Any:
    kind, nested = field.kind, field.nested
    item_kind = kind.name.removeprefix("ARRAY_OF_")
    base = item_kind.removeprefix("NULLABLE_")
    nullable = base != item_kind or f"NULLABLE_{base}" not in FieldKind.__members__ and base != "CHAR"

    def item() -> Any:
        return values.of(base) if nested is None else make(nested)

    if item_kind == kind.name:
        return values.maybe(item) if nullable else item()
    none_items = nullable and (not portable or base == "STRING")
    length = values.length() if nested is None else values.length() % 5
    array: list[Any] = [values.maybe(item) if none_items else item() for _ in range(length)]
    return values.maybe(lambda: bytearray(i & 0xFF for i in array) if portable and base == "INT8" else array)


def compact_shapes(seed: int, count: int) -> list[Shape]:
    """Return random shapes of compact data, nested ones first."""
    kinds = [kind for kind in FieldKind if _base(kind) in BASES]
    return _shapes(seed, count, kinds, FieldKind.COMPACT, FieldKind.ARRAY_OF_COMPACT, "shape", _WIDE_LETTERS)


def portable_shapes(seed: int, count: int) -> list[Shape]:
    """Return random shapes of portable data, nested ones first."""
    nesting = {FieldKind.PORTABLE, FieldKind.ARRAY_OF_PORTABLE}
    kinds = [kind for kind in TYPE_OF_KIND if kind not in nesting]
    return _shapes(seed, count, kinds, FieldKind.PORTABLE, FieldKind.ARRAY_OF_PORTABLE, "", _LETTERS)


def _base(kind: FieldKind) -> str:
    return kind.name.removeprefix("ARRAY_OF_").removeprefix("NULLABLE_")


def _shapes(
    seed: int,
    count: int,
    kinds: Sequence[FieldKind],
    one: FieldKind,
    many: FieldKind,
    prefix: str,
    letters: str,
) -> list[Shape]:
    draw = Values(seed).random
    # The first one has a field of each kind.
    shapes = [Shape(f"{prefix}1", tuple(Field(kind.name.lower(), kind) for kind in kinds))]
    for number in range(2, count + 1):
        names = {"".join(draw.choices(letters, k=draw.randint(1, 6))) for _ in range(draw.randint(0, 15))}
        fields = [Field(name, draw.choice(kinds)) for name in sorted(names)]
        fields += [
            Field(f"nested {kind.name}", kind, draw.choice(shapes))
            for kind in (one, many)
            if draw.random() < 0.3
        ]
        draw.shuffle(fields)
        shapes.append(Shape(f"{prefix}{number}", tuple(fields)))
    return shapes


class Shaped:
    """An object of a class for a shape."""

    SHAPE: ClassVar[Shape]

    def __init__(self, values: Sequence[Any] = ()) -> None:
        self.values = list(values)

    def described(self) -> str:
        """Return the words for the object, which are those for a record."""
        fields = zip(self.SHAPE.fields, self.values, strict=True)
        return describe_record([(field.name, field.kind, value) for field, value in fields])


class ShapedSerializer(CompactSerializer[Shaped]):
    """Serializer of the class of a shape; it writes the fields in the order of the shape."""

    def __init__(self, cls: type[Shaped]) -> None:
        self._cls = cls

    def get_class(self) -> type[Shaped]:
        return self._cls

    def get_type_name(self) -> str:
        return self._cls.SHAPE.name

    def write(self, writer: CompactWriter, obj: Shaped) -> None:
        for field, value in zip(obj.SHAPE.fields, obj.values, strict=True):
            getattr(writer, f"write_{field.kind.name.lower()}")(field.name, value)

    def read(self, reader: CompactReader) -> Shaped:
        fields = self._cls.SHAPE.fields
        return self._cls([getattr(reader, f"read_{field.kind.name.lower()}")(field.name) for field in fields])


class ShapedPortable(Shaped, Portable):
    """A portable object of a class for a shape."""

    def get_factory_id(self) -> int:
        return FACTORY_ID

    def get_class_id(self) -> int:
        return int(self.SHAPE.name)

    def write_portable(self, writer: PortableWriter) -> None:
        for field, value in zip(self.SHAPE.fields, self.values, strict=True):
            getattr(writer, f"write_{TYPE_OF_KIND[field.kind].name.lower()}")(field.name, value)

    def read_portable(self, reader: PortableReader) -> None:
        names = [(field.name, TYPE_OF_KIND[field.kind].name.lower()) for field in self.SHAPE.fields]
        self.values = [getattr(reader, f"read_{method}")(name) for name, method in names]


def classes_of(shapes: Sequence[Shape], base: type[Shaped]) -> dict[str, type[Any]]:
    """Return a class for each shape, by its name."""
    return {shape.name: type(f"Shaped{shape.name}", (base,), {"SHAPE": shape}) for shape in shapes}
