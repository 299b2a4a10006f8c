"""Exceptions of PEP 249, and how errors of the client map to them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from hzclient.errors import HazelcastError
from hzclient.sql import HazelcastSqlError, SqlErrorCode


class Warning(Exception):
    """Something important that is no error. Nothing raises it at present."""


class Error(Exception):
    """Base class of all errors of this module."""


class InterfaceError(Error):
    """The module was used wrongly: a closed cursor, or arguments that exclude each other."""


class DatabaseError(Error):
    """A statement failed."""


class InternalError(DatabaseError):
    """The database is in an inconsistent state. Nothing raises it at present."""


class OperationalError(DatabaseError):
    """The cluster could not execute a statement: a lost connection or member, or a timeout, for example."""


class ProgrammingError(DatabaseError):
    """The statement is wrong: its syntax, its parameters, or a name that does not exist."""


class IntegrityError(DatabaseError):
    """A constraint is violated. Nothing raises it at present."""


class DataError(DatabaseError):
    """A value is out of range, or cannot be converted or deserialized."""


class NotSupportedError(DatabaseError):
    """The cluster does not support the call: `rollback()`, for example."""


_BY_CODE: Final[dict[int, type[DatabaseError]]] = {
    SqlErrorCode.CONNECTION_PROBLEM: OperationalError,
    SqlErrorCode.CANCELLED_BY_USER: OperationalError,
    SqlErrorCode.TIMEOUT: OperationalError,
    SqlErrorCode.PARTITION_DISTRIBUTION: OperationalError,
    SqlErrorCode.MAP_DESTROYED: OperationalError,
    SqlErrorCode.MAP_LOADING_IN_PROGRESS: OperationalError,
    SqlErrorCode.PARSING: ProgrammingError,
    SqlErrorCode.INDEX_INVALID: OperationalError,
    SqlErrorCode.OBJECT_NOT_FOUND: ProgrammingError,
    SqlErrorCode.TOPOLOGY_CHANGE: OperationalError,
    SqlErrorCode.RESTARTABLE_ERROR: OperationalError,
    SqlErrorCode.DATA_EXCEPTION: DataError,
}


@contextmanager
def translated() -> Generator[None, None, None]:
    """Raise errors of the client as errors of this module, chained to the cause."""
    try:
        yield
    except HazelcastSqlError as error:
        raise _BY_CODE.get(error.code, DatabaseError)(str(error)) from error
    except HazelcastError as error:
        raise OperationalError(str(error)) from error
    except (ValueError, TypeError, AssertionError) as error:
        raise ProgrammingError(str(error)) from error


@contextmanager
def translated_configuration() -> Generator[None, None, None]:
    """Raise errors of starting a client as errors of this module, chained to the cause."""
    try:
        yield
    except (HazelcastError, OSError) as error:
        raise OperationalError(str(error)) from error
    except (ValueError, TypeError, AssertionError) as error:
        raise InterfaceError(str(error)) from error


def data_error(error: HazelcastSqlError) -> DataError:
    """Return the error of a value in a row as a `DataError`."""
    return DataError(str(error))
