"""The place of a consumer on kombu's event loop, beside a pool that passes tasks on at a tick."""

from __future__ import annotations

from typing import Any

from kombu.asynchronous import Hub

from hzclient.contrib.kombu._wakeup import Wakeup


class Ticks(list[Any]):
    """The loop's callbacks in order; kombu's are a set, which has none."""

    add = list.append

    def discard(self, callback: Any) -> None:
        if callback in self:
            self.remove(callback)


def test_the_loop_does_not_sleep_while_a_task_waits_for_the_pool() -> None:
    hub, wakeup = Hub(), Wakeup()
    upcoming, arrived, tasks, started = ["first", "second"], list[str](), list[str](), list[str]()

    def deliver() -> bool:
        if not arrived:
            return False
        tasks.append(arrived.pop())
        return True

    def pass_on() -> None:
        started.extend(tasks)
        tasks.clear()

    hub.on_tick = Ticks([pass_on])  # the pool comes first
    wakeup.register(hub, deliver, 60)
    poll = hub.poller.poll

    def checked_poll(timeout: float) -> Any:
        events = poll(0)
        assert events or not tasks, "the loop would sleep"
        if not events and upcoming:  # a message arrives while it sleeps
            arrived.append(upcoming.pop(0))
            wakeup.set()
            events = poll(0)
        return events

    hub.poller.poll = checked_poll
    loop = hub.create_loop()
    for _ in range(8):
        next(loop)
    assert started == ["first", "second"]
    wakeup.unregister()
    hub.close()
