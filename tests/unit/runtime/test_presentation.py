"""What inspect, help, tracebacks and completion show of each face."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import pydoc
import re
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jedi
import pytest

import hzclient
import hzclient.asyncio
import hzclient.cp
import hzclient.proxy
import hzclient.sql
import hzclient.transaction
from hzclient._runtime.faces import AsyncioFace, Marked, Shell
from hzclient._runtime.owned import OwnedRuntime
from hzclient._runtime.presentation import arguments_of, future_docstring
from hzclient.future import Future
from hzclient.proxy.cardinality_estimator import BlockingCardinalityEstimator
from hzclient.proxy.flake_id_generator import AsyncFlakeIdGenerator
from hzclient.proxy.map import AsyncMap, BlockingMap, Map
from hzclient.proxy.topic import Topic
from tests.unit.runtime.test_faces import AsyncToy, BlockingToy, Toy

HELP = Path(__file__).parent / "help"

FACES = {"asyncio": AsyncMap, "future": Map, "blocking": BlockingMap}

RETURNED = {
    "put": {
        "asyncio": "ValueType | None",
        "future": "Future[ValueType | None]",
        "blocking": "ValueType | None",
    },
    "keys": {
        "asyncio": "AsyncGenerator[KeyType, None]",
        "future": "AsyncIterator[KeyType]",
        "blocking": "Iterator[KeyType]",
    },
    "lock_context": {
        "asyncio": "AbstractAsyncContextManager[None]",
        "future": "AbstractAsyncContextManager[None]",
        "blocking": "AbstractContextManager[None]",
    },
    "destroy": {"asyncio": "bool", "future": "bool", "blocking": "bool"},
    "with_timeout": {"asyncio": "Self", "future": "Self", "blocking": "Self"},
}
"""What an operation of each kind returns in each face."""


def all_faces(cls: type[Any]) -> Iterator[type[Any]]:
    for face in cls.__subclasses__():
        if face.__module__.startswith("hzclient."):
            yield face
        yield from all_faces(face)


def exposed_functions() -> Iterator[tuple[type[Any], str, Any]]:
    """Every function that a face has because of a definition in a class of operations."""
    for module in pkgutil.walk_packages(hzclient.proxy.__path__, "hzclient.proxy."):
        importlib.import_module(module.name)
    for face in dict.fromkeys([*all_faces(Shell), *all_faces(AsyncioFace)]):
        marked = getattr(face, "_marked", None) or {
            name: member
            for base in face.__mro__
            for name, member in vars(base).items()
            if isinstance(member, Marked)
        }
        for name in marked:
            if inspect.isfunction(function := vars(face).get(name)):
                yield face, name, function


def test_every_function_of_a_face_says_where_it_belongs() -> None:
    functions = list(exposed_functions())
    assert len(functions) > 1000
    for face, name, function in functions:
        assert function.__name__ == function.__code__.co_name == name
        assert function.__qualname__ == function.__code__.co_qualname == f"{face.__qualname__}.{name}"
        assert function.__module__ == face.__module__
        assert function.__annotations__["return"] == inspect.signature(function).return_annotation
        assert list(inspect.signature(function).parameters)[0] == "self"
        assert function.__doc__


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("name", RETURNED)
def test_a_signature_tells_what_its_face_returns(face: str, name: str) -> None:
    function = getattr(FACES[face], name)
    assert inspect.signature(function).return_annotation == RETURNED[name][face]
    assert inspect.iscoroutinefunction(function) == (face == "asyncio" and name in ("put", "destroy"))


def test_a_getter_tells_the_face_that_goes_with_the_client() -> None:
    def returned(client: Any) -> Any:
        return inspect.signature(client.get_map).return_annotation

    assert returned(hzclient.HazelcastClient) == "Map[Any, Any]"
    assert returned(hzclient.asyncio.HazelcastClient) == "AsyncMap[Any, Any]"


def test_a_docstring_tells_what_its_face_returns() -> None:
    assert BlockingMap.put.__doc__ == AsyncMap.put.__doc__
    assert "Returns:\n    A `Future` with this result: " in str(Map.put.__doc__)
    assert "Returns:\n    A `Future` that is done when the call is done." in str(Map.set.__doc__)


@pytest.mark.parametrize(
    ("doc", "shown"),
    [
        (None, None),
        ("Clear it.", "Clear it.\n\nReturns:\n    A `Future` that is done when the call is done."),
        (
            "Get it.\n\n    Returns:\n        The value,\n        or None.\n    ",
            "Get it.\n\nReturns:\n    A `Future` with this result: the value,\n    or None.",
        ),
        (
            "Set it.\n\n    Raises:\n        ValueError: Never.\n    ",
            "Set it.\n\nReturns:\n    A `Future` that is done when the call is done."
            "\n\nRaises:\n    ValueError: Never.",
        ),
        (
            "Ask.\n\n    Returns:\n        UUID of the member.\n    ",
            "Ask.\n\nReturns:\n    A `Future` with this result: UUID of the member.",
        ),
    ],
)
def test_docstrings_of_the_future_face(doc: str | None, shown: str | None) -> None:
    assert future_docstring(doc) == shown


def test_arguments_of_an_annotation() -> None:
    assert arguments_of("Faces[AsyncMap[Any, Any], Map[Any, Any]]") == ["AsyncMap[Any, Any]", "Map[Any, Any]"]
    assert arguments_of("AsyncGenerator[int, None]") == ["int", "None"]


# ------------------------------------------------------------------------------------------------- errors


@pytest.fixture
def core() -> Iterator[AsyncToy]:
    runtime = OwnedRuntime("test")
    yield AsyncToy(runtime)
    runtime.stop()


@pytest.mark.parametrize("face", [AsyncToy, Toy, BlockingToy])
@pytest.mark.parametrize("name", ["double", "destroy", "half", "count", "held", "with_timeout"])
def test_wrong_arguments_name_the_method_that_was_called(
    core: AsyncToy, face: Callable[[Any], Any], name: str
) -> None:
    toy = core if face is AsyncToy else face(core)
    with pytest.raises(TypeError) as caught:
        getattr(toy, name)(surprise=1)
    assert str(caught.value) == f"{type(toy).__name__}.{name}() got an unexpected keyword argument 'surprise'"
    assert caught.value.__context__ is None


def test_type_errors_of_an_operation_itself_stay_as_they_are(core: AsyncToy) -> None:
    with pytest.raises(TypeError, match="not supported between instances"):
        Toy(core).double("a")  # type: ignore[arg-type]


def test_a_traceback_names_the_operation(core: AsyncToy) -> None:
    with pytest.raises(AssertionError) as caught:
        BlockingToy(core).double(-1)
    names = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    driver = ("run_blocking", "hzclient._hot.run_blocking", "hzclient._hot.driven")
    assert [name for name in names[1:] if name not in driver] == ["double", "double"]


@pytest.mark.parametrize("face", [AsyncMap, Map, BlockingMap])
def test_every_face_prints_the_same(face: Any) -> None:
    structure = AsyncMap.__new__(AsyncMap)
    structure.name = "orders"
    printed = structure if face is AsyncMap else face(with_service(structure))
    assert str(printed) == repr(printed) == 'Map(name="orders")'


def with_service(structure: Any) -> Any:
    structure.service_name = "hz:impl:mapService"
    return structure


# --------------------------------------------------------------------------------------------------- help


def help_of(cls: type) -> str:
    """Return the help of a class, up to what it inherits."""
    return pydoc.plain(pydoc.render_doc(cls)).partition(" |  ------")[0]


def condensed(text: str) -> str:
    """Return a text without what differs between versions of Python: line breaks, margins, quotes."""
    return "".join(re.sub(r"(?m)^ \|", "", text).replace("'", "").split())


@pytest.mark.parametrize("cls", [Topic, BlockingCardinalityEstimator, AsyncFlakeIdGenerator])
def test_help_of_a_structure(cls: type) -> None:
    expected = (HELP / f"{cls.__name__}.txt").read_text()
    assert condensed(help_of(cls)) == condensed(expected), (
        "write it anew: python -m tests.unit.runtime.test_presentation"
    )


@pytest.mark.parametrize("cls", [Map, BlockingMap])
def test_help_begins_with_the_structure_and_not_with_internal_bases(cls: type) -> None:
    beginning = help_of(cls).partition("Methods defined here")[0]
    assert beginning.splitlines()[2].startswith(f"class {cls.__name__}(")
    assert "Operations" not in beginning
    assert "distributed map" in beginning


# --------------------------------------------------------------------------------------------- completion


@pytest.mark.parametrize("name", ["AsyncMap", "Map", "BlockingMap"])
def test_an_editor_completes_the_operations(name: str) -> None:
    source = f"from hzclient.proxy.map import {name}\ndef f(m: {name}[str, str]): m."
    completed = {each.name for each in jedi.Script(source).complete()}
    assert completed >= {"put", "get", "lock_context", "add_entry_listener", "with_timeout", "destroy"}


def test_a_console_completes_operations_and_what_they_return(core: AsyncToy) -> None:
    def completed(source: str) -> set[str]:
        return {each.name for each in jedi.Interpreter(source, [{"toy": Toy(core)}]).complete()}

    assert completed("toy.") >= {"double", "destroy", "half", "count", "held"}
    assert completed("toy.double(1).") >= {"result", "add_done_callback", "continue_with"}


def test_a_console_shows_the_parameters(core: AsyncToy) -> None:
    signature, *_ = jedi.Interpreter("toy.double(", [{"toy": Toy(core)}]).get_signatures()
    assert [parameter.name for parameter in signature.params] == ["number", "times"]
    assert "A `Future` that" in signature.docstring()


def test_results_are_instances_of_what_signatures_name(core: AsyncToy) -> None:
    assert isinstance(Toy(core).double(1), Future)


if __name__ == "__main__":
    for structure in (Topic, BlockingCardinalityEstimator, AsyncFlakeIdGenerator):
        (HELP / f"{structure.__name__}.txt").write_text(help_of(structure).rstrip() + "\n")
