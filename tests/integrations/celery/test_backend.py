"""The result backend without workers: what is stored, for how long, and how parts of chords are counted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.backends.base import BaseKeyValueStoreBackend
from celery.exceptions import ImproperlyConfigured, TimeoutError
from celery.result import GroupResult

from hzclient.contrib._shared import close_shared_clients
from hzclient.contrib.celery import HazelcastBackend
from hzclient.server import LocalCluster
from tests.integration.faces import eventually, unique_name
from tests.internals import private

Make = Callable[..., HazelcastBackend]


@pytest.fixture
def backend_of(hazelcast_cluster: LocalCluster) -> Iterator[Make]:
    """Yield a function that makes backends of applications with given settings."""

    def make(**settings: Any) -> HazelcastBackend:
        app = Celery(
            "test", backend=f"hazelcast://{','.join(hazelcast_cluster.addresses)}/", set_as_current=False
        )
        options = {"map_name": unique_name("results"), "deadline": 20}
        app.conf.update(result_backend_transport_options=options, **settings)
        backend = app.backend
        assert isinstance(backend, HazelcastBackend)
        return backend

    yield make
    close_shared_clients()


def test_values(backend_of: Make) -> None:
    backend = backend_of()
    backend.set("text", "{}")
    backend.set("bytes", b"\x00\xff")
    assert backend.get("text") == "{}"
    assert backend.mget(["bytes", "none", "text"]) == [b"\x00\xff", None, "{}"]
    backend.delete("text")
    assert backend.get("text") is None


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_results(backend_of: Make, compression: str | None) -> None:
    backend = backend_of(result_compression=compression)
    backend.mark_as_done("id", {"a": [1, 2]})
    assert backend.get_result("id") == {"a": [1, 2]}
    assert backend.get_state("id") == "SUCCESS"
    backend.mark_as_failure("bad", ValueError("no luck"))
    assert isinstance(backend.get_result("bad"), ValueError)


async def test_results_expire(backend_of: Make) -> None:
    backend = backend_of(result_expires=3600, result_failure_expires=1)
    backend.mark_as_done("good", 1)
    backend.mark_as_failure("bad", ValueError("no luck"))
    good, bad = (backend.get_key_for_task(id_) for id_ in ("good", "bad"))

    async def is_gone() -> bool:
        return backend.get(bad) is None

    await eventually(is_gone, 20)
    assert backend.get(good) is not None
    backend.expire(good, 1)

    async def is_gone_too() -> bool:
        return backend.get(good) is None

    await eventually(is_gone_too, 20)


def test_a_result_is_reported_to_whoever_waits(backend_of: Make) -> None:
    """Polling alone would see it after an hour."""
    backend = backend_of()
    polls = 0

    def store() -> None:
        nonlocal polls
        polls += 1
        if polls == 1:
            backend.mark_as_started("id")
        else:
            backend.mark_as_done("id", 42)

    assert backend.wait_for("id", interval=3600, on_interval=store)["result"] == 42
    assert polls == 2
    assert backend.wait_for("id", timeout=0)["result"] == 42
    with pytest.raises(TimeoutError):
        backend.wait_for("other", timeout=0.01, interval=3600)


def test_the_error_of_an_earlier_task_comes_first(backend_of: Make) -> None:
    """Celery passes `on_interval`, which raises it: the error in a chord's header, for one."""
    backend = backend_of()

    def raise_cause() -> None:
        raise ValueError("the cause")

    backend.mark_as_failure("body", RuntimeError("the header failed"))
    with pytest.raises(ValueError, match="the cause"):
        backend.wait_for("body", timeout=0, on_interval=raise_cause)
    backend.mark_as_done("good", 42)
    assert backend.wait_for("good", timeout=0, on_interval=raise_cause)["result"] == 42


def test_parts_of_a_chord_are_counted_once(backend_of: Make) -> None:
    backend = backend_of()
    key = backend.get_key_for_chord("group")
    counts = []
    for part in (3, 0, "#id", 0, 3, 200, "#id", 200):
        with private(backend, "_counted").part(part):
            counts.append(backend.incr(key))
    # Only the part that was added last gets the count again: it may have died before it started the body.
    assert counts == [1, 2, 3, 0, 0, 4, 0, 4]
    backend.delete(key)
    with private(backend, "_counted").part(7):
        assert backend.incr(key) == 0
    request = SimpleNamespace(group="group", group_index=1, id="late", chord={"chord_size": 5})
    backend.on_chord_part_return(request, "SUCCESS", 1)  # or it would report that the group does not exist


