"""The exceptions of PEP 249, and what becomes which of them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from hzclient.errors import HazelcastError
from hzclient.sql import HazelcastSqlError, SqlErrorCode


class Warning(Exception):
    """Something to know of, short of an error. Nothing raises it at present."""


class Error(Exception):
    """Base of all errors."""


class InterfaceError(Error):
    """The module was used wrongly: a closed cursor, arguments that exclude each other."""


class DatabaseError(Error):
    """A statement failed."""


class InternalError(DatabaseError):
    """The database lost its way. Nothing raises it at present."""


class OperationalError(DatabaseError):
    """The cluster could not do it: a lost connection, a timeout."""


class ProgrammingError(DatabaseError):
    """The statement is wrong: its syntax, its parameters, a name that does not exist."""


class IntegrityError(DatabaseError):
    """A constraint is broken. Nothing raises it at present."""


class DataError(DatabaseError):
    """A value does not fit: out of range, or not convertible."""


class NotSupportedError(DatabaseError):
    """Clusters offer no such thing: `rollback`, say."""


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
    SqlErrorCode.DATA_EXCEPTION: DataError,
}


@contextmanager
def translated() -> Generator[None, None, None]:
    """Raises errors of the client as those of this module, with the cause."""
    try:
        yield
    except HazelcastSqlError as error:
        raise _BY_CODE.get(error.code, DatabaseError)(str(error)) from error
    except HazelcastError as error:
        raise OperationalError(str(error)) from error
    except (ValueError, TypeError, AssertionError) as error:
        raise ProgrammingError(str(error)) from error
