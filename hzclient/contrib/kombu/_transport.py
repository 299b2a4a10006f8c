# kombu has no types: its base classes and what they return cannot be checked.
# pyright: reportUntypedBaseClass=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false, reportUnknownParameterType=false
# pyright: reportIncompatibleVariableOverride=false, reportIncompatibleMethodOverride=false
"""The transport: kombu's virtual channels over a `MessageStore`."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty
from typing import Any, Final, cast

from kombu.exceptions import ChannelError
from kombu.transport import virtual
from kombu.utils.json import dumps, loads

import hzclient
from hzclient.config import ClientOptions
from hzclient.contrib._shared import NEVER, UNAVAILABLE, options_of_url
from hzclient.contrib._shared.urls import SCHEME, without_password
from hzclient.contrib.kombu._fanout import Subscription, end_quietly
from hzclient.contrib.kombu._keeper import Keeper
from hzclient.contrib.kombu._store import MessageStore
from hzclient.contrib.kombu._wakeup import Wakeup
from hzclient.errors import ClientOfflineError

_logger = logging.getLogger("hzclient.contrib.kombu")

PRIORITY_STEPS: Final = (0, 3, 6, 9)
VISIBILITY_TIMEOUT: Final = 60.0
DEADLINE: Final = 10.0
_POLLS_IN_DOUBT: Final = 3
"""Number of consecutive polls with an unknown outcome after which the connection counts as lost."""

_OPTIONS: Final = frozenset(
    {
        *("client", "prefix", "priority_steps", "visibility_timeout", "deadline", "polling_interval"),
        *(
            "body_encoding",
            "deadletter_queue",
            "max_retries",
            "interval_start",
            "interval_step",
            "interval_max",
        ),
        *("connect_retries_timeout", "errback", "callback", "confirm_publish"),
    }
)


class QoS(virtual.QoS):
    """Messages that a channel has delivered and that were not acknowledged yet."""

    channel: Channel
    _delivered: Any

    def ack(self, delivery_tag: str) -> None:
        """Delete a message."""
        self.channel.let_go(delivery_tag, self.channel.store.delete)
        super().ack(delivery_tag)
        self.channel.wake()

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Delete a message, or put it back into its queue.

        Args:
            delivery_tag: Its tag.
            requeue: If set, it is put back.
        """
        if requeue:
            self.channel.put_back(delivery_tag)
        else:
            self.channel.let_go(delivery_tag, self.channel.store.delete)
        super().ack(delivery_tag)
        self.channel.wake()

    def restore_unacked(self) -> list[Any]:
        """Put all messages back. Those for which that fails follow when their lease is over."""
        self._flush()
        try:
            while self._delivered:
                self.channel.put_back(next(iter(self._delivered)))
                self._delivered.popitem(last=False)
        except Exception as error:
            _logger.warning(
                "%d messages are delivered again only when their lease is over: %r",
                len(self._delivered),
                error,
            )
            self._delivered.clear()
        return []


