"""Mixed load for hours while members are killed, paused, restarted and added: `python -m benchmarks soak`.

`command` starts the members and a process of clients (`clients`), and lets faults happen (`faults`). Workers
(`workers`) call all structures in all faces, and check every value; a ledger (`ledger`) collects what they
find. The process measures itself (`samples`). In the end, `verdict` judges, and `report` and `plot` show it.
"""
