"""Queue, ringbuffer, transactions, topic, id generator and PN counter against Python models, in all faces."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.integration.faces import unique_name
from tests.integration.models.disturbed import Disturbed
from tests.integration.models.table import QUEUE, RINGBUFFER, Checked
from tests.integration.models.transactions import Transactions
from tests.integration.models.weak import Counter, Ids, Topic


class StructuresModel(RuleBasedStateMachine):
    """All of them, so that they share the kills of a member, which take most of the time.

    Args:
        disturbed: The members and the clients.
    """

    def __init__(self, disturbed: Disturbed) -> None:
        super().__init__()
        self.disturbed = disturbed
        name = unique_name("model")
        disturbed.blocking.get_ringbuffer(name).blocking().add(7)
        self.queue = Checked(disturbed, QUEUE, name)
        self.ringbuffer = Checked(disturbed, RINGBUFFER, name)
        self.transactions = Transactions(disturbed, name)
        self.topic = Topic(disturbed, name)
        self.ids = Ids(disturbed, name)
        self.counter = Counter(disturbed, name)

    @rule(data=st.data())
    def change_queue(self, data: Any) -> None:
        self.queue.step(data.draw)

    @rule(data=st.data())
    def change_ringbuffer(self, data: Any) -> None:
        self.ringbuffer.step(data.draw)

    @rule(data=st.data())
    def run_transactions(self, data: Any) -> None:
        self.transactions.step(data.draw)

    @rule(data=st.data())
    def publish(self, data: Any) -> None:
        self.topic.step(data.draw)

    @rule(data=st.data())
    def make_ids(self, data: Any) -> None:
        self.ids.step(data.draw)

    @rule(data=st.data())
    def count(self, data: Any) -> None:
        self.counter.step(data.draw)

    @invariant()
    def disturb(self) -> None:
        if self.disturbed.step(self.settle):
            self.counter.forget()

    def settle(self) -> None:
        self.topic.settle()
        self.counter.settle()
        self.counter.unsettle()

    def teardown(self) -> None:
        self.transactions.end()
        self.topic.end()


@pytest.mark.timeout(300)
def test_structures(disturbed: Disturbed) -> None:
    disturbed.run(StructuresModel)
