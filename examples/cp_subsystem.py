"""The structures of the CP subsystem: atomic long and reference, latch, semaphore and lock.

python examples/cp_subsystem.py HOST:PORT ...     # members that have the CP subsystem
"""

import sys
import threading
import uuid

import hzclient


def main() -> None:
    """Use each structure once."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        cp = client.cp_subsystem
        run = uuid.uuid4()  # so that each run has structures of its own

        counter = cp.get_atomic_long(f"counter-{run}").blocking()
        print("counter:", counter.add_and_get(5), counter.compare_and_set(5, 7), counter.get())

        config = cp.get_atomic_reference(f"config-{run}").blocking()
        config.set({"colour": "blue"})
        print("reference:", config.get())

        latch = cp.get_count_down_latch(f"ready-{run}").blocking()
        latch.try_set_count(2)
        threads = [threading.Thread(target=latch.count_down) for _ in range(2)]
        for thread in threads:
            thread.start()
        print("latch:", latch.await_latch(timeout=30))
        for thread in threads:
            thread.join()

        permits = cp.get_semaphore(f"licences-{run}").blocking()
        permits.init(3)
        with permits.permits(2):
            print("semaphore:", permits.available_permits(), "left")

        with cp.get_lock(f"lock-{run}").blocking() as fence:
            print("lock: taken, with a fence above 0:", fence > 0)


if __name__ == "__main__":
    main()
