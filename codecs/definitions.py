"""Read and check the protocol definitions."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

ABSENT = object()
"""Marks an item without a default."""

Version = tuple[int, ...]


class DefinitionError(Exception):
    """A definition is wrong, so no code can be generated from it."""


@dataclass(frozen=True)
class Param:
    """Parameter of a message, or field of a custom type."""

    name: str
    type: str
    nullable: bool
    newer: bool
    default: Any
    doc: str


@dataclass(frozen=True)
class Event:
    """Event of a listener method."""

    name: str
    message_type: int
    params: tuple[Param, ...]
    doc: str


@dataclass(frozen=True)
class Method:
    """Method: request, response and events."""

    name: str
    full_name: str
    request_type: int
    retryable: bool
    request: tuple[Param, ...]
    response: tuple[Param, ...]
    events: tuple[Event, ...]
    doc: str


@dataclass(frozen=True)
class Service:
    """Service, defined by one file."""

    id: int
    name: str
    methods: tuple[Method, ...]


@dataclass(frozen=True)
class CustomType:
    """Composite type; `fixed_frame` says which frame holds its fixed-size fields."""

    name: str
    fixed_frame: str
    fields: tuple[Param, ...]
    doc: str


@dataclass(frozen=True)
class Definitions:
    """All definitions."""

    services: tuple[Service, ...]
    custom_types: tuple[CustomType, ...]


def load(folder: Path) -> Definitions:
    """Read and check all definitions.

    Args:
        folder: Folder of the YAML files and their schema.

    Returns:
        The definitions.

    Raises:
        DefinitionError: If one of them violates the schema or contradicts itself.
    """
    schema = json.loads((folder / "schema.json").read_text())
    services: list[Service] = []
    custom_types: tuple[CustomType, ...] = ()
    for path in sorted(folder.glob("*.yaml")):
        content = yaml.load(path.read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        _check_schema(path, content, schema)
        if "customTypes" in content:
            custom_types = tuple(_custom_type(each) for each in content["customTypes"])
        else:
            services.append(_service(content))
    services.sort(key=lambda service: service.id)
    _check_unique("service id", (service.id for service in services))
    _check_unique("custom type", (each.name for each in custom_types))
    return Definitions(tuple(services), custom_types)


def _check_schema(path: Path, content: Any, schema: Any) -> None:
    validator = Draft202012Validator(schema)
    error = best_match(validator.iter_errors(content))
    if error is not None:
        where = "/".join(str(step) for step in error.absolute_path)
        raise DefinitionError(f"{path.name}: {where}: {error.message}")


def _check_unique(what: str, values: Iterator[Any]) -> None:
    seen: set[Any] = set()
    for value in values:
        if value in seen:
            raise DefinitionError(f"{what} {value} is defined twice")
        seen.add(value)


def _service(content: Any) -> Service:
    name, service_id = content["name"], content["id"]
    methods = tuple(_method(name, service_id, each) for each in content["methods"])
    _check_unique(f"{name}: method id", (method.request_type for method in methods))
    _check_unique(f"{name}: method", (method.name for method in methods))
    return Service(service_id, name, methods)


def _method(service: str, service_id: int, content: Any) -> Method:
    full_name = f"{service}.{content['name']}"
    since = _version(content["since"])
    request_type = service_id << 16 | content["id"] << 8
    _check_type(full_name, content["request"], request_type)
    _check_type(f"{full_name} response", content["response"], request_type + 1)
    events: list[Event] = []
    for number, event in enumerate(content.get("events", [])):
        where = f"{full_name} event {event['name']}"
        _check_type(where, event, request_type + 2 + number)
        params = _params(where, event["params"], _version(event["since"]))
        events.append(Event(event["name"], event["messageType"], params, event.get("doc", "")))
    return Method(
        name=content["name"],
        full_name=full_name,
        request_type=request_type,
        retryable=content["request"]["retryable"],
        request=_params(f"{full_name} request", content["request"]["params"], since),
        response=_params(f"{full_name} response", content["response"]["params"], since),
        events=tuple(events),
        doc=content.get("doc", ""),
    )


def _check_type(where: str, content: Any, expected: int) -> None:
    if content["messageType"] != expected:
        raise DefinitionError(
            f"{where}: message type {content['messageType']:#08x}, by its ids {expected:#08x}"
        )


def _custom_type(content: Any) -> CustomType:
    fields = _params(content["name"], content["params"], _version(content["since"]))
    return CustomType(content["name"], content["fixedFrame"], fields, content.get("doc", ""))


def _params(where: str, contents: list[Any], since: Version) -> tuple[Param, ...]:
    versions = [_version(content["since"]) for content in contents]
    if versions != sorted(versions):
        raise DefinitionError(f"{where}: newer items must follow older ones")
    params = tuple(
        Param(
            name=content["name"],
            type=content["type"],
            nullable=content["nullable"],
            newer=version > since,
            default=content.get("default", ABSENT),
            doc=content.get("doc", ""),
        )
        for content, version in zip(contents, versions, strict=True)
    )
    _check_unique(f"{where}: item", (param.name for param in params))
    for param in params:
        if param.default is not ABSENT and not param.newer:
            raise DefinitionError(f"{where}: {param.name} is never absent, so it must have no default")
    return params


def _version(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))
