"""The base of the generated composite types."""


class Record:
    """A plain value with slots: compares and shows by its fields.

    Dozens of them are made when the codecs are imported, and a class like this costs a twentieth of a named
    tuple or a dataclass.
    """

    __slots__: tuple[str, ...] = ()
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({fields})"
