"""Futures: pipelined calls, callbacks, continuations, errors."""

import sys
import threading

import hazelcast
from hazelcast.errors import HazelcastError, HazelcastSerializationError
from hazelcast.future import Future, ImmediateFuture, combine_futures

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
squares = client.get_map(prefix + "squares")
print(squares, squares.blocking())
combine_futures([squares.set(number, number * number) for number in range(500)]).result()
print(squares.size().result(), sum(combine_futures([squares.get(number) for number in range(500)]).result()))

done = threading.Event()
future = squares.get(12)
future.add_done_callback(lambda f: (print("callback", f.result(), f.is_success(), f.done()), done.set()))
print(done.wait(20), future.result(), future.exception())
chained = (
    squares.get(3)
    .continue_with(lambda f: f.result() + 1)
    .continue_with(lambda f, more: f.result() + more, 100)
)
print(chained.result())


def fail(f):
    raise ValueError(f"no good: {f.result()}")


broken = squares.get(2).continue_with(fail)
try:
    broken.result()
except ValueError as error:
    print("raised", error, broken.is_success(), type(broken.exception()).__name__)

own = Future()
own.set_result("set by hand")
print(own.result(), own.done(), own.running())
other = Future()
other.set_exception(KeyError("missing"))
try:
    other.result()
except KeyError as error:
    print("raised", error)
print(
    ImmediateFuture(5).result(), combine_futures([]).result(), combine_futures([ImmediateFuture(1)]).result()
)


class Odd:
    def __reduce__(self):
        raise TypeError("never pickled")


for call in (lambda: squares.put(None, 1), lambda: squares.put(1, None), lambda: squares.put(1, Odd())):
    try:
        call()
    except AssertionError as error:
        print("AssertionError", error)
    except (HazelcastError, TypeError) as error:
        print(type(error).__name__)
print(issubclass(HazelcastSerializationError, HazelcastError))
client.shutdown()
