"""Predicates, aggregators and projections: what they refuse, and the state of paging predicates."""

from collections.abc import Callable
from typing import Any

import pytest

from hzclient import aggregator, predicate, projection
from hzclient.serialization._options import IntType, SerializationOptions
from hzclient.serialization._service import SerializationService
from hzclient.serialization.data import Data
from hzclient.util import IterationType

SERVICE = SerializationService(
    SerializationOptions(
        data_serializable_factories={
            predicate.Predicate.FACTORY_ID: predicate.FACTORY,
            aggregator.Aggregator.FACTORY_ID: aggregator.FACTORY,
            projection.Projection.FACTORY_ID: projection.FACTORY,
        },
        default_int_type=IntType.LONG,
    )
)

INNER = predicate.equal("name", None)
PREDICATES = [
    predicate.sql("a = 1"),
    INNER,
    predicate.not_equal("a", [1, 2]),
    predicate.like("a", None),
    predicate.ilike("a", "A%"),
    predicate.regex("a", ".*"),
    predicate.and_(),
    predicate.and_(INNER, predicate.true()),
    predicate.or_(INNER),
    predicate.not_(INNER),
    predicate.between("a", 1, 2),
    predicate.in_("a"),
    predicate.in_("a", 1, None, "x"),
    predicate.instance_of("java.lang.Integer"),
    predicate.false(),
    predicate.true(),
    predicate.greater("a", 1),
    predicate.greater_or_equal("a", 1.5),
    predicate.less("a", "x"),
    predicate.less_or_equal("a", True),
    predicate.paging(INNER, 3),
    predicate.paging(None, 1, INNER),
    predicate.partition("key", INNER),
    predicate.multi_partition({"k1", 2}, INNER),
]
AGGREGATORS = [getattr(aggregator, name)("a.b") for name in aggregator.__all__ if name.islower()]
PROJECTIONS = [
    projection.single_attribute("a[0]"),
    projection.multi_attribute("a", "b"),
    projection.identity(),
]


@pytest.mark.parametrize("query", [*PREDICATES, *AGGREGATORS, *PROJECTIONS], ids=repr)
def test_round_trip(query: Any) -> None:
    read = SERVICE.decode(SERVICE.encode(query))
    assert read == query
    assert SERVICE.encode([query])[12:] == (-2).to_bytes(4, "big", signed=True) + SERVICE.encode(query)[8:]


def test_different_queries_differ() -> None:
    everything = [*PREDICATES, *AGGREGATORS, *PROJECTIONS]
    assert len({SERVICE.encode(query) for query in everything}) == len(everything)
    assert not any(one == other for one in everything for other in everything if one is not other)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: predicate.paging(predicate.paging(INNER, 1), 1), TypeError),
        (lambda: predicate.paging(INNER, 0), ValueError),
        (lambda: predicate.paging(INNER, -1), ValueError),
        (lambda: projection.single_attribute(""), ValueError),
        (lambda: projection.single_attribute("a[any].b"), ValueError),
        (lambda: projection.multi_attribute(), ValueError),
        (lambda: projection.multi_attribute("a", "b[any]"), ValueError),
    ],
)
def test_refused(make: Callable[[], Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        make()


def test_paging() -> None:
    paging = predicate.paging(INNER, 3)
    assert (paging.page, paging.page_size, paging.anchors) == (0, 3, [])
    assert paging.previous_page() == 0
    assert paging.next_page() == 1
    assert paging.next_page() == 2
    assert paging.previous_page() == paging.page == 1
    paging.page = 7
    anchor = predicate.Anchor(6, Data(SERVICE.encode("key")), Data(SERVICE.encode(5)))
    paging.anchors.append(anchor)
    paging.iteration_type = IterationType.KEY
    assert paging.next_page() == 8
    assert paging.anchors == [anchor]
    with pytest.raises(ValueError, match="-1"):
        paging.page = -1
    assert paging.page == 8
    read = SERVICE.decode(SERVICE.encode(paging))
    assert read.anchors == [predicate.Anchor(6, "key", 5)]
    assert read.iteration_type == IterationType.KEY
    paging.reset()
    assert (paging.page, paging.anchors, paging.iteration_type) == (0, [], IterationType.ENTRY)