def part(index: int) -> SimpleNamespace:
    """Return the request of a task in the header of a chord of three."""
    return SimpleNamespace(group="group", group_index=index, id=f"part-{index}", chord={"chord_size": 3})


class Read(BaseException):
    """The group was read."""


def test_the_group_is_read_for_the_last_part_only(backend_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def restore(*_: Any, **__: Any) -> None:
        raise Read

    monkeypatch.setattr(GroupResult, "restore", restore)
    backend = backend_of(result_expires=3600)
    for index in (0, 1, 0):
        backend.on_chord_part_return(part(index), "SUCCESS", 1)
    with pytest.raises(Read):
        backend.on_chord_part_return(part(2), "SUCCESS", 1)


def test_tasks_with_the_same_position_are_told_apart(
    backend_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Celery gives the tasks of a group at the end of a chain the position of the chain."""
    restored: list[str] = []

    def restore(id_: str, **_: Any) -> None:
        restored.append(id_)
        raise Read

    monkeypatch.setattr(GroupResult, "restore", restore)
    backend = backend_of(result_expires=3600)
    requests = [
        SimpleNamespace(group="group", group_index=index, id=id_, chord={"chord_size": 3})
        for index, id_ in ((0, "a"), (0, "b"), (1, "c"))
    ]
    for request in (*requests[:2], *requests[:2]):
        backend.on_chord_part_return(request, "SUCCESS", 1)
    assert restored == []
    with pytest.raises(Read):
        backend.on_chord_part_return(requests[2], "SUCCESS", 1)


def test_tasks_of_groups_in_the_header_are_counted_one_by_one(
    backend_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Celery counts a group in the header as one, if the chord does not know its size."""
    complete: list[Any] = []
    monkeypatch.setattr(
        BaseKeyValueStoreBackend, "on_chord_part_return", lambda _, request, *__: complete.append(request)
    )
    backend = backend_of(result_expires=3600)
    one, two, three = (backend.app.AsyncResult(id_) for id_ in ("one", "two", "three"))
    inner = GroupResult("inner", [two, three], app=backend.app)
    backend.save_group("group", GroupResult("group", [one, inner], app=backend.app))
    requests = [
        SimpleNamespace(group="group", group_index=index, id=id_, chord={})
        for index, id_ in ((0, "one"), (0, "two"), (1, "three"))
    ]
    for request in (*requests[:2], *requests):
        backend.on_chord_part_return(request, "SUCCESS", 1)
    assert complete == requests[2:]
    assert complete[0].chord == {"chord_size": 3}


def test_chords_are_counted_by_older_versions_of_celery(
    backend_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those before 5.7 have no `result_chord_expires`."""
    for name in ("chord_expires", "_chord_result_expires"):
        monkeypatch.delattr(BaseKeyValueStoreBackend, name)
    backend = backend_of(result_expires=3600)
    for index in (0, 1):
        backend.on_chord_part_return(part(index), "SUCCESS", 1)
    key = backend.get_key_for_chord("group")
    assert backend.get(key) not in {None, "done"}
    backend.delete(key)
    assert backend.get(key) == "done"


def test_parts_are_counted_by_many_threads(backend_of: Make) -> None:
    backend = backend_of()
    key = backend.get_key_for_chord("group")
    counts: list[int] = []

    def count(thread: int) -> None:
        for index in range(thread * 10, thread * 10 + 10):
            with private(backend, "_counted").part(index):
                counts.append(backend.incr(key))

    threads = [threading.Thread(target=count, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Whoever was overtaken between its change and its look gets 0; the last one sees all.
    assert max(counts) == counts.count(60) * 60 == 60
    assert len(counts) == 60


@pytest.mark.parametrize(
    ("url", "options", "error"),
    [
        ("hazelcast://a/?colour=red", {}, "'colour' is no option of a hazelcast URL"),
        ("hazelcast://a/", {"map": "m"}, "unknown result_backend_transport_options of HazelcastBackend: map"),
        ("hazelcast://a/", {"deadline": 0}, "deadline must be more than 0 seconds"),
    ],
)
def test_wrong_urls_and_options(url: str, options: dict[str, Any], error: str) -> None:
    app = Celery("test", backend=url, set_as_current=False)
    app.conf.update(result_backend_transport_options=options)
    with pytest.raises(ImproperlyConfigured, match=error):
        app.backend  # noqa: B018


def test_passwords_are_not_shown() -> None:
    app = Celery("test", backend="hazelcast://ann:secret@a,b/", set_as_current=False)
    assert app.backend.as_uri() == "hazelcast://ann:**@a,b/"
    assert "secret" in app.backend.as_uri(include_password=True)
