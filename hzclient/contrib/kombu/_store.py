"""Messages in a cluster: what is stored, who may have a message, and how none gets lost.

A message has a key, `queue/step/id`, and three things are stored for it:

- its content, in a map, under the key; it never changes;
- its state, in another map, under the key: a positive number is the time at which it was offered, and the
  message is free; a negative number is the end of the lease of the consumer that holds it;
- a hint, in the Hazelcast queue of its kombu queue and priority: the time at which it was offered, and the
  key.

Theory. A message exists from the time its state is stored until its state is deleted, and the state alone
says whether it is free. A consumer gets a message by replacing the state "free since T" by "mine until U",
as one compare-and-set, where T is the time in the hint that it polled. So of several consumers, or of
several hints, at most one gets it, and a hint of an earlier offer is void. What the queue of hints gives is
order and a cheap "next one, please"; what it holds need not be exact.

Nothing is lost, whatever dies and whenever:

- A publisher stores content, then state, then the hint. If it dies before the state, the publication has
  failed and nobody will see the message. If it dies before the hint, the message is free without a hint.
- A consumer that dies after the poll and before the compare-and-set leaves a free message without a hint.
  So does a poll whose response was lost with the connection.
- A consumer that dies later leaves a lease that nobody renews.
- A consumer that acknowledges deletes content, then state. They have the same key, therefore the same
  partition, and travel over the same connection in this order. If only the first arrives, the next consumer
  finds no content and deletes the state.

`restore_expired()` ends leases that are over: the state becomes "free since now", as a compare-and-set, and
a new hint is offered. `restore_unhinted()` offers a new hint for free messages that have none. It need not
search the queue: hints are polled in the order in which they were offered, so if the hint at the head was
offered at H, a free message that was offered long before H has no hint any more. "Long" is a margin for
clocks that differ and for publishers that are slow. If it is too short, a message gets a second hint, and
the first one is void.

The worst that may happen is that a message is delivered twice: if a consumer does not renew its lease in
time, or dies after it did the work and before it acknowledged. The clocks of all consumers should agree to
within a fraction of the lease.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeVar

import hzclient
from hzclient import predicate
from hzclient.config import ClientOptions, IndexType
from hzclient.contrib._shared import Guarded, matching
from hzclient.contrib._shared.values import NEVER
from hzclient.future import Future, ImmediateFuture, combine_futures
from hzclient.proxy.map import Map
from hzclient.proxy.multi_map import MultiMap
from hzclient.proxy.queue import Queue
from hzclient.proxy.topic import Topic

T = TypeVar("T")

_TICKS: Final = 1_000_000
"""Times are stored in microseconds since 1970."""


def _now() -> int:
    return int(time.time() * _TICKS)


class Hint(NamedTuple):
    """What a consumer polls.

    Attributes:
        offered: When the message was offered.
        again: Whether the message may have been delivered before.
        key: Its key.
    """

    offered: int
    again: bool
    key: str

    @classmethod
    def of(cls, text: str) -> Hint:
        """Return the hint that a queue holds as a text."""
        offered, again, key = text.split(":", 2)
        return cls(int(offered), again == "1", key)

    def text(self) -> str:
        """Return what the queue holds."""
        return f"{self.offered}:{int(self.again)}:{self.key}"


class Taken(NamedTuple):
    """A message that a consumer holds.

    Attributes:
        key: Its key.
        until: The state that says so.
        content: Its content.
        again: Whether it may have been delivered before.
    """

    key: str
    until: int
    content: str
    again: bool


class _Structures:
    """The structures of one client, whose calls are limited to a deadline."""

    def __init__(self, client: hzclient.HazelcastClient, prefix: str, deadline: float) -> None:
        self._client = client
        self._prefix = prefix
        self._deadline = deadline
        self._lock = threading.Lock()
        self._queues: dict[tuple[str, int], Queue[str]] = {}
        self._topics: dict[str, Topic[str]] = {}
        self.contents: Map[str, str] = client.get_map(f"{prefix}.messages").with_timeout(deadline)
        self.states: Map[str, int] = client.get_map(f"{prefix}.states").with_timeout(deadline)
        self.states.add_index(["this"], IndexType.SORTED).result()
        self.bindings: MultiMap[str, str] = client.get_multi_map(f"{prefix}.bindings").with_timeout(deadline)
        self.queues: Map[str, float] = client.get_map(f"{prefix}.queues").with_timeout(deadline)
        self.turns: Map[str, int] = client.get_map(f"{prefix}.turns").with_timeout(deadline)

    def hints(self, queue: str, step: int) -> Queue[str]:
        """Return the hints of a queue and a priority."""
        with self._lock:
            found = self._queues.get((queue, step))
            if found is None:
                name = f"{self._prefix}.{queue}.{step}"
                found = self._client.get_queue(name).with_timeout(self._deadline)
                self._queues[queue, step] = found
            return found

    def topic(self, exchange: str) -> Topic[str]:
        """Return the topic of a fan-out exchange."""
        with self._lock:
            found = self._topics.get(exchange)
            if found is None:
                name = f"{self._prefix}.fanout.{exchange}"
                found = self._topics[exchange] = self._client.get_topic(name).with_timeout(self._deadline)
            return found

    def forget(self, queue: str, step: int) -> Queue[str]:
        """Return the hints of a queue that is about to be destroyed, and do not keep them."""
        found = self.hints(queue, step)
        with self._lock:
            self._queues.pop((queue, step), None)
        return found


class MessageStore:
    """Messages of kombu queues in a cluster.

    Args:
        options: Options of the client.
        prefix: What the names of all structures begin with.
        steps: Priorities that have hints of their own, in ascending order.
        lease: Seconds for which a consumer holds a message, unless it renews the lease.
        deadline: Seconds that a call may take.
        margin: Seconds by which clocks may differ and publishers may be slow.

    Attributes:
        steps: As given.
        lease: As given.
    """

    def __init__(
        self,
        options: ClientOptions,
        *,
        prefix: str,
        steps: tuple[int, ...],
        lease: float,
        deadline: float,
        margin: float,
    ) -> None:
        self._guarded = Guarded(
            lambda client: _Structures(client, prefix, deadline), options, deadline=deadline, pause=1.0
        )
        self.steps = steps
        self.lease = lease
        self._margin = int(margin * _TICKS)

    @property
    def _structures(self) -> _Structures:
        return self._guarded.call(ImmediateFuture).result()

    def ping(self) -> None:
        """Call the cluster.

        Raises:
            HazelcastError: The cluster is unavailable.
        """
        self._structures.queues.contains_key("").result()

    def step_of(self, priority: int) -> int:
        """Return the step of a priority: the highest one that is not above it."""
        return max((step for step in self.steps if step <= priority), default=self.steps[0])

    # ------------------------------------------------------------------------------------------- messages

    def put(self, queue: str, step: int, id_: str, content: str, ttl: float = NEVER) -> None:
        """Store a message.

        Args:
            queue: Name of the queue.
            step: Step of its priority.
            id_: Its id, unique in the queue.
            content: Its content.
            ttl: Seconds until it expires; `NEVER` for never.

        Raises:
            OverflowError: The members' configuration limits the size of the queue, and it is full.
        """
        s, key, now = self._structures, f"{queue}/{step}/{id_}", _now()
        stored: list[Future[Any]] = [s.contents.set(key, content, ttl), s.states.put_if_absent(key, now, ttl)]
        combine_futures(stored).result()
        if not s.hints(queue, step).offer(Hint(now, False, key).text()).result():
            self.delete(key)
            raise OverflowError(f"queue {queue!r} is full")

    def take(self, queue: str, step: int) -> Taken | None:
        """Take the next message.

        Args:
            queue: Name of the queue.
            step: Step of the priority.

        Returns:
            The message, which others get if it is not deleted, put back or renewed before its lease ends;
            None if there is none.
        """
        s = self._structures
        while True:
            text = s.hints(queue, step).poll().result()
            if text is None:
                return None
            offered, again, key = Hint.of(text)
            until = -(_now() + int(self.lease * _TICKS))
            content_future = s.contents.get(key)
            if not self._replace(s, key, offered, until).result():
                continue
            content = content_future.result()
            if content is None:
                s.states.delete(key).result()
                continue
            return Taken(key, until, content, again)

    def _replace(self, s: _Structures, key: str, old: int, new: int) -> Future[bool]:
        """Replace a known state. If the request was sent twice, it succeeded if either was carried out."""
        replaced: Future[bool] = s.states.replace_if_same(key, old, new)

        def compare(found: Future[int | None]) -> bool:
            return found.result() == new

        def check(done: Future[bool]) -> Any:
            return True if done.result() else s.states.get(key).continue_with(compare)

        return replaced.continue_with(check)

    def delete(self, key: str) -> None:
        """Delete a message: it was processed, or nobody wants it."""
        s = self._structures
        combine_futures([s.contents.delete(key), s.states.delete(key)]).result()

    def put_back(self, key: str, until: int) -> None:
        """Offer a message again if a consumer still holds it; if its lease was over, others have it."""
        self._offer_again(self._structures, [(key, until)])

    def _offer_again(self, s: _Structures, entries: Iterable[tuple[str, int]]) -> int:
        """Offer messages whose states are known; return the number of those that still had that state."""
        now = _now()
        known = list(entries)
        replaced = combine_futures([self._replace(s, key, state, now) for key, state in known]).result()
        won = [key for (key, _), free in zip(known, replaced, strict=True) if free]
        offers: list[Future[bool]] = []
        for key in won:
            queue, step = place_of(key)
            offers.append(s.hints(queue, step).offer(Hint(now, True, key).text()))
        combine_futures(offers).result()
        return len(won)

    def renew(self, held: dict[str, int]) -> dict[str, int]:
        """Let leases begin anew.

        Args:
            held: The states of messages that a consumer holds, by key.

        Returns:
            Their new states; without those of messages that were deleted, or whose lease was over.
        """
        s = self._structures
        until = -(_now() + int(self.lease * _TICKS))
        replaced = combine_futures(
            [self._replace(s, key, state, until) for key, state in held.items()]
        ).result()
        return {key: until for key, renewed in zip(held, replaced, strict=True) if renewed}

    # ------------------------------------------------------------------------------------------- repairs

    def take_turn(self, job: str, seconds: float) -> bool:
        """Return True if this consumer is the first that asks for a job within some seconds."""
        return self._structures.turns.put_if_absent(job, 1, seconds).result() is None

    def restore_expired(self) -> int:
        """Offer all messages whose lease is over, of all queues; return their number."""
        s = self._structures
        return self._offer_again(s, s.states.entry_set(predicate.between("this", -_now(), -1)).result())

    def restore_unhinted(self, queue: str) -> int:
        """Offer free messages of a queue again if they have no hint; return their number."""
        s = self._structures
        return sum(self._restore_step(s, queue, step) for step in self.steps)

    def _restore_step(self, s: _Structures, queue: str, step: int) -> int:
        head = s.hints(queue, step).peek().result()
        horizon = (_now() if head is None else Hint.of(head).offered) - self._margin
        early = predicate.and_(predicate.between("this", 1, horizon), matching(f"{queue}/{step}/"))
        found = s.states.entry_set(early).result()
        return self._offer_again(s, [(key, state) for key, state in found if place_of(key) == (queue, step)])

    # --------------------------------------------------------------------------------------------- queues

    def declare(self, queue: str, expires: float) -> None:
        """Note that a queue exists.

        Args:
            queue: Name of the queue.
            expires: Seconds until it may be deleted if nobody declares it again; `NEVER` for never.
        """
        self._structures.queues.set(queue, expires, expires).result()

    def exists(self, queue: str) -> bool:
        """Return True if a queue was declared, and neither deleted nor expired."""
        return self._structures.queues.contains_key(queue).result()

    def size(self, queue: str) -> int:
        """Return the number of messages of a queue that are free."""
        s = self._structures
        return sum(combine_futures([s.hints(queue, step).size() for step in self.steps]).result())

    def purge(self, queue: str) -> int:
        """Delete the free messages of a queue; return their number."""
        s, purged = self._structures, 0
        for step in self.steps:
            hints: list[str] = []
            s.hints(queue, step).drain_to(hints).result()
            purged += self._delete_free(s, [(key, at) for at, _, key in map(Hint.of, hints)])
        free = predicate.and_(predicate.greater_or_equal("this", 0), matching(f"{queue}/"))
        found = s.states.entry_set(free).result()
        return purged + self._delete_free(s, [(key, at) for key, at in found if place_of(key)[0] == queue])

    def _delete_free(self, s: _Structures, entries: list[tuple[str, int]]) -> int:
        removed = combine_futures([s.states.remove_if_same(key, state) for key, state in entries]).result()
        gone = [key for (key, _), free in zip(entries, removed, strict=True) if free]
        combine_futures([s.contents.delete(key) for key in gone]).result()
        return len(gone)

    def drop(self, queue: str) -> None:
        """Delete a queue with all its messages, those that consumers hold too."""
        s = self._structures
        s.queues.delete(queue).result()
        found = s.states.key_set(matching(f"{queue}/")).result()
        keys = [key for key in found if place_of(key)[0] == queue]
        combine_futures([each.delete(key) for key in keys for each in (s.contents, s.states)]).result()
        for step in self.steps:
            s.forget(queue, step).destroy()

    def on_added(self, queue: str, notify: Callable[[int], object]) -> Callable[[], None]:
        """Call a function with the step of each message that is offered.

        Args:
            queue: Name of the queue.
            notify: Called in another thread; it must not block.

        Returns:
            A function that ends this.
        """
        s = self._structures
        added: list[tuple[Queue[str], str]] = []
        for step in self.steps:
            hints = s.hints(queue, step)
            added.append((hints, hints.add_listener(item_added_func=_calling(notify, step)).result()))

        def end() -> None:
            combine_futures([hints.remove_listener(id_) for hints, id_ in added]).result()

        return end

    # ------------------------------------------------------------------------------------------- exchanges

    def bind(self, exchange: str, binding: str) -> None:
        """Add a binding to an exchange, if it does not have it yet."""
        self._structures.bindings.put(exchange, binding).result()

    def unbind(self, exchange: str, binding: str) -> None:
        """Remove a binding of an exchange."""
        self._structures.bindings.remove(exchange, binding).result()

    def bindings(self, exchange: str) -> list[str]:
        """Return the bindings of an exchange."""
        return list(self._structures.bindings.get(exchange).result() or ())

    def missing(self, queues: Iterable[str]) -> set[str]:
        """Return those of some queues that do not exist."""
        wanted = set(queues)
        return wanted - self._structures.queues.get_all(list(wanted)).result().keys() if wanted else wanted

    def publish(self, exchange: str, content: str) -> None:
        """Publish to all who listen to a fan-out exchange now."""
        self._structures.topic(exchange).publish(content).result()

    def listen(self, exchange: str, notify: Callable[[str], object]) -> Callable[[], None]:
        """Call a function with what is published to a fan-out exchange.

        Args:
            exchange: Name of the exchange.
            notify: Called in another thread; it must not block.

        Returns:
            A function that ends this.
        """
        topic = self._structures.topic(exchange)
        id_ = topic.add_listener(lambda message: notify(message.message)).result()

        def end() -> None:
            topic.remove_listener(id_).result()

        return end


def _calling(notify: Callable[[int], object], step: int) -> Callable[[object], object]:
    return lambda _: notify(step)


def place_of(key: str) -> tuple[str, int]:
    """Return the queue and the step of a message's key."""
    queue, step, _ = key.rsplit("/", 2)
    return queue, int(step)
