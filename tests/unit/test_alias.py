"""`install_as_hazelcast`: an application written for the official client runs on this one."""

from __future__ import annotations

import subprocess
import sys
import textwrap


def run(script: str) -> str:
    """Runs a script in an interpreter of its own, since what it installs stays."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


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
