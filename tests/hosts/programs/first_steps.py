"""Interrupts the first step of an operation at each instruction at which CPython can deliver an exception.

That is after a call, and when a function is entered. Run by `test_first_steps.py`.
"""

from __future__ import annotations

import dis
import sys
from types import CodeType, FrameType
from typing import Any

from hzclient._runtime import base, driver, pending
from hzclient._runtime.owned import OwnedRuntime
from hzclient._speed import hot
from hzclient.future import Future, OperationFuture

FILES = {each.__file__ for each in (base, driver, pending, sys.modules[OperationFuture.__module__])}
DELIVERING = ("CALL", "RESUME", "JUMP_BACKWARD")


class Interruption(BaseException):
    """Raised between two instructions, as Ctrl-C is."""


class Interrupter:
    """Raises once, at the given one of the moments at which an exception can arrive.

    Args:
        moment: Number of the moment.
    """

    def __init__(self, moment: int) -> None:
        self._left = moment
        self._names: dict[CodeType, dict[int, str]] = {}
        self._before: dict[FrameType, str] = {}
        self.place = ""

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename not in FILES or frame.f_code.co_name == "__await__":
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            self._step(frame)
        return self

    def _step(self, frame: FrameType) -> None:
        names = self._names.get(frame.f_code)
        if names is None:
            found = dis.get_instructions(frame.f_code)
            names = self._names[frame.f_code] = {each.offset: each.opname for each in found}
        before = self._before.get(frame, "")
        self._before[frame] = names[frame.f_lasti]
        if before.startswith(DELIVERING):
            self._left -= 1
            if self._left < 0:
                self.place = f"{frame.f_code.co_qualname}, line {frame.f_lineno}"
                raise Interruption


def interrupt(runtime: OwnedRuntime, moment: int) -> tuple[str, bool]:
    """Interrupt an operation that takes a lock; return where, and whether its request was sent."""
    waiter = runtime.pending()
    sent: list[str] = []
    granted: list[str] = []
    abandoned: list[Future[Any]] = []

    async def take() -> str:
        sent.append("request")
        granted.append(await waiter)
        return "fence"

    operation = take()
    call = runtime.to_the_end(operation, abandoned.append)
    interrupter = Interrupter(moment)
    sys.settrace(interrupter)
    try:
        call.send(None)
    except Interruption:
        pass
    finally:
        sys.settrace(None)
    if not interrupter.place:
        waiter.set_result("lock")
        call.close()
        return "", True
    waiter.set_result("lock")
    assert granted == ["lock"] * len(sent), f"the response is lost: {interrupter.place}"
    assert [each.done() and each.result(0) for each in abandoned] == ["fence"] * len(sent), interrupter.place
    operation.close()
    return interrupter.place, bool(sent)


def main() -> None:
    runtime = OwnedRuntime("first-steps")
    places: list[tuple[str, bool]] = []
    while (found := interrupt(runtime, len(places)))[0]:
        places.append(found)
    runtime.stop()
    path = "python" if hot is None else "compiled"
    print(f"{path}: {len(places)} moments, {sum(sent for _, sent in places)} after the request was sent")
    print("ok")


if __name__ == "__main__":
    main()
