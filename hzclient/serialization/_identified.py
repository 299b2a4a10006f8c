"""Objects that write and read their own fields."""

from hzclient.errors import HazelcastSerializationError
from hzclient.serialization._buffer import qualified_name
from hzclient.serialization._input import Input
from hzclient.serialization._options import IdentifiedFactories
from hzclient.serialization._output import Output
from hzclient.serialization.api import IdentifiedDataSerializable

_IDENTIFIED = 1
_VERSIONED = 2


def write_identified(out: Output, obj: IdentifiedDataSerializable) -> None:
    """Append the ids of an object and what it writes."""
    out.buffer.append(_IDENTIFIED)
    try:
        out.write_int(obj.get_factory_id())
        out.write_int(obj.get_class_id())
    except HazelcastSerializationError as error:
        raise HazelcastSerializationError(f"ids of {qualified_name(type(obj))}: {error}") from error
    obj.write_data(out)


class IdentifiedReader:
    """Reads objects by the factories of the application and of Hazelcast itself.

    Args:
        factories: Class (or anything that makes an object without arguments) by factory id and class id.
    """

    def __init__(self, factories: IdentifiedFactories) -> None:
        self._factories = factories

    def read(self, inp: Input) -> IdentifiedDataSerializable:
        """Make an object and let it read its fields."""
        header = inp.read_byte()
        if not header & _IDENTIFIED:
            raise HazelcastSerializationError(
                "the value is a Java DataSerializable without ids, which only Java can read:"
                " its class should implement IdentifiedDataSerializable"
            )
        factory_id, class_id = inp.read_int(), inp.read_int()
        if header & _VERSIONED:
            inp.take(2, "version of an identified object")
        obj = self._make(factory_id, class_id)
        obj.read_data(inp)
        return obj

    def _make(self, factory_id: int, class_id: int) -> IdentifiedDataSerializable:
        factory = self._factories.get(factory_id)
        if factory is None:
            raise HazelcastSerializationError(
                f"no factory {factory_id} in data_serializable_factories (for class id {class_id})"
            )
        make = factory.get(class_id)
        if make is None:
            raise HazelcastSerializationError(
                f"factory {factory_id} of data_serializable_factories has no class id {class_id}"
            )
        return make()
