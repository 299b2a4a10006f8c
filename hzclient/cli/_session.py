"""What all commands share: the connection options, the output, and the client that they open."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hzclient import HazelcastClient
from hzclient.cli._exit import REFUSED, UNREACHABLE, Stop
from hzclient.cli._output import Output
from hzclient.cli._values import ValueType, parse
from hzclient.config import Config
from hzclient.errors import (
    AuthenticationError,
    ClientNotAllowedInClusterError,
    HazelcastCertificationError,
    IllegalStateError,
)

_REFUSALS = (AuthenticationError, ClientNotAllowedInClusterError, HazelcastCertificationError)


@contextmanager
def connecting() -> Generator[None, None, None]:
    """Give the errors of a client's start their exit codes.

    Raises:
        Stop: No member could be reached, or the members refused the client.
    """
    try:
        yield
    except _REFUSALS as error:
        raise Stop(REFUSED, str(error)) from error
    except IllegalStateError as error:
        raise Stop(UNREACHABLE, f"{error}. `hzclient doctor` checks every step.") from error


@dataclass(kw_only=True)
class Session:
    """One run of the program.

    Attributes:
        options: Options of the client, which take precedence over the file.
        config_file: Configuration file of the client, or a URL; None for the defaults.
        output: Prints the results.
        key_type: Type of keys on the command line.
        value_type: Type of values and items on the command line.
        verbose: Whether to show the log of the client.
    """

    options: dict[str, Any] = field(default_factory=dict[str, Any])
    config_file: str | None = None
    output: Output
    key_type: ValueType = ValueType.text
    value_type: ValueType = ValueType.text
    verbose: bool = False

    def key(self, word: str) -> Any:
        """Read a key of the command line."""
        return parse(word, self.key_type, "key")

    def value(self, word: str, what: str = "value") -> Any:
        """Read a value or an item of the command line."""
        return parse(word, self.value_type, what)

    def config(self) -> Config:
        """Return the options of the client.

        Returns:
            Those of the file, if there is one, with those of the command line over them.

        Raises:
            InvalidConfigurationError: The file or an option is invalid.
        """
        config = Config() if self.config_file is None else Config.load(self.config_file)
        for name, value in self.options.items():
            setattr(config, name, value)
        return config

    @contextmanager
    def client(self) -> Generator[HazelcastClient, None, None]:
        """Connect a client, and shut it down at the end.

        Yields:
            The client.

        Raises:
            Stop: No member could be reached, or the members refused the client.
        """
        self.set_up_logging()
        with connecting():
            client = HazelcastClient(self.config())
        with client:
            yield client

    def set_up_logging(self) -> None:
        """Show the log of the client if the user asked for it; an error names the reason anyway."""
        warnings.simplefilter("ignore", RuntimeWarning)
        logger = logging.getLogger("hzclient")
        if self.verbose:
            logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
        elif not logger.handlers:
            logger.addHandler(logging.NullHandler())
            logger.propagate = False
