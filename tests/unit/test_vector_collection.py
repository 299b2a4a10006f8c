"""Vector collections against a scripted member, because only Enterprise members have them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hzclient._codec import custom, dynamic_config
from hzclient._codec import vector_collection as codec
from hzclient.vector import Document, IndexConfig, Metric, SearchResult, Type, Vector
from tests.integration.faces import FACES, Face, end_client, make_client
from tests.member.answers import Answer, Bytes
from tests.member.scripted import ScriptedCluster, ScriptedMember
from tests.unit.codec.golden import MESSAGES

VECTOR = Vector("index", Type.DENSE, [1.0, 0.5])


class Store:
    """Contents of the scripted member, by serialized key."""

    def __init__(self, member: ScriptedMember) -> None:
        self.documents: dict[bytes, custom.VectorDocument] = {}
        documents = self.documents

        def put(name: str, key: bytes, value: custom.VectorDocument) -> Any:
            before, documents[key] = documents.get(key), value
            return before

        def put_if_absent(name: str, key: bytes, value: custom.VectorDocument) -> Any:
            before = documents.get(key)
            documents.setdefault(key, value)
            return before

        def set_(name: str, key: bytes, value: custom.VectorDocument) -> None:
            documents[key] = value

        def delete(name: str, key: bytes) -> None:
            documents.pop(key, None)

        member.on(codec.PUT, put)
        member.on(codec.PUT_IF_ABSENT, put_if_absent)
        member.on(codec.SET, set_)
        member.on(codec.PUT_ALL, lambda name, entries: documents.update(entries))
        member.on(codec.GET, lambda name, key: documents.get(key))
        member.on(codec.REMOVE, lambda name, key: documents.pop(key, None))
        member.on(codec.DELETE, delete)
        member.on(codec.SIZE, lambda name: len(documents))
        member.on(codec.CLEAR, lambda name: documents.clear())
        member.on(codec.OPTIMIZE, lambda name, index_name, uuid=None: None)
        member.on(codec.SEARCH_NEAR_VECTOR, self.search)

    def search(self, name: str, vectors: Any, options: custom.VectorSearchOptions) -> Any:
        return [
            custom.VectorSearchResult(
                key,
                document.value if options.include_value else None,
                0.5,
                document.vectors if options.include_vectors else None,
            )
            for key, document in list(self.documents.items())[: options.limit]
        ]


@contextmanager
def member_elsewhere() -> Iterator[ScriptedMember]:
    """Run a scripted member in its own thread, because blocking calls block the test's loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        cluster = ScriptedCluster()
        asyncio.run_coroutine_threadsafe(cluster.__aenter__(), loop).result()
        yield cluster.members[0]
        asyncio.run_coroutine_threadsafe(cluster.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def member() -> Iterator[ScriptedMember]:
    with member_elsewhere() as member:
        Store(member)
        yield member


@pytest.fixture(params=FACES)
async def face(request: pytest.FixtureRequest, member: ScriptedMember) -> AsyncIterator[Face]:
    client = await make_client(request.param, cluster_members=[f"127.0.0.1:{member.address.port}"])
    yield Face(request.param, client)
    await end_client(client)


@pytest.fixture
async def collection(face: Face) -> Any:
    return await face.get("vector_collection", "v")


async def test_documents_by_key(collection: Any) -> None:
    document = Document("value", VECTOR)
    assert await collection.put("k", document) is None
    found = await collection.get("k")
    assert (found.value, found.vectors) == ("value", [VECTOR])
    await collection.set("k", Document("second", [VECTOR, Vector("other", Type.DENSE, [2.0])]))
    before = await collection.put("k", document)
    assert before.value == "second"
    assert [vector.name for vector in before.vectors] == ["index", "other"]
    assert (await collection.remove("k")).value == "value"
    assert await collection.remove("k") is None


async def test_documents_that_are_stored_stay_as_they_were(collection: Any) -> None:
    document = Document("value", VECTOR)
    assert await collection.put_if_absent("k", document) is None
    assert (await collection.put_if_absent("k", Document("other", VECTOR))).value == "value"
    await collection.put("k", document)
    await collection.set("k", document)
    await collection.put_all({"k": document})
    assert document.value == "value"
    assert document.vectors is VECTOR
    assert Vector("index", Type.DENSE, [1.0, 0.5]) == VECTOR


async def test_the_whole_collection(collection: Any) -> None:
    assert await collection.put_all({key: Document(key, VECTOR) for key in range(20)}) is None
    assert await collection.size() == 20
    await collection.delete(3)
    assert await collection.get(3) is None
    await collection.clear()
    assert await collection.size() == 0


async def test_search(member: ScriptedMember, collection: Any) -> None:
    await collection.set("k", Document("value", VECTOR))
    assert await collection.search_near_vector(VECTOR) == [SearchResult("k", None, 0.5, [])]
    assert await collection.search_near_vector(
        VECTOR, include_value=True, include_vectors=True, limit=1, hints={"hint": "1"}
    ) == [SearchResult("k", "value", 0.5, [VECTOR])]
    with pytest.raises(AssertionError):
        await collection.search_near_vector(VECTOR, limit=0)


async def test_optimize(member: ScriptedMember, collection: Any) -> None:
    await collection.optimize()
    await collection.optimize("index")
    assert len(member.requests_of(codec.OPTIMIZE)) == 2


async def test_none_is_refused(collection: Any) -> None:
    for call in (
        *(lambda: collection.get(None), lambda: collection.put("k", None), lambda: collection.set(None, 1)),
        *(lambda: collection.put("k", Document(None, VECTOR)), lambda: collection.put_all(None)),
        lambda: collection.search_near_vector(None),
    ):
        with pytest.raises(AssertionError):
            await call()


async def test_a_search_byte_by_byte(member: ScriptedMember, collection: Any) -> None:
    """Compare the request with the official client's, and read the response of an Enterprise member."""

    def answer(name: str, vectors: Any, options: custom.VectorSearchOptions) -> Answer:
        return Bytes(of_call(MESSAGES["vector-search-response"].content, correlation_id(member)))

    member.on(codec.SEARCH_NEAR_VECTOR, answer)
    found = await collection.search_near_vector(
        Vector("", Type.DENSE, [0.5, -1.0, 3.25]), include_value=True, limit=5, hints={"h": "1"}
    )
    (request,) = member.requests_of(codec.SEARCH_NEAR_VECTOR)
    golden = of_call(MESSAGES["vector-search-request"].content, correlation_id(member))
    assert body(request.message.buffer).hex() == body(golden).hex()
    assert found == [
        SearchResult("k1", None, 0.25, []),
        SearchResult("k2", 1, -2.0, [Vector("", Type.DENSE, [1.0])]),
    ]


def correlation_id(member: ScriptedMember) -> int:
    """Return the id of the search that arrived last."""
    return member.requests_of(codec.SEARCH_NEAR_VECTOR)[-1].message.correlation_id


def of_call(content: bytes, correlation_id: int) -> bytes:
    """Return a message with another correlation id."""
    return content[:10] + correlation_id.to_bytes(8, "little") + content[18:]


def body(content: bytes) -> bytes:
    """Return a request without the flags of its first frame, which say how backups are acknowledged."""
    return content[:4] + content[6:]


async def test_configuration(member: ScriptedMember, face: Face) -> None:
    told: list[Any] = []
    member.on(dynamic_config.ADD_VECTOR_COLLECTION_CONFIG, lambda *args, **_: told.append(args))
    create = face.client.create_vector_collection_config
    await face.result(
        create("vectors", [IndexConfig("index", Metric.COSINE, 2)], backup_count=2, merge_batch_size=7)
    )
    ((name, indexes, *others),) = told
    assert name == "vectors"
    (index,) = indexes
    assert (index.name, index.metric, index.dimension) == ("index", Metric.COSINE, 2)
    assert (index.max_degree, index.ef_construction, index.use_deduplication) == (32, 100, True)
    assert others[:5] == [2, 0, None, "PutIfAbsentMergePolicy", 7]
    twice = IndexConfig("same", Metric.DOT, 2)
    with pytest.raises(AssertionError, match="different names"):
        await face.result(create("vectors", [twice, twice]))
