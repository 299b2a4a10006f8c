"""A multi map: several values for one key.

python examples/multi_map.py [HOST:PORT ...]
"""

import sys

import hzclient


def main() -> None:
    """Keep the tags of articles."""
    with hzclient.HazelcastClient(cluster_members=sys.argv[1:]) as client:
        articles = client.get_multi_map("articles-by-tag").blocking()
        articles.clear()
        articles.put_all({"python": ["asyncio", "typing"], "java": ["records"]})
        print("added:", articles.put("python", "pattern matching"))
        print("again:", articles.put("python", "asyncio"))
        print("python:", sorted(articles.get("python") or []))
        print(articles.size(), "entries for", len(articles.key_set()), "tags")


if __name__ == "__main__":
    main()
