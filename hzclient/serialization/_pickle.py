"""The last resort: values of any class as pickles, which only Python can read."""

import pickle
from typing import Any

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import qualified_name
from hzclient.serialization._input import Input, ObjectReader
from hzclient.serialization._output import ObjectWriter, Output
from hzclient.serialization._primitives import PACK_ERRORS
from hzclient.serialization.serialization_const import PYTHON_TYPE_PICKLE

_PROTOCOL = 0


def write_pickle(out: Output, obj: object) -> None:
    """Append the pickle of an object, as the text of protocol 0.

    Raises:
        HazelcastSerializationError: If the object cannot be pickled.
    """
    try:
        out.write_string(_text(pickle.dumps(obj, _PROTOCOL)))
    except (pickle.PicklingError, *PACK_ERRORS) as error:
        raise HazelcastSerializationError(
            f"cannot pickle a {qualified_name(type(obj))} ({error}); register a serializer for the class"
        ) from error


def read_pickle(inp: Input) -> Any:
    """Read a pickled object.

    Raises:
        HazelcastSerializationError: If it cannot be unpickled here.
    """
    text = inp.read_string()
    if text is None:
        raise HazelcastSerializationError("a pickle cannot be null")
    try:
        return pickle.loads(text.encode())
    except MemoryError:
        # Only a pickle that lies about sizes asks for that much: memory itself is not at stake.
        raise HazelcastSerializationError("the pickle claims sizes that cannot be") from None
    except Exception as error:
        raise HazelcastSerializationError(f"cannot unpickle: {error!r}") from error


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

    Such pickles are ASCII but for strings, which hold the characters U+0080 to U+00FF as single bytes.
    Where these happen to form UTF-8 they must stay, since keys in clusters were written so; otherwise
    the escape that the format has for them means the same.
    """
    try:
        return pickled.decode()
    except UnicodeDecodeError:
        return "".join(chr(code) if code < 0x80 else f"\\u{code:04x}" for code in pickled)