class Channel(virtual.Channel):
    """Channel whose queues are in the cluster.

    Args:
        connection: The transport.
        **kwargs: Arguments of kombu's channel.
    """

    QoS = QoS
    connection: Transport
    supports_fanout = True

    def __init__(self, connection: Transport, **kwargs: Any) -> None:
        self.store: MessageStore = connection.store
        self._wakeup = connection.wakeup
        self._held: dict[str, int] = {}  # states of the messages that this channel holds, by key
        self._lock = threading.Lock()  # of the above, which acknowledging threads and the keeper change
        self._expiries: dict[str, float] = {}  # of declared queues, in seconds
        self._ttls: dict[str, float] = {}
        self._ends: dict[str, Callable[[], None]] = {}  # of listeners, by queue
        self._no_ack: set[str] = set()
        self._filled: set[tuple[str, int]] = set()  # queues and steps that may have messages
        self._recheck_at: dict[str, float] = {}
        self._doubts = 0
        super().__init__(connection, **kwargs)

    def wake(self) -> None:
        """Let the consuming thread look for messages."""
        self._wakeup.set()

    # ------------------------------------------------------------------------------------------- publishing

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        step = self.store.step_of(self._get_message_priority(message))
        properties = message["properties"]
        ttl = self._ttls.get(queue, NEVER)
        if properties.get("expiration"):
            own = int(properties["expiration"]) / 1000
            ttl = min(ttl, own) if ttl else own
        try:
            self.store.put(queue, step, properties["delivery_tag"], dumps(message), ttl)
        except OverflowError as error:
            raise ChannelError(str(error)) from error

    def _put_fanout(self, exchange: str, message: dict[str, Any], routing_key: str, **kwargs: Any) -> None:
        self.store.publish(exchange, dumps(message))

    # ------------------------------------------------------------------------------------------- consuming

    def basic_consume(
        self, queue: str, no_ack: bool, callback: Callable[..., Any], consumer_tag: str, **kwargs: Any
    ) -> None:
        """Consume from a queue.

        Args:
            queue: Name of the queue.
            no_ack: If set, messages count as acknowledged as soon as they are delivered.
            callback: Called with each message.
            consumer_tag: What identifies the consumer.
            **kwargs: Other arguments of kombu's channel.
        """
        if queue not in self._ends and queue not in self.connection.subscriptions:
            self._ends[queue] = self._listen(queue)
        if no_ack:
            self._no_ack.add(queue)
        super().basic_consume(queue, no_ack, callback, consumer_tag, **kwargs)
        self.connection.keeper.start()
        self.wake()

    def _listen(self, queue: str) -> Callable[[], None]:
        def notify(step: int) -> None:
            self._filled.add((queue, step))
            self.wake()

        return self.store.on_added(queue, notify)

    def basic_qos(self, prefetch_size: int = 0, prefetch_count: int = 0, apply_global: bool = False) -> None:
        """Change how many messages this channel may hold.

        Args:
            prefetch_size: Not used.
            prefetch_count: The number of messages; 0 for no limit.
            apply_global: Not used.
        """
        super().basic_qos(prefetch_size, prefetch_count, apply_global)
        self.wake()

    def basic_cancel(self, consumer_tag: str) -> None:
        """End a consumer.

        Args:
            consumer_tag: What identifies it.
        """
        queue = self._tag_to_queue.get(consumer_tag)
        super().basic_cancel(consumer_tag)
        if queue is not None and queue not in self._active_queues:
            self._no_ack.discard(queue)
            self._recheck_at.pop(queue, None)
            end = self._ends.pop(queue, None)
            if end is not None:
                end_quietly(end, queue)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        """Return the next message of a queue.

        Args:
            queue: Name of the queue.
            no_ack: If set, it counts as acknowledged at once.
            **kwargs: Not used.

        Returns:
            The message; None if there is none.
        """
        message: Any = super().basic_get(queue, no_ack, **kwargs)
        if message is not None:
            if no_ack:
                self.let_go(message.delivery_tag, self.store.delete)
            else:
                self.connection.keeper.start()
        return message

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        subscription = self.connection.subscriptions.get(queue)
        if subscription is not None:
            content = subscription.next()
            if content is None:
                raise Empty
            return cast("dict[str, Any]", loads(content))
        for step in self._steps_to_poll(queue):
            message = self._take(queue, step)
            if message is not None:
                return message
        raise Empty

    def _steps_to_poll(self, queue: str) -> Iterable[int]:
        """Return the steps that may have messages, the highest priority first.

        Listeners report what is added. In case that one of their events was lost, all steps are polled once
        per `polling_interval`.
        """
        steps = self.store.steps[::-1]
        if queue not in self._ends:
            return steps
        now = time.monotonic()
        if now >= self._recheck_at.get(queue, 0.0):
            self._recheck_at[queue] = now + self.connection.recheck_interval
            self._filled.update((queue, step) for step in steps)
        return [step for step in steps if (queue, step) in self._filled]

    def _take(self, queue: str, step: int) -> dict[str, Any] | None:
        self._filled.discard((queue, step))  # before the poll: what is added from now on is reported anew
        try:
            taken = self.store.take(queue, step)
        except UNAVAILABLE as error:
            self._filled.add((queue, step))
            self._doubts += 1
            if isinstance(error, ClientOfflineError) or self._doubts >= _POLLS_IN_DOUBT:
                raise
            _logger.info("the outcome of a poll of queue %r is unknown: %r", queue, error)
            return None
        self._doubts = 0
        if taken is None:
            return None
        self._filled.add((queue, step))
        message = cast("dict[str, Any]", loads(taken.content))
        message["properties"]["delivery_tag"] = taken.key
        if taken.again:
            message["headers"]["redelivered"] = True
            message["properties"]["delivery_info"]["redelivered"] = True
        if queue in self._no_ack:
            self.store.delete(taken.key)
        else:
            with self._lock:
                self._held[taken.key] = taken.until
        return message

    # --------------------------------------------------------------------------------- messages that it holds

    def let_go(self, tag: str, do: Callable[[str], object]) -> None:
        """Do something with a message, after which this channel does not hold it any more."""
        if tag in self._held:
            do(tag)
            with self._lock:
                self._held.pop(tag, None)

    def put_back(self, tag: str) -> None:
        """Put a message back into its queue."""
        with self._lock:
            until = self._held.pop(tag, None)
        if until is not None:
            try:
                self.store.put_back(tag, until)
            except BaseException:
                with self._lock:
                    self._held[tag] = until
                raise

    def renew(self) -> None:
        """Let the leases of all messages that it holds begin anew."""
        with self._lock:
            held = dict(self._held)
        if not held:
            return
        renewed = self.store.renew(held)
        with self._lock:
            lost = [tag for tag in held if tag not in renewed and tag in self._held]
            for tag in lost:
                del self._held[tag]
            self._held.update((tag, state) for tag, state in renewed.items() if tag in self._held)
        if lost:
            _logger.warning(
                "the lease of %d messages was over before it was renewed: they are delivered again", len(lost)
            )

    def _restore(self, message: Any) -> None:
        self.put_back(message.delivery_tag)

    # -------------------------------------------------------------------------------------- queues, exchanges

    def _new_queue(self, queue: str, auto_delete: bool = False, **kwargs: Any) -> None:
        arguments = kwargs.get("arguments") or {}
        self._expiries[queue] = arguments.get("x-expires", 0) / 1000
        ttl = arguments.get("x-message-ttl", 0) / 1000
        if ttl:
            self._ttls[queue] = ttl
        self.store.declare(queue, self._expiries[queue])

    def prepare_queue_arguments(self, arguments: dict[str, Any] | None, **kwargs: Any) -> dict[str, Any]:
        """Return the arguments with which a queue is declared.

        Args:
            arguments: Those that the user gave.
            **kwargs: Options of the queue; `expires` and `message_ttl`, in seconds, have an effect.

        Returns:
            The arguments.
        """
        times = {"x-expires": kwargs.get("expires"), "x-message-ttl": kwargs.get("message_ttl")}
        given = {name: int(seconds * 1000) for name, seconds in times.items() if seconds is not None}
        return {**(arguments or {}), **given}

    def consumed_queues(self) -> list[str]:
        """Return the names of the queues that it consumes."""
        return list(self._active_queues)

    def renew_queues(self) -> None:
        """Keep the queues that it consumes from expiring."""
        for queue in self.consumed_queues():
            expires = self._expiries.get(queue, NEVER)
            if expires:
                self.store.declare(queue, expires)

    def shortest_expiry(self) -> float:
        """Return the seconds until the first queue that it consumes expires."""
        expiries = [self._expiries.get(queue, NEVER) for queue in self.consumed_queues()]
        return min((each for each in expiries if each), default=float("inf"))

    def _has_queue(self, queue: str, **kwargs: Any) -> bool:
        return self.store.exists(queue)

    def _size(self, queue: str) -> int:
        subscription = self.connection.subscriptions.get(queue)
        return self.store.size(queue) if subscription is None else len(subscription)

    def _purge(self, queue: str) -> int:
        subscription = self.connection.subscriptions.get(queue)
        return self.store.purge(queue) if subscription is None else subscription.purge()

    def queue_delete(
        self, queue: str, if_unused: bool = False, if_empty: bool = False, **kwargs: Any
    ) -> None:
        """Delete a queue with its messages.

        Args:
            queue: Name of the queue.
            if_unused: Not used, as in kombu's other virtual transports.
            if_empty: If set, it is only deleted if it has no messages.
            **kwargs: Not used.
        """
        if if_empty and self._size(queue):
            return
        super().queue_delete(queue, **kwargs)
        subscription = self.connection.subscriptions.pop(queue, None)
        if subscription is not None:
            subscription.close()
        self._expiries.pop(queue, None)
        self._ttls.pop(queue, None)
        self.store.drop(queue)

    def _delete(
        self, queue: str, exchange: str, routing_key: str, pattern: Any, *args: Any, **kwargs: Any
    ) -> None:
        self.store.unbind(exchange, _binding(routing_key, pattern, queue))

    def _queue_bind(self, exchange: str, routing_key: str, pattern: Any, queue: str) -> None:
        if self.typeof(exchange).type == "fanout":
            # From now on, not only when it is consumed: what is published meanwhile is for it too.
            wake = self.connection.wakeup.set
            self.connection.subscriptions[queue] = Subscription(self.store, exchange, queue, wake)
        else:
            self.store.bind(exchange, _binding(routing_key, pattern, queue))

    def queue_unbind(
        self,
        queue: str,
        exchange: str | None = None,
        routing_key: str = "",
        arguments: Any = None,
        **kwargs: Any,
    ) -> None:
        """Unbind a queue from an exchange.

        Args:
            queue: Name of the queue.
            exchange: Name of the exchange.
            routing_key: Key of the binding.
            arguments: Arguments of the binding.
            **kwargs: Other arguments of kombu's channel.
        """
        super().queue_unbind(queue, exchange, routing_key, arguments, **kwargs)
        meta = self.typeof(exchange).prepare_bind(queue, exchange, routing_key, arguments)
        self.store.unbind(exchange or "amq.direct", _binding(*meta))

    def get_table(self, exchange: str) -> list[Any]:
        """Return the bindings of an exchange. Those of queues that have expired are removed."""
        texts = self.store.bindings(exchange)
        table = [(routing_key, pattern, queue) for routing_key, pattern, queue in map(json.loads, texts)]
        missing = self.store.missing(queue for _, _, queue in table)
        for binding in table:
            if binding[2] in missing:
                self.store.unbind(exchange, _binding(*binding))
        for queue in missing:
            _logger.info("queue %r has expired and is deleted", queue)
            self.store.drop(queue)
        return [binding for binding in table if binding[2] not in missing]

    def close(self) -> None:
        """End all consumers, and put back what was not acknowledged."""
        super().close()
        for queue in list(self._ends):
            end_quietly(self._ends.pop(queue), queue)


