"""Topics, ids and PN counters, which promise order, uniqueness and no way back, against models of these."""

from __future__ import annotations

import itertools

from hypothesis import strategies as st

from hzclient.errors import ConsistencyLostError
from tests.integration.faces import FACES
from tests.integration.models.disturbed import Disturbed, eventually
from tests.integration.models.table import Draw


class Topic:
    """A topic: each listener gets the messages in the order in which they were published, and none twice.

    Messages that are under way when a member dies may be lost, and those that are published before a member
    that joins knows of the listeners.

    Args:
        disturbed: The members and the clients.
        name: Name of the topic.
    """

    def __init__(self, disturbed: Disturbed, name: str) -> None:
        self._faces = disturbed.faces("topic", name)
        self._numbers = itertools.count()
        self._received: dict[str, list[int]] = {face: [] for face in FACES}
        self._ids = {
            face: call("add_listener", lambda message, got=self._received[face]: got.append(message.message))
            for face, call in self._faces.items()
        }

    def step(self, draw: Draw) -> None:
        """Publish a message in any face."""
        self._publish(draw(st.sampled_from(FACES)))

    def _publish(self, face: str) -> int:
        message = next(self._numbers)
        self._faces[face]("publish", message)
        return message

    def settle(self) -> None:
        """Wait until each listener has got a message that is published from now on, and check the order."""
        first = self._publish("blocking")

        def arrived() -> bool:
            if all(got and got[-1] >= first for got in self._received.values()):
                return True
            self._publish("blocking")
            return False

        eventually(arrived)
        for face, got in self._received.items():
            seen = list(got)
            assert seen == sorted(set(seen)), f"topic: messages twice or in another order in {face}: {seen}"

    def end(self) -> None:
        """Check the order, and remove the listeners."""
        self.settle()
        for face, registration in self._ids.items():
            assert self._faces[face]("remove_listener", registration)


class Ids:
    """A generator of ids: none comes twice, in whatever face.

    Args:
        disturbed: The members and the clients.
        name: Name of the generator.
    """

    def __init__(self, disturbed: Disturbed, name: str) -> None:
        self._faces = disturbed.faces("flake_id_generator", name)
        self._known: set[int] = set()

    def step(self, draw: Draw) -> None:
        """Ask for some ids in one face. Clients fetch 100 at a time."""
        face = draw(st.sampled_from(FACES))
        for _ in range(draw(st.integers(1, 60))):
            found = self._faces[face]("new_id")
            assert found > 0
            assert found not in self._known, f"id generator: {found} comes twice, the second time in {face}"
            self._known.add(found)


class Counter:
    """A PN counter that only grows: no face sees it go back, and each sees what it has added itself.

    If a member dies before it has passed on what a face has observed, the counter goes back. Another
    replica refuses this face with `ConsistencyLostError`, unless it has changes that this has not observed.

    Args:
        disturbed: The members and the clients.
        name: Name of the counter.
    """

    def __init__(self, disturbed: Disturbed, name: str) -> None:
        self._faces = disturbed.faces("pn_counter", name)
        self._observed: dict[str, int] = dict.fromkeys(FACES, 0)
        self._added = 0

    def step(self, draw: Draw) -> None:
        """Add a number in one face, and read in any."""
        name = draw(st.sampled_from(["add_and_get", "get_and_add"]))
        self._add(draw(st.sampled_from(FACES)), name, draw(st.integers(1, 5)))
        self._read(draw(st.sampled_from(FACES)))

    def settle(self) -> None:
        """Wait until all faces see the same: replicas exchange their state every second."""
        eventually(lambda: len({self._read(face) for face in FACES}) == 1)

    def forget(self) -> None:
        """Forget what was observed, after a member has died with what it had not passed on."""
        self._observed = dict.fromkeys(FACES, 0)

    def unsettle(self) -> None:
        """Add a number in each face, which is lost with a replica that dies at once."""
        for face in FACES:
            self._add(face, "add_and_get", 1)

    def _add(self, face: str, name: str, more: int) -> None:
        before = self._observed[face]
        self._added += more
        found = self._call(face, name, more)
        if found is not None:
            after = found if name == "add_and_get" else found + more
            assert before + more <= after <= self._added, (
                f"PN counter: {name}({more}) returned {found} after {before}, in {face}"
            )
            self._observed[face] = after

    def _read(self, face: str) -> int | None:
        before = self._observed[face]
        found = self._call(face, "get")
        if found is not None:
            assert before <= found <= self._added, (
                f"PN counter: {found} after {before}, {self._added} were added, in {face}"
            )
            self._observed[face] = found
        return found

    def _call(self, face: str, name: str, *args: int) -> int | None:
        """Return the value; None if the counter has lost what this face has observed."""
        try:
            found: int = self._faces[face](name, *args)
        except ConsistencyLostError:
            self._faces[face]("reset")
            self._observed[face] = 0
            return None
        return found
