"""The distributed structures, one module each."""

from typing import TYPE_CHECKING

from hzclient._lazy import on_first_use

if not TYPE_CHECKING:
    # As in `hzclient.proxy.map.Map`, with no import of the module.
    __getattr__, __dir__ = on_first_use(
        globals(),
        (
            *("base", "cardinality_estimator", "cp", "durable_executor", "executor", "flake_id_generator"),
            *("list", "map", "multi_map", "pn_counter", "queue", "reliable_topic", "replicated_map"),
            *("ringbuffer", "scheduled_executor", "set", "topic", "transactional_list", "transactional_map"),
            *("transactional_multi_map", "transactional_queue", "transactional_set", "vector_collection"),
        ),
    )
