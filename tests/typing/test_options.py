"""A user's program sees the options of the client: type checkers, completion and `help()`."""

from __future__ import annotations

import inspect
import pydoc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jedi
import pytest

import hzclient
import hzclient.asyncio
import hzclient.errors
from hzclient.config import ClientOptions, Config, NearCacheConfig, NearCacheOptions
from tests.tools import reveals

CLIENTS = [hzclient.HazelcastClient, hzclient.asyncio.HazelcastClient]
FACTORIES: list[Callable[..., Any]] = [*CLIENTS, hzclient.asyncio.HazelcastClient.create_and_start]
CALLS = [
    "hzclient.HazelcastClient",
    "hzclient.asyncio.HazelcastClient",
    "hzclient.asyncio.HazelcastClient.create_and_start",
]


def test_the_generated_options_are_those_of_the_option_sets() -> None:
    assert set(ClientOptions.__annotations__) == set(Config.options)
    assert set(NearCacheOptions.__annotations__) == set(NearCacheConfig.options)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("checker", [reveals.pyright, reveals.mypy], ids=["pyright", "mypy"])
def test_each_option_is_checked_in_a_users_program(checker: Any, tmp_path: Path) -> None:
    """Each option is accepted with None or its default, and refused with a value of a class of its own."""
    lines = ["import hzclient", "import hzclient.asyncio", "class Wrong: ...", "async def program() -> None:"]
    wrong = []
    for factory in CALLS:
        call = ("await " if factory.endswith("start") else "") + factory + "({})"
        for name, option in Config.options.items():
            default = option.make_default()
            lines.append("    " + call.format(f"{name}={default!r}"))
            lines.append("    " + call.format(f"{name}=Wrong()"))
            wrong.append(len(lines))
        lines.append("    " + call.format("cluster_nam='dev'"))
        wrong.append(len(lines))
    lines.append("    hzclient.HazelcastClient(near_caches={'m': {'max_idle': 5}})")
    lines.append("    hzclient.HazelcastClient(near_caches={'m': {'ttl': 5}})")
    wrong.append(len(lines))
    path = tmp_path / "program.py"
    path.write_text("\n".join(lines) + "\n")

    found = checker([path])

    assert [line for (_, line) in sorted(found)] == wrong


@pytest.mark.parametrize("call", CALLS)
def test_completion_offers_each_option(call: str) -> None:
    names = {each.name for each in jedi.Interpreter(f"{call}(", [{"hzclient": hzclient}]).complete()}
    assert {f"{option}=" for option in Config.options} <= names


@pytest.mark.parametrize("client", CLIENTS)
def test_help_documents_each_option(client: type) -> None:
    text = pydoc.plain(pydoc.render_doc(client))
    words = " ".join(text.replace("|", " ").split())
    for name, option in Config.options.items():
        assert f"{name}: {option.__doc__}" in words


@pytest.mark.parametrize("factory", FACTORIES)
def test_the_signature_has_each_option_with_its_default(factory: Callable[..., Any]) -> None:
    parameters = inspect.signature(factory).parameters
    defaults = {name: each.default for name, each in parameters.items() if each.kind is each.KEYWORD_ONLY}
    assert list(parameters)[0] == "config"
    assert defaults == {name: option.make_default() for name, option in Config.options.items()}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_misspelt_option_is_refused_with_the_nearest_name(client: Callable[..., Any]) -> None:
    with pytest.raises(hzclient.errors.InvalidConfigurationError, match="did you mean 'cluster_name'"):
        client(cluster_nam="dev")
