"""Vector collections against a scripted member, since only Enterprise members have them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hzclient._codec import custom, dynamic_config
from hzclient._codec import vector_collection as codec
from hzclient.asyncio import HazelcastClient
from hzclient.vector import Document, IndexConfig, Metric, SearchResult, Type, Vector
from tests.member.scripted import ScriptedCluster, ScriptedMember

VECTOR = Vector("index", Type.DENSE, [1.0, 0.5])


class Store:
    """What the scripted member keeps, by serialized key."""

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
        member.on(codec.OPTIMIZE, lambda name, index_name, uuid: None)
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


@pytest.fixture
async def member() -> AsyncIterator[ScriptedMember]:
    async with ScriptedCluster() as cluster:
        Store(cluster.members[0])
        yield cluster.members[0]


@pytest.fixture
async def client(member: ScriptedMember) -> AsyncIterator[HazelcastClient]:
    address = f"{member.address.host}:{member.address.port}"
    async with HazelcastClient(cluster_members=[address]) as client:
        yield client


@pytest.fixture
async def collection(client: HazelcastClient) -> Any:
    return await client.get_vector_collection("vectors")


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


async def test_put_if_absent_leaves_its_argument_alone(collection: Any) -> None:
    document = Document("value", VECTOR)
    assert await collection.put_if_absent("k", document) is None
    assert (document.value, document.vectors) == ("value", VECTOR)
    assert (await collection.put_if_absent("k", Document("other", VECTOR))).value == "value"


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


async def test_configuration(member: ScriptedMember, client: HazelcastClient) -> None:
    told: list[Any] = []
    member.on(dynamic_config.ADD_VECTOR_COLLECTION_CONFIG, lambda *args: told.append(args))
    await client.create_vector_collection_config(
        "vectors", [IndexConfig("index", Metric.COSINE, 2)], backup_count=2, merge_batch_size=7
    )
    ((name, indexes, *others),) = told
    assert name == "vectors"
    (index,) = indexes
    assert (index.name, index.metric, index.dimension) == ("index", Metric.COSINE, 2)
    assert (index.max_degree, index.ef_construction, index.use_deduplication) == (32, 100, True)
    assert others[:5] == [2, 0, None, "PutIfAbsentMergePolicy", 7]
    twice = IndexConfig("same", Metric.DOT, 2)
    with pytest.raises(AssertionError, match="different names"):
        await client.create_vector_collection_config("vectors", [twice, twice])
