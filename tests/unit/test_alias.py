"""`install_as_hazelcast`: an application written for the official client runs on this one."""

from __future__ import annotations

import ast
import json
import logging
from pathlib import Path

import hzclient
from hzclient._alias.loggers import PARTS
from tests.unit.interpreter import run

PACKAGE = Path(hzclient.__file__).parent
CARRIED = Path(__file__).parents[1] / "data" / "official-carried-names.json"


def test_modules_are_the_same_objects() -> None:
    out = run(
        """
        import hzclient
        hzclient.install_as_hazelcast()
        hzclient.install_as_hazelcast()
        import hazelcast, hazelcast.proxy.map, hazelcast.asyncio
        from hazelcast.errors import HazelcastError
        from hazelcast.serialization.api import Portable
        import hzclient.errors, hzclient.proxy.map, hzclient.serialization.api
        assert hazelcast is hzclient
        assert hazelcast.proxy.map is hzclient.proxy.map
        assert HazelcastError is hzclient.errors.HazelcastError
        assert Portable is hzclient.serialization.api.Portable
        assert hzclient.errors.__spec__.name == "hzclient.errors" == hzclient.errors.__name__
        print("same")
        """
    )
    assert out == "same"


def test_what_is_not_there_is_not_found() -> None:
    out = run(
        """
        import hzclient
        hzclient.install_as_hazelcast()
        try:
            import hazelcast.no_such_module
        except ModuleNotFoundError as error:
            print(error.name)
        """
    )
    assert out == "hazelcast.no_such_module"


def test_refused_when_it_is_too_late() -> None:
    out = run(
        """
        import sys, types
        sys.modules["hazelcast"] = types.ModuleType("hazelcast")
        import hzclient
        try:
            hzclient.install_as_hazelcast()
        except RuntimeError as error:
            print("already" in str(error))
        """
    )
    assert out == "True"


def test_each_carried_name_can_be_imported_under_the_alias() -> None:
    out = run(
        f"""
        import importlib, json
        carried = json.load(open({str(CARRIED)!r}))
        import hzclient
        hzclient.install_as_hazelcast()
        count = 0
        for module, names in carried.items():
            for name, home in names.items():
                namespace = {{}}
                exec(f"from {{module}} import {{name}}", namespace)
                assert namespace[name] is getattr(importlib.import_module(home), name), (module, name)
                count += 1
        print(count)
        """
    )
    assert int(out) == sum(map(len, json.loads(CARRIED.read_text()).values())) == 251


def test_modules_do_not_carry_names_without_the_alias() -> None:
    out = run(
        """
        import hzclient.proxy
        print(hasattr(hzclient.proxy, "MAP_SERVICE"))
        """
    )
    assert out == "False"


def test_names_of_modules_that_were_imported_before_the_alias() -> None:
    out = run(
        """
        import hzclient, hzclient.proxy.map
        hzclient.install_as_hazelcast()
        import hazelcast
        print(hazelcast.proxy.map.EntryEventType.__name__, hazelcast.proxy.MAP_SERVICE)
        try:
            hazelcast.proxy.map.no_such_name
        except AttributeError as error:
            print(error)
        """
    )
    assert out == (
        "EntryEventType hz:impl:mapService\nmodule 'hzclient.proxy.map' has no attribute 'no_such_name'"
    )


def test_service_names_hashes_and_the_base_of_load_balancers() -> None:
    out = run(
        """
        import hzclient
        hzclient.install_as_hazelcast()
        from hazelcast.proxy import MAP_SERVICE, PN_COUNTER_SERVICE, VECTOR_SERVICE
        from hazelcast.hash import hash_to_index, murmur_hash3_x86_32
        from hazelcast.util import RoundRobinLB, _AbstractLoadBalancer
        print(MAP_SERVICE, PN_COUNTER_SERVICE, VECTOR_SERVICE)
        print(murmur_hash3_x86_32(b"12345678abc"), murmur_hash3_x86_32(bytearray(b"12345678")))
        print([hash_to_index(each, 271) for each in (-1, -271, 300, 0x80000000, -(2**31))])
        print(issubclass(RoundRobinLB, _AbstractLoadBalancer))
        """
    )
    assert out.splitlines() == [
        "hz:impl:mapService hz:impl:PNCounterService hz:service:vector",
        "-2068121803 -1585187909",
        "[1, 0, 29, 0, 245]",
        "True",
    ]


# ---------------------------------------------------------------------------------------------- loggers


def test_each_logger_of_the_package_has_a_counterpart() -> None:
    used = {
        ast.literal_eval(node.args[0]) if isinstance(node.args[0], ast.Constant) else "hzclient"
        for path in PACKAGE.rglob("*.py")
        if "_alias" not in path.parts and "_codec" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "logging.getLogger"
    }
    assert used == {f"hzclient{part}" for part in PARTS}
    assert all(name == "hzclient" or isinstance(logging.getLogger(name), logging.Logger) for name in used)


CONFIGURE = """
    import logging, sys
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("hazelcast")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logging.getLogger("hazelcast.lifecycle").addFilter(lambda record: "secret" not in record.getMessage())
    logging.getLogger("hazelcast.connection").setLevel(logging.ERROR)
"""
LOG = """
    from hzclient._services.lifecycle import _logger as lifecycle
    from hzclient._net.manager import _logger as connection
    from hzclient._runtime.base import _logger as runtime
    lifecycle.info("shown")
    lifecycle.info("secret")
    lifecycle.debug("too little")
    connection.warning("too little")
    connection.error("shown")
    runtime.info("shown")
    logging.getLogger("hzclient.new").info("shown")
    logging.getLogger("hazelcast.lifecycle").setLevel(logging.ERROR)
    lifecycle.info("not any more")
    assert not lifecycle.isEnabledFor(logging.INFO)
    logger.setLevel(logging.CRITICAL)
    runtime.info("not any more")
"""
INSTALL = """
    import hzclient
    hzclient.install_as_hazelcast()
"""
SHOWN = [
    "INFO hazelcast.lifecycle shown",
    "ERROR hazelcast.connection shown",
    "INFO hazelcast.reactor shown",
    "INFO hzclient.new shown",
]


def test_loggers_configured_after_the_alias_govern() -> None:
    assert run(INSTALL + CONFIGURE + LOG).splitlines() == SHOWN


def test_loggers_configured_before_the_alias_govern() -> None:
    assert run(CONFIGURE + INSTALL + LOG).splitlines() == SHOWN


def test_what_was_configured_for_this_package_stays() -> None:
    out = run(
        """
        import logging, sys
        logging.getLogger("hzclient").addHandler(logging.StreamHandler(sys.stdout))
        logging.getLogger("hzclient.client").setLevel(logging.INFO)
        import hzclient
        hzclient.install_as_hazelcast()
        logging.getLogger("hzclient.client").info("one")
        logging.getLogger("hazelcast.client").info("two")
        """
    )
    assert out.splitlines() == ["one", "two"]