_Channel = Channel
"""Its name inside `Transport`, which has an attribute `Channel`."""


def _binding(routing_key: str, pattern: Any, queue: str) -> str:
    text = pattern.pattern if isinstance(pattern, re.Pattern) else pattern
    return json.dumps([routing_key, text, queue])


class Transport(virtual.Transport):
    """Transport of kombu over a Hazelcast cluster.

    The URL is `hazelcast://user:password@host:port,host:port/?cluster_name=dev`.

    `transport_options` may have:

    - `client`: a dict of options of `hzclient.HazelcastClient`, which take precedence over those of the URL;
    - `visibility_timeout`: seconds after which the messages of a consumer that has died are delivered again
      (60); a consumer that lives keeps its messages;
    - `priority_steps`: priorities that are told apart, in ascending order ([0, 3, 6, 9]); 9 comes first;
    - `prefix`: what the names of all structures begin with (`"kombu"`);
    - `polling_interval`: seconds after which a consumer polls even if it was not notified (5.0);
    - `deadline`: seconds that a call may take (10.0).

    Args:
        client: The connection of kombu.
        **kwargs: Arguments of kombu's transport.

    Attributes:
        store: Where the messages are.
        keeper: Renews leases and repairs queues while this transport consumes.
        wakeup: Set when there may be messages.
        subscriptions: Queues that are bound to fan-out exchanges, by name.
        recheck_interval: Seconds between polls without notification.

    Raises:
        ValueError: The URL or an option is wrong.
    """

    Channel = Channel
    channels: list[_Channel]
    can_parse_url = True
    default_port = 5701
    driver_type = "hazelcast"
    driver_name = "hzclient"
    polling_interval = None
    connection_errors = (*virtual.Transport.connection_errors, *UNAVAILABLE)
    channel_errors = (*virtual.Transport.channel_errors, ChannelError)
    implements = virtual.Transport.implements.extend(
        asynchronous=True, exchange_type=frozenset(["direct", "topic", "fanout"]), heartbeats=False
    )

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        options: dict[str, Any] = client.transport_options
        if unknown := sorted(options.keys() - _OPTIONS):
            raise ValueError(
                f"unknown transport_options of the {SCHEME} transport: {', '.join(unknown)}; options of the "
                "client belong into 'client'"
            )
        lease = float(options.get("visibility_timeout", VISIBILITY_TIMEOUT))
        if not lease > 0:
            raise ValueError(f"visibility_timeout must be more than 0 seconds, not {lease!r}")
        steps = tuple(sorted(options.get("priority_steps", PRIORITY_STEPS)))
        if not steps:
            raise ValueError("priority_steps must have at least one priority")
        self.recheck_interval = float(options.get("polling_interval", 5.0))
        self.store = MessageStore(
            _client_options(client, options.get("client")),
            prefix=options.get("prefix", "kombu"),
            steps=steps,
            lease=lease,
            deadline=float(options.get("deadline", DEADLINE)),
            margin=min(10.0, lease / 2),
        )
        self.wakeup = Wakeup()
        self.subscriptions: dict[str, Subscription] = {}
        self.keeper = Keeper(self, self.store)

    def driver_version(self) -> str:
        """Return the version of hzclient."""
        return hzclient.__version__

    def as_uri(self, uri: str, include_password: bool = False, mask: str = "**") -> str:
        """Return a URL, its password masked unless `include_password` is set."""
        return uri if include_password else without_password(uri)

    def establish_connection(self) -> Any:
        """Call the cluster, so that an error is raised now if it is unavailable."""
        self.store.ping()
        return super().establish_connection()

    def close_connection(self, connection: Any) -> None:
        """Close all channels."""
        self.wakeup.unregister()
        self.keeper.stop()
        super().close_connection(connection)
        while self.subscriptions:
            self.subscriptions.popitem()[1].close()

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        """Deliver messages on an event loop from now on, as Celery's worker wants it.

        Args:
            connection: Not used.
            loop: kombu's event loop.
        """
        self.wakeup.register(loop, self._deliver_next, self.recheck_interval)

    def _deliver_next(self) -> bool:
        try:
            cast(Any, self.cycle).get(self._deliver, timeout=0)
        except Empty:
            return False
        return True

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """Wait for a message and deliver it.

        Args:
            connection: Not used.
            timeout: Seconds to wait; None waits without limit.

        Raises:
            socket.timeout: There was none.
        """
        ends = None if timeout is None else time.monotonic() + timeout
        while True:
            self.wakeup.clear()
            try:
                cast(Any, self.cycle).get(self._deliver, timeout=timeout)
                return
            except Empty:
                left = self.recheck_interval
                if ends is not None:
                    left = min(left, ends - time.monotonic())
                    if left <= 0:
                        raise TimeoutError from None
                self.wakeup.wait(left)

    def _reject_inbound_message(self, raw_message: dict[str, Any]) -> None:
        tag = raw_message["properties"]["delivery_tag"]
        for channel in self.channels:
            channel.put_back(tag)  # it does nothing if another one holds the message


def _client_options(client: Any, given: ClientOptions | None) -> ClientOptions:
    """Return the options of the client for a connection, whose alternates are members of one cluster."""
    urls: list[str] = [url for url in (*client.alt, client.hostname or "") if "://" in url]
    if urls:
        parsed = [options_of_url(url) for url in dict.fromkeys(urls)]
        options: dict[str, Any] = dict(parsed[0])
        members = [address for each in parsed for address in each.get("cluster_members") or ()]
        options["cluster_members"] = list(dict.fromkeys(members))
    else:
        address = f"{client.hostname or '127.0.0.1'}:{client.port or Transport.default_port}"
        options = {"cluster_members": [address]}
        if client.userid:
            options |= {"creds_username": client.userid, "creds_password": client.password or ""}
    return cast(ClientOptions, {"redo_operation": True, **options, **(given or {})})
