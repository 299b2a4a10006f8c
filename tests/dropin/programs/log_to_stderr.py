"""Logging: the logger `hazelcast` governs what the client logs, with its own level, handler and filter."""

import logging
import sys

import hazelcast

members, prefix = sys.argv[1].split(","), sys.argv[2]
lines = []


class Collect(logging.Handler):
    def emit(self, record):
        lines.append(record)


logging.getLogger("hazelcast").setLevel(logging.INFO)
logging.getLogger("hazelcast").addHandler(Collect())
logging.getLogger("hazelcast").propagate = False
client = hazelcast.HazelcastClient(cluster_members=members, cluster_name="dev")
client.shutdown()
print("something was logged:", bool(lines))
print("all below hazelcast:", all(record.name.split(".")[0] == "hazelcast" for record in lines))
print("levels:", sorted({record.levelname for record in lines}))
states = ["STARTING", "STARTED", "CONNECTED", "SHUTTING_DOWN", "DISCONNECTED", "SHUTDOWN"]
text = "\n".join(record.getMessage() for record in lines)
print("states:", [state for state in states if state in text])
print("members:", "Members [2]" in text)

del lines[:]
logging.getLogger("hazelcast").setLevel(logging.ERROR)
hazelcast.HazelcastClient(cluster_members=members).shutdown()
print("quiet:", lines)
