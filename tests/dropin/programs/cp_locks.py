"""The CP subsystem: locks with fencing tokens, semaphores, latches, atomic numbers and references."""

import sys
import threading

import hazelcast
from hazelcast.errors import IllegalMonitorStateError

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
cp = client.cp_subsystem
lock = cp.get_lock(prefix + "lock").blocking()
counter = cp.get_atomic_long(prefix + "counter").blocking()
fence = lock.lock()
print(lock.is_locked(), lock.is_locked_by_current_thread(), lock.get_lock_count())
second = lock.lock()
print(second == fence, lock.get_lock_count())
lock.unlock()
lock.unlock()
try:
    lock.unlock()
except IllegalMonitorStateError as error:
    print(type(error).__name__)
later = lock.try_lock()
print(later > fence, lock.INVALID_FENCE)
elsewhere = []
thread = threading.Thread(target=lambda: elsewhere.append(lock.try_lock()))
thread.start()
thread.join()
print(elsewhere, elsewhere[0] == lock.INVALID_FENCE)
lock.unlock()


def count():
    for _ in range(10):
        lock.lock()
        try:
            counter.set(counter.get() + 1)
        finally:
            lock.unlock()


threads = [threading.Thread(target=count) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(
    "counted",
    counter.get(),
    counter.increment_and_get(),
    counter.get_and_add(5),
    counter.compare_and_set(46, 1),
)
print(counter.get_and_set(9), counter.decrement_and_get(), counter.add_and_get(-8))

semaphore = cp.get_semaphore(prefix + "semaphore").blocking()
print(semaphore.init(3), semaphore.init(5), semaphore.available_permits())
semaphore.acquire(2)
print(semaphore.try_acquire(2, 0), semaphore.available_permits())
semaphore.release(2)
print(
    semaphore.drain_permits(),
    semaphore.reduce_permits(1),
    semaphore.increase_permits(4),
    semaphore.available_permits(),
)

latch = cp.get_count_down_latch(prefix + "latch").blocking()
print(latch.try_set_count(2), latch.try_set_count(1), latch.get_count(), latch.await_latch(0))
latch.count_down()
latch.count_down()
print(latch.await_latch(5), latch.get_count())

reference = cp.get_atomic_reference(prefix + "reference").blocking()
print(reference.get(), reference.compare_and_set(None, "a"), reference.get(), reference.contains("a"))
print(reference.get_and_set("b"), reference.is_none(), reference.set("c"), reference.clear(), reference.get())
reference.destroy()
try:
    reference.get()
except Exception as error:
    print(type(error).__name__)
client.shutdown()
