"""Bodies of the generated functions: the lines that encode and decode parameters.

Fixed-size parameters share one frame: the first of a message, or the first inside a composite. The others
follow in frames of their own. Each group keeps the declared order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from definitions import ABSENT, Param
from naming import attribute, snake
from wiretypes import FIXED, LAYOUT, ONE_FRAME, PUBLIC, WireTypes

REQUEST_HEAD = 22
RESPONSE_HEAD = 19

_ZERO = {"boolean": "False", "byte": "0", "int": "0", "long": "0", "float": "0.0"}

Condition = Callable[[str], tuple[str, str]]
"""Takes the name of a newer field; returns expressions for "present" and "absent"."""

_RESERVED = {"message", "parts", "at", "value", "last", "content"}


def local(param: Param) -> str:
    """Return the name of the local variable that holds a field while it is read."""
    name = snake(param.name)
    return f"{name}_" if name in _RESERVED else name


def is_fixed(param: Param) -> bool:
    """Return whether the parameter is of fixed size."""
    return param.type in FIXED


def _guarded(lines: list[str], error: str) -> list[str]:
    body = [f"    {line}" for line in lines]
    return ["try:", *body, "except UNENCODABLE as error:", f"    raise {error} from None"]


def request_layout(params: Sequence[Param], types: WireTypes) -> tuple[str | None, list[str]]:
    """Return the layout of a request for the compiled path.

    Args:
        params: Parameters of the request.
        types: All wire types.

    Returns:
        The letters of the parameters in their order, or None if the compiled path cannot write one of
        them; and the names of the functions that write the composites among them.
    """
    letters: list[str] = []
    writers: list[str] = []
    for param in params:
        letter = _letter(param)
        if letter is None and not param.nullable and param.type not in LAYOUT:
            put, *items = types.variable(param.type).put
            if not items:
                letter = "c"
                writers.append(put)
        if letter is None or letter in "LE":
            return None, []
        letters.append(letter)
    return "".join(letters), writers


def response_layout(params: Sequence[Param]) -> str | None:
    """Return the letter of what a response holds, or None if the compiled path cannot read it."""
    if len(params) > 1 or any(param.newer for param in params):
        return None
    return _letter(params[0]) if params else ""


def _letter(param: Param) -> str | None:
    letter = LAYOUT.get(param.type)
    return letter.upper() if letter and param.nullable and not is_fixed(param) else letter


@dataclass
class Emitter:
    """Generates code of one module and collects the structs that it needs.

    Attributes:
        types: All wire types.
        packs: Layouts that the code packs.
        unpacks: Layouts that the code unpacks.
    """

    types: WireTypes
    packs: set[str] = field(default_factory=set)
    unpacks: set[str] = field(default_factory=set)

    # ------------------------------------------------------------------------------ annotations

    def read_annotation(self, param: Param) -> str:
        """Return the type of a decoded parameter, including None if it can be None."""
        absent = param.newer and self.default(param) == "None"
        plain = (
            FIXED[param.type].annotation if is_fixed(param) else self.types.variable(param.type).annotation
        )
        return f"{plain} | None" if self._can_be_null(param) or absent else plain

    def as_read(self, param: Param) -> Param:
        """Return the parameter for the peer: nullable if the decoded value may be None."""
        return replace(param, nullable=self.read_annotation(param).endswith(" | None"))

    def put_annotation(self, param: Param) -> str:
        """Return the type of the parameter of an encode function."""
        plain = FIXED[param.type].annotation if is_fixed(param) else self.types.variable(param.type).accepted
        return f"{plain} | None" if self._can_be_null(param) else plain

    def signature(self, params: Sequence[Param]) -> list[str]:
        """Return the parameters of an encode function; the newest ones with a default are optional."""
        texts: list[str] = []
        optional = True
        for param in reversed(params):
            text = f"{snake(param.name)}: {self.put_annotation(param)}"
            default = self.default(param)
            optional = optional and param.newer and (default != "None" or self._can_be_null(param))
            texts.append(f"{text} = {default}" if optional else text)
        return texts[::-1]

    @staticmethod
    def _can_be_null(param: Param) -> bool:
        return param.nullable and (param.type == "UUID" or not is_fixed(param))

    def default(self, param: Param) -> str:
        """Return the value of a field that the peer is too old to send."""
        if param.default is not ABSENT:
            return repr(param.default)
        if param.nullable:
            return "None"
        if param.type.startswith("Map_"):
            return "{}"
        custom = self.types.custom.get(param.type)
        if custom is not None and all(is_fixed(each) and each.type != "UUID" for each in custom.fields):
            return f"{custom.name}({', '.join(_ZERO[each.type] for each in custom.fields)})"
        return "None"

    # -------------------------------------------------------------------------------- structs

    def pack(self, layout: str) -> str:
        """Return the name of the function that packs a layout."""
        self.packs.add(layout)
        return f"_pack_{layout.replace('?', 't')}"

    def unpack(self, layout: str) -> str:
        """Return the name of the function that unpacks a layout."""
        self.unpacks.add(layout)
        return f"_unpack_{layout}"

    # -------------------------------------------------------------------------------- writing

    def encode(self, params: Sequence[Param], owner: str = "") -> tuple[int, bool, list[str], str]:
        """Generate code that encodes a message, except its head.

        Args:
            params: Parameters to encode.
            owner: Expression whose attributes are the values; "" if they are local variables.

        Returns:
            Size of the fixed part in bytes, whether the first frame is the last, lines of code, and the
            expression of the body.
        """
        fixed = [param for param in params if is_fixed(param)]
        variable = [param for param in params if not is_fixed(param)]
        size = sum(FIXED[param.type].size for param in fixed)
        arguments = [self._fixed_value(param, owner) for param in fixed]
        layout = "".join(FIXED[param.type].pack for param in fixed)
        if not variable:
            return size, True, [], f"{self.pack(layout)}({', '.join(arguments)})" if fixed else 'b""'
        if all(param.type in ONE_FRAME and not param.nullable for param in variable):
            lines, body = self._encode_plain(layout, arguments, variable, owner)
            return size, False, lines, body
        start = f"{self.pack(layout)}({', '.join(arguments)})" if fixed else ""
        lines = [f"parts: list[bytes] = [{start}]"]
        for param in variable:
            lines += self.put_lines(param, self._value(param, owner), last=param is variable[-1])
        return size, False, lines, 'b"".join(parts)'

    def _encode_plain(
        self, layout: str, arguments: list[str], variable: list[Param], owner: str
    ) -> tuple[list[str], str]:
        """Generate shorter code for frames of text and bytes: headers are packed with the frame before."""
        lines: list[str] = []
        pieces: list[str] = []
        for param in variable:
            value = self._value(param, owner)
            if param.type == "String":
                encoded = f"{local(param)}_utf8"
                lines.append(f"{encoded} = {value}.encode()")
                value = encoded
            length = f"len({value}) + 6"
            last = param is variable[-1]
            if not pieces and layout:
                struct = self.pack(f"{layout}i{'H' if last else '2x'}")
                pieces.append(f"{struct}({', '.join([*arguments, length])}{', FINAL' if last else ''})")
            else:
                pieces.append(f"pack_header({length}, FINAL)" if last else f"pack_data_header({length})")
            pieces.append(value)
        return lines, f'b"".join(({", ".join(pieces)}))'

    def put_lines(self, param: Param, value: str, last: bool) -> list[str]:
        """Return the lines that append the frames of one parameter."""
        if param.nullable and param.type in ("Data", "byteArray"):
            return [f"put_nullable_data(parts, {value}{', True' if last else ''})"]
        put, *items = self.types.variable(param.type).put
        call = f"{put}({', '.join(['parts', value, *items, *(['True'] if last else [])])})"
        if not param.nullable:
            return [call]
        null = "NULL_FINAL_FRAME" if last else "NULL_FRAME"
        return [f"if {value} is None:", f"    parts.append({null})", "else:", f"    {call}"]

    def put_composite(self, name: str, fields: Sequence[Param]) -> list[str]:
        """Return the body of the function that encodes a composite."""
        attributes = PUBLIC[name].attributes if name in PUBLIC else {}
        fixed = [param for param in fields if is_fixed(param)]
        lines = ["parts.append(BEGIN_FRAME)"]
        if fixed:
            size = sum(FIXED[param.type].size for param in fixed)
            layout = "i2x" + "".join(FIXED[param.type].pack for param in fixed)
            values = ", ".join(self._fixed_value(param, "value", attributes) for param in fixed)
            lines.append(f"parts.append({self.pack(layout)}({size + 6}, {values}))")
        for param in fields:
            if not is_fixed(param):
                lines += self.put_lines(param, self._value(param, "value", attributes), last=False)
        lines.append("parts.append(END_FINAL_FRAME if last else END_FRAME)")
        return lines

    def guarded(self, lines: list[str], name: str, params: Sequence[Param]) -> list[str]:
        """Wrap lines that encode parameters, so that a failure names the parameter that cannot be encoded.

        Args:
            lines: Lines that encode the parameters.
            name: Name of the method, for the error.
            params: Parameters that the lines encode.

        Returns:
            The lines of code.
        """
        checked = [param for param in params if self._is_checked(param)]
        types = ", ".join(f"{snake(param.name)}: {self._checked_type(param)}" for param in checked)
        values = "".join(f", {snake(param.name)}" for param in checked)
        return _guarded(lines, f'refused("{name}", error, "{types}"{values})') if params else lines

    def guarded_composite(self, name: str, fields: Sequence[Param]) -> list[str]:
        """Return the body of the function that encodes a composite, and names a field that it cannot."""
        attributes = PUBLIC[name].attributes if name in PUBLIC else {}
        types = ", ".join(
            f"{attributes.get(field.name, attribute(field.name))}: {self._checked_type(field)}"
            for field in fields
            if self._is_checked(field)
        )
        return _guarded(
            self.put_composite(name, fields), f'refused_composite("{name}", error, "{types}", value)'
        )

    @staticmethod
    def _is_checked(param: Param) -> bool:
        return param.type != "boolean" and (is_fixed(param) or param.type in ONE_FRAME)

    def _checked_type(self, param: Param) -> str:
        return f"{param.type}?" if self._can_be_null(param) else param.type

    def _value(self, param: Param, owner: str, attributes: dict[str, str] | None = None) -> str:
        if not owner:
            return snake(param.name)
        return f"{owner}.{(attributes or {}).get(param.name, attribute(param.name))}"

    def _fixed_value(self, param: Param, owner: str, attributes: dict[str, str] | None = None) -> str:
        value = self._value(param, owner, attributes)
        return f"uuid_to_bytes({value})" if param.type == "UUID" else value

    # -------------------------------------------------------------------------------- reading

    def decode(self, params: Sequence[Param], head: int, result: str) -> list[str]:
        """Return the body of the function that decodes a message.

        Args:
            params: Parameters to decode.
            head: Offset of the fixed part in the first frame.
            result: Class that holds several values; "" for a single value.

        Returns:
            The lines of code.
        """
        fixed = [param for param in params if is_fixed(param)]
        variable = [param for param in params if not is_fixed(param)]
        if not result and params[0].type == "boolean" and not params[0].newer:
            return [*self._check_first(params[0], head + 1), f"return message.buffer[{head}] == 1"]
        lines = self._decode_fixed(fixed, head, single=not result)
        if variable:
            lines.append("message.pos = message.first")
        values = {param.name: self._read(param, newer=self._read_if_left) for param in variable}
        values |= {param.name: self._converted(param) for param in fixed}
        expressions = [values[param.name] for param in params]
        lines.append(f"return {result}({', '.join(expressions)})" if result else f"return {expressions[0]}")
        return lines

    def _decode_fixed(self, fixed: list[Param], head: int, single: bool) -> list[str]:
        old = [param for param in fixed if not param.newer]
        size = head + sum(FIXED[param.type].size for param in old)
        lines: list[str] = []
        if old:
            lines += self._check_first(old[-1], size)
            lines.append(self._unpack_into(old, "message.buffer", str(head), single))
        for param in fixed[len(old) :]:
            size += FIXED[param.type].size
            lines.append(
                self._unpack_newer(param, str(size - FIXED[param.type].size), f"message.first >= {size}")
            )
        return lines

    @staticmethod
    def _check_first(param: Param, size: int) -> list[str]:
        return [f"if message.first < {size}:", f'    raise message.too_short("{param.name}", {size})']

    def _unpack_into(self, params: list[Param], buffer: str, at: str, single: bool) -> str:
        layout = "".join(FIXED[param.type].unpack for param in params)
        call = f"{self.unpack(layout)}({buffer}, {at})"
        if single and len(params) == 1:
            annotation = "bytes" if params[0].type == "UUID" else FIXED[params[0].type].annotation
            annotation = "int" if annotation == "bool" else annotation
            return f"{local(params[0])}: {annotation} = {call}[0]"
        names = ", ".join(local(param) for param in params)
        return f"{names}{',' if len(params) == 1 else ''} = {call}"

    def _unpack_newer(self, param: Param, at: str, condition: str) -> str:
        call = f"{self.unpack(FIXED[param.type].unpack)}(message.buffer, {at})[0]"
        default = self.default(param)
        name = local(param)
        if param.type == "UUID":
            return f"{name} = {call} if {condition} else None"
        if param.type == "boolean":
            return f"{name} = {call} == 1 if {condition} else {default}"
        annotation = self.read_annotation(param)
        return f"{name}: {annotation} = {call} if {condition} else {default}"

    def _converted(self, param: Param, prefix: str = "") -> str:
        name = local(param)
        if param.type == "boolean" and not param.newer:
            return f"{name} == 1"
        if param.type == "UUID":
            if param.newer:
                return f"None if {name} is None else uuid_from_bytes({name})"
            if param.nullable:
                return f"uuid_from_bytes({name})"
            return f'required_uuid({name}, message, "{prefix}{param.name}")'
        return name

    def _read(self, param: Param, newer: Condition, prefix: str = "") -> str:
        """Return the expression that decodes one variable-size parameter."""
        where = f'"{prefix}{param.name}"'
        if param.nullable and param.type in ("Data", "byteArray") and not param.newer:
            return f"message.nullable_data({where})"
        read, *items = self.types.variable(param.type).read
        call = (
            f"message.data({where})"
            if read == "read_data"
            else f"{read}({', '.join(['message', *items, where])})"
        )
        if not param.newer:
            return f"None if message.take_null({where}) else {call}" if param.nullable else call
        there, absent = newer(where)
        null = f" or message.take_null({where})" if param.nullable else ""
        if param.nullable:
            return f"None if {absent}{null} else {call}"
        return f"{call} if {there} else {self.default(param)}"

    @staticmethod
    def _read_if_left(where: str) -> tuple[str, str]:
        return "message.has_more", "not message.has_more"

    @staticmethod
    def _read_if_not_end(where: str) -> tuple[str, str]:
        return f"not message.at_end({where})", f"message.at_end({where})"

    def read_composite(self, name: str, fields: Sequence[Param]) -> list[str]:
        """Return the body of the function that decodes a composite."""
        fixed = [param for param in fields if is_fixed(param)]
        old = [param for param in fixed if not param.newer]
        lines = [f'message.begin("{name}")']
        if fixed:
            size = sum(FIXED[param.type].size for param in old)
            lines.append(f'at = message.fixed({size}, "{name}")')
            if old:
                lines.append(self._unpack_into(old, "message.buffer", "at", single=False))
            for param in fixed[len(old) :]:
                at = f"at + {size}"
                size += FIXED[param.type].size
                lines.append(self._unpack_newer(param, at, f"message.pos >= at + {size}"))
        values: dict[str | None, str] = {param.name: self._converted(param, f"{name}.") for param in fixed}
        for param in fields:
            if not is_fixed(param):
                values[param.name] = self._read(param, self._read_if_not_end, f"{name}.")
        values[None] = "None"
        order = PUBLIC[name].arguments if name in PUBLIC else tuple(param.name for param in fields)
        arguments = ", ".join(values[each] for each in order)
        lines.append(f"value = {name}({arguments})")
        lines.append(f'message.finish("{name}")')
        lines.append("return value")
        return lines
