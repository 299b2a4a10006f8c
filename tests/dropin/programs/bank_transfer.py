"""Money moves between accounts in transactions; a failed one leaves nothing behind."""

import sys

import hazelcast
from hazelcast.errors import TransactionError
from hazelcast.transaction import ONE_PHASE, TWO_PHASE

members, prefix = sys.argv[1].split(","), sys.argv[2]
client = hazelcast.HazelcastClient(cluster_members=members)
accounts = client.get_map(prefix + "accounts").blocking()
accounts.put_all({"ann": 100, "bob": 20})


def transfer(giver, taker, amount):
    with client.new_transaction(timeout=10, durability=1, type=TWO_PHASE) as transaction:
        book = transaction.get_map(prefix + "accounts")
        log = transaction.get_list(prefix + "log")
        balance = book.get_for_update(giver)
        if balance < amount:
            raise ValueError(f"{giver} has only {balance}")
        book.put(giver, balance - amount)
        book.put(taker, book.get_for_update(taker) + amount)
        log.add(f"{giver} -> {taker}: {amount}")


transfer("ann", "bob", 30)
try:
    transfer("bob", "ann", 500)
except ValueError as error:
    print("refused:", error)
print(sorted(accounts.entry_set()), client.get_list(prefix + "log").blocking().get_all())

transaction = client.new_transaction(type=ONE_PHASE)
transaction.begin()
queue = transaction.get_queue(prefix + "queue")
seen = transaction.get_set(prefix + "seen")
tags = transaction.get_multi_map(prefix + "tags")
print(queue.offer("a"), queue.size(), seen.add(1), seen.add(1), tags.put("k", 1), tags.put("k", 2))
print(sorted(tags.get("k")), tags.value_count("k"), seen.size(), queue.peek(), queue.poll())
book = transaction.get_map(prefix + "accounts")
print(book.contains_key("ann"), book.size(), sorted(book.key_set()), sorted(book.values()))
print(
    book.put_if_absent("cid", 1),
    book.replace("cid", 2),
    book.replace_if_same("cid", 2, 3),
    book.remove("cid"),
)
transaction.rollback()
print(
    client.get_multi_map(prefix + "tags").blocking().size(), client.get_set(prefix + "seen").blocking().size()
)
for call in (transaction.commit, transaction.rollback, transaction.begin):
    try:
        call()
    except TransactionError as error:
        print(type(error).__name__)
client.shutdown()
