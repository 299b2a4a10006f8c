"""A ringbuffer as a log that several readers follow, each at its own pace.

python examples/ringbuffer_log.py [HOST:PORT ...]
"""

import sys

import hzclient


def main() -> None:
    """Write to the log, read it from the beginning, and read a part of it."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        log = client.get_ringbuffer("log").blocking()
        last = log.add_all([f"line {number}" for number in range(5)])
        first = last - 4
        print(f"capacity {log.capacity()}, {last - first + 1} lines written")

        part = log.read_many(first, min_count=1, max_count=2)
        print(list(part), "and more from", part.next_sequence_to_read_from - first)

        for line in log.items(sequence=part.next_sequence_to_read_from):  # waits for lines to come
            print(line)
            if line == "line 4":
                break


if __name__ == "__main__":
    main()
