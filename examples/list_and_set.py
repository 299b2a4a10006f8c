"""A list keeps an order and repetitions; a set keeps each item once.

python examples/list_and_set.py [HOST:PORT ...]
"""

import sys

import hzclient


def main() -> None:
    """Keep a play list, and the artists in it."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        songs, artists = client.get_list("songs").blocking(), client.get_set("artists").blocking()
        songs.clear()
        artists.clear()
        songs.add_all(["Blue", "Red", "Blue"])
        songs.add_at(1, "Green")
        print(songs.get_all(), "· first Blue at", songs.index_of("Blue"))
        print([artists.add(name) for name in ("Ann", "Bob", "Ann")], "·", sorted(artists.get_all()))


if __name__ == "__main__":
    main()
