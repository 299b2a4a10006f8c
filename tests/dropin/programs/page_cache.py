"""A read-through cache of pages with a time to live, as a web application keeps one."""

import sys
import time

import hazelcast

members, prefix = sys.argv[1].split(","), sys.argv[2]
renderings = []


def render(path):
    renderings.append(path)
    return f"<h1>{path}</h1>"


def page(cache, path):
    found = cache.get(path)
    if found is None:
        found = render(path)
        earlier = cache.put_if_absent(path, found, ttl=60)
        found = earlier or found
    return found


client = hazelcast.HazelcastClient(cluster_members=members, client_name="web-1", labels=["cache"])
print(client.name)
cache = client.get_map(prefix + "pages").blocking()
for path in ["/", "/about", "/", "/news", "/about"]:
    print(page(cache, path))
print("rendered", renderings)

cache.put("/short", "gone soon", ttl=1)
print(cache.get("/short"))
deadline = time.monotonic() + 20
while cache.contains_key("/short") and time.monotonic() < deadline:
    time.sleep(0.1)
print("/short is", cache.get("/short"))

view = cache.get_entry_view("/")
print(type(view).__name__, view.key, view.value, view.ttl, view.version)
cache.set("/", "new")
print(cache.get("/"), cache.replace("/", "newer"), cache.replace_if_same("/", "wrong", "never"))
print(cache.replace_if_same("/", "newer", "newest"), cache.remove_if_same("/", "wrong"), cache.get("/"))
print(cache.put("/", "last"), cache.replace("/absent", "x"), cache.put_if_absent("/", "x"))
print(cache.evict("/about"), cache.contains_key("/about"), cache.contains_value("last"))
print(cache.set_ttl("/news", 100), cache.get_entry_view("/news").ttl)
print(sorted(cache.get_all(["/", "/news", "/nothing"]).items()))
print(cache.delete("/"), cache.remove("/news"), cache.size(), cache.is_empty())
print(cache.destroy())
client.shutdown()
