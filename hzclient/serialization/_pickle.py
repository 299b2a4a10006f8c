"""The last resort: values of any class as pickles, which only Python can read."""

import _compat_pickle
import io
import pickle
from collections.abc import Set
from types import BuiltinFunctionType, FunctionType
from typing import Any, Final

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import qualified_name
from hzclient.serialization._input import Input, ObjectReader
from hzclient.serialization._output import ObjectWriter, Output
from hzclient.serialization._primitives import PACK_ERRORS
from hzclient.serialization.serialization_const import PYTHON_TYPE_PICKLE

_PROTOCOL: Final = 0

PLAIN_NAMES: Final = frozenset(
    {
        *(
            f"builtins.{name}"
            for name in (
                *("bytearray", "bytes", "complex", "dict", "float", "frozenset"),
                *("int", "list", "object", "range", "set", "slice", "str", "tuple"),
            )
        ),
        *(f"collections.{name}" for name in ("Counter", "OrderedDict", "defaultdict", "deque")),
        *(f"datetime.{name}" for name in ("date", "datetime", "time", "timedelta", "timezone")),
        "_codecs.encode",
        "copyreg._reconstructor",
        "decimal.Decimal",
        "fractions.Fraction",
        "uuid.SafeUUID",
        "uuid.UUID",
    }
)
"""Names that every allow-list contains: plain data, and the functions that pickles of it call."""


def pickle_writer(allowed: Set[str] | None) -> ObjectWriter:
    """Return a writer that appends the pickle of an object, as the text of protocol 0.

    Args:
        allowed: Names of the classes and functions that the pickle may refer to; None for any.

    Returns:
        The writer.
    """

    def write(out: Output, obj: object) -> None:
        try:
            pickled = pickle.dumps(obj, _PROTOCOL) if allowed is None else _dump_allowed(obj, allowed)
            out.write_string(_text(pickled))
        except (pickle.PicklingError, *PACK_ERRORS) as error:
            raise HazelcastSerializationError(
                f"cannot pickle a {qualified_name(type(obj))} ({error}); register a serializer for the class"
            ) from error

    return write


def pickle_reader(allowed: Set[str] | None) -> ObjectReader:
    """Return a reader of pickled objects.

    Args:
        allowed: Names of the classes and functions that a pickle may refer to; None for any.

    Returns:
        The reader.
    """

    def read(inp: Input) -> Any:
        text = inp.read_string()
        if text is None:
            raise HazelcastSerializationError("a pickle cannot be null")
        try:
            return pickle.loads(text.encode()) if allowed is None else _load_allowed(text.encode(), allowed)  # noqa: S301
        except HazelcastSerializationError:
            raise
        except MemoryError:
            # Only a pickle that lies about sizes asks for that much: memory itself is not at stake.
            raise HazelcastSerializationError("the pickle claims sizes that cannot be") from None
        except Exception as error:
            raise HazelcastSerializationError(f"cannot unpickle: {error!r}") from error

    return read


def _dump_allowed(obj: object, allowed: Set[str]) -> bytes:
    buffer = io.BytesIO()
    _AllowedPickler(buffer, allowed).dump(obj)
    return buffer.getvalue()


def _load_allowed(pickled: bytes, allowed: Set[str]) -> Any:
    return _AllowedUnpickler(io.BytesIO(pickled), allowed).load()


class _AllowedPickler(pickle.Pickler):
    """Refuses what a reader with the same list would refuse, so nothing unreadable gets into the cluster."""

    def __init__(self, file: io.BytesIO, allowed: Set[str]) -> None:
        super().__init__(file, _PROTOCOL)
        self._allowed = allowed

    def persistent_id(self, obj: Any) -> None:
        """Check a class or function that the pickle is about to refer to."""
        # pickle calls this for every object, and there is no other way to see what it refers to by name.
        if isinstance(obj, type | FunctionType | BuiltinFunctionType):
            _check(f"{obj.__module__}.{obj.__qualname__}", self._allowed)


class _AllowedUnpickler(pickle.Unpickler):
    """Looks up only the names of an allow-list. Nothing else is imported."""

    def __init__(self, file: io.BytesIO, allowed: Set[str]) -> None:
        super().__init__(file)
        self._allowed = allowed

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Return a class or function by its name, if the name is on the list."""
        # Protocols 0 to 2 have the names of Python 2, such as `__builtin__.set`.
        module, name = _compat_pickle.NAME_MAPPING.get(
            (module_name, global_name),
            (_compat_pickle.IMPORT_MAPPING.get(module_name, module_name), global_name),
        )
        _check(f"{module}.{name}", self._allowed)
        return super().find_class(module, name)


def _check(name: str, allowed: Set[str]) -> None:
    if name not in allowed:
        raise HazelcastSerializationError(
            f"the pickle refers to {name}, which pickle_allowed does not list: add it if all who write to"
            " the cluster are trusted with it, or register a serializer for the class"
        )


def refuse_to_write(cls: type[Any]) -> ObjectWriter:
    """Return a writer for objects that would have to be pickled, which raises."""

    def write(out: Output, obj: Any) -> None:
        raise HazelcastSerializationError(
            f"no serializer for {qualified_name(cls)}, and pickle is turned off: register a compact, custom"
            " or global serializer for it, or configure pickle_enabled=True"
        )

    return write


def refuse_to_read() -> ObjectReader:
    """Return a reader for pickled objects, which raises."""

    def read(inp: Input) -> Any:
        raise HazelcastSerializationError(
            f"the value is a Python pickle (type id {PYTHON_TYPE_PICKLE}), and pickle is turned off:"
            " it runs code of whoever wrote it; configure pickle_enabled=True if all writers are trusted"
        )

    return read


def _text(pickled: bytes) -> str:
    """Return a pickle of protocol 0 as text.

    Such pickles are ASCII, except in strings, which hold the characters U+0080 to U+00FF as single bytes.
    If these happen to form UTF-8 they must stay, because keys in clusters were written like that. Otherwise
    the escape sequence that the format has for them means the same.
    """
    try:
        return pickled.decode()
    except UnicodeDecodeError:
        return "".join(chr(code) if code < 0x80 else f"\\u{code:04x}" for code in pickled)
