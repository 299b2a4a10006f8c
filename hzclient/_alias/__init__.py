"""`import hazelcast` for applications that were written for the official client."""

from __future__ import annotations

__all__ = ("install_as_hazelcast",)


def install_as_hazelcast() -> None:
    """Make `import hazelcast` and every `import hazelcast.x.y` mean this package.

    Call it before anything imports `hazelcast`, so that an application that was written for the official
    client runs on this one unchanged. The modules are the same objects under both names, and so are the
    classes. Names that the official modules import from one another can be imported from there, too. The
    loggers `hazelcast`, `hazelcast.lifecycle` and so on become one with those of this package. Calling it
    again does nothing.

    Raises:
        RuntimeError: The official package has already been imported.
    """
    from hzclient._alias.finder import install
    from hzclient._alias.loggers import share_loggers

    install()
    share_loggers()
