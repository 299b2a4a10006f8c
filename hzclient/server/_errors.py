"""The one error of this package."""


class ServerError(RuntimeError):
    """A member could not be started, stopped or found ready; the text says what was tried and what helps."""
