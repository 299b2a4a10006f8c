"""Exceptions of the client, and how errors of members become exceptions.

All exceptions derive from `HazelcastError`, except those for misuse of the API (`TypeError`, `ValueError`,
`AssertionError`) and those that the protocol maps to a built-in class (`OSError`). A class has the code of
its error in the protocol. Applications can add classes for codes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

__all__ = (
    "AccessControlError",
    "ArrayIndexOutOfBoundsError",
    "ArrayStoreError",
    "AuthenticationError",
    "CPGroupDestroyedError",
    "CPLeaderSteppingDownError",
    "CacheNotExistsError",
    "CallerNotMemberError",
    "CancellationError",
    "CannotReplicateError",
    "ClassCastError",
    "ClassNotFoundError",
    "ClientNotAllowedInClusterError",
    "ClientOfflineError",
    "ConcurrentModificationError",
    "ConfigMismatchError",
    "ConfigurationError",
    "ConsistencyLostError",
    "DistributedObjectDestroyedError",
    "DuplicateInstanceNameError",
    "DuplicateTaskError",
    "EXCEPTION_MESSAGE_TYPE",
    "ErrorHolder",
    "ExecutionError",
    "HazelcastAssertionError",
    "HazelcastCertificationError",
    "HazelcastClientNotActiveError",
    "HazelcastEOFError",
    "HazelcastError",
    "HazelcastIOError",
    "HazelcastInstanceNotActiveError",
    "HazelcastInterruptedError",
    "HazelcastOverloadError",
    "HazelcastRuntimeError",
    "HazelcastSerializationError",
    "HazelcastTimeoutError",
    "IllegalAccessError",
    "IllegalAccessException",
    "IllegalArgumentError",
    "IllegalMonitorStateError",
    "IllegalStateError",
    "IllegalThreadStateError",
    "IndeterminateOperationStateError",
    "IndexOutOfBoundsError",
    "InvalidAddressError",
    "InvalidConfigurationError",
    "InvocationMightContainCompactDataError",
    "LeaderDemotedError",
    "LocalMemberResetError",
    "LockAcquireLimitReachedError",
    "LockOwnershipLostError",
    "LoginError",
    "MaxMessageSizeExceededError",
    "MemberLeftError",
    "MutationDisallowedError",
    "NativeOutOfMemoryError",
    "NegativeArraySizeError",
    "NoClassDefFoundError",
    "NoDataMemberInClusterError",
    "NoSuchElementError",
    "NoSuchFieldError",
    "NoSuchFieldException",
    "NoSuchMethodError",
    "NoSuchMethodException",
    "NodeIdOutOfRangeError",
    "NotLeaderError",
    "NotSerializableError",
    "NullPointerError",
    "OperationTimeoutError",
    "OutOfMemoryError",
    "PartitionMigratingError",
    "ProtocolError",
    "QueryError",
    "QueryResultSizeExceededError",
    "ReachedMaxSizeError",
    "RejectedExecutionError",
    "ReplicatedMapCantBeCreatedOnLiteMemberError",
    "ResponseAlreadySentError",
    "RetryableHazelcastError",
    "RetryableIOError",
    "SecurityError",
    "ServiceNotFoundError",
    "SessionExpiredError",
    "SocketError",
    "SplitBrainProtectionError",
    "StackFrame",
    "StackOverflowError",
    "StaleAppendRequestError",
    "StaleSequenceError",
    "StaleTaskError",
    "StaleTaskIdError",
    "TargetDisconnectedError",
    "TargetNotMemberError",
    "TargetNotReplicaError",
    "TopicOverloadError",
    "TransactionError",
    "TransactionNotActiveError",
    "TransactionTimedOutError",
    "URISyntaxError",
    "UTFDataFormatError",
    "UndefinedErrorCodeError",
    "UnreadableItemError",
    "UnsupportedCallbackError",
    "UnsupportedOperationError",
    "VersionMismatchError",
    "WANReplicationQueueFullError",
    "WaitKeyCancelledError",
    "WrongTargetError",
    "XAError",
    "create_error",
    "is_retryable_error",
    "retryable",
)

# Message type that marks a response as an error.
EXCEPTION_MESSAGE_TYPE = 0

# Limit for the chain of causes, which comes from the network.
_MAX_CAUSES = 64

_CLASSES: dict[int, type[Exception]] = {50: OSError}


def _register(code: int, cls: type[Exception]) -> None:
    known = _CLASSES.setdefault(code, cls)
    if known is not cls:
        raise TypeError(f"error code {code} of {cls.__name__} already belongs to {known.__name__}")


class HazelcastError(Exception):
    """Base of the errors of the client and of the cluster.

    A subclass can be registered for an error code of the protocol:
    `class QuotaError(HazelcastError, code=1001)`.

    Args:
        message: What went wrong.
        cause: Error that caused this one. An exception is also set as `__cause__`.

    Attributes:
        error_code: Error code in the protocol, or None for errors that only the client raises.
        server_class: Java class of an error that a member sent, otherwise None.
        server_message: The member's own message, otherwise None.
        server_stack: Frames of the member's stack, innermost first. Empty unless the member sent some.
        retryable: True if a call that fails with an error of this class may be retried.
    """

    error_code: ClassVar[int | None] = 18
    server_class: str | None = None
    server_message: str | None = None
    server_stack: tuple[str, ...] = ()

    retryable: ClassVar[bool] = False

    def __init_subclass__(cls, *, code: int | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.error_code = code
        if code is not None:
            _register(code, cls)

    def __init__(self, message: str | None = None, cause: BaseException | str | None = None) -> None:
        super().__init__(message, cause)
        if isinstance(cause, BaseException):
            self.__cause__ = cause

    def __str__(self) -> str:
        message, cause = self.args
        text = type(self).__name__ if message is None else str(message)
        if not cause and not isinstance(cause, BaseException):
            return text
        reason = str(cause) or type(cause).__name__
        # Do not repeat a reason that the message already contains.
        return text if f": {reason}" in text else f"{text}\nCaused by: {reason}"

    def __reduce__(self) -> tuple[Callable[..., HazelcastError], tuple[Any, ...], dict[str, Any]]:
        # Constructors of subclasses differ, so unpickling bypasses them.
        return _restore, (type(self), self.args, self.__cause__), self.__dict__


_register(18, HazelcastError)

E = TypeVar("E", bound=type[HazelcastError])


def _restore(cls: type[HazelcastError], args: tuple[Any, ...], cause: BaseException | None) -> HazelcastError:
    error = cls.__new__(cls)
    error.args = args
    if cause is not None:
        error.__cause__ = cause
    return error


def retryable(cls: E) -> E:
    """Mark an error class as retryable: a call that fails with it may be sent again."""
    cls.retryable = True
    return cls


def is_retryable_error(error: BaseException) -> bool:
    """Return whether a call that failed with this error may be sent again."""
    return isinstance(error, HazelcastError) and error.retryable


class ProtocolError(HazelcastError):
    """The peer violated the protocol. The message says how."""


class ArrayIndexOutOfBoundsError(HazelcastError, code=1):
    """An array was accessed with an index outside its bounds."""


class ArrayStoreError(HazelcastError, code=2):
    """A value of the wrong type was stored into an array of the member."""


class AuthenticationError(HazelcastError, code=3):
    """The member refused the credentials or the cluster name."""


class CacheNotExistsError(HazelcastError, code=6):
    """The JCache cache does not exist on the cluster."""


@retryable
class CallerNotMemberError(HazelcastError, code=8):
    """The member that sent the operation has left the cluster."""


class CancellationError(HazelcastError, code=9):
    """The result of a cancelled task was requested."""


class ClassCastError(HazelcastError, code=10):
    """The member found a value of an unexpected class."""


class ClassNotFoundError(HazelcastError, code=11):
    """The member does not have this class."""


class ConcurrentModificationError(HazelcastError, code=12):
    """A collection was modified while it was read."""


class ConfigMismatchError(HazelcastError, code=13):
    """The configurations of a member and of its cluster differ."""


class ConfigurationError(HazelcastError):
    """The configuration is invalid."""


class DistributedObjectDestroyedError(HazelcastError, code=14):
    """The distributed object was destroyed while it was in use."""


class DuplicateInstanceNameError(HazelcastError):
    """An instance with the same name already exists."""


class HazelcastEOFError(HazelcastError, code=15):
    """The member reached the end of its input too early."""


class ExecutionError(HazelcastError, code=17):
    """A task failed on the member. The cause says why."""


class HazelcastInstanceNotActiveError(HazelcastError, code=19):
    """The member is shutting down or has shut down."""


class HazelcastOverloadError(HazelcastError, code=20):
    """Too many operations are in progress."""


class HazelcastSerializationError(HazelcastError, code=21):
    """A value could not be serialized or deserialized.

    Attributes:
        data: Serialized form of a value that cannot be deserialized: a `hzclient.serialization.data.Data`,
            which operations accept in place of the value. None for other errors.
    """

    data: Any = None


class UnreadableItemError(HazelcastSerializationError):
    """One of several keys, values, or items of a response cannot be deserialized.

    Args:
        what: Which of them, for people to read.
        index: Its position.
        key: The key of its entry.
        items: The whole response.
        reason: Why it cannot be deserialized.

    Attributes:
        index: Position of the item or entry in the response.
        key: Key of the entry, as a `Data` if the key cannot be deserialized; None for what has no key.
        data: Serialized form of the item, key, or value.
        items: All items or entries of the response, with a `Data` in place of each item, key, or value that
            cannot be deserialized.
    """

    def __init__(
        self, what: str, index: int, key: Any, items: list[Any], reason: HazelcastSerializationError
    ) -> None:
        super().__init__(f"cannot read {what} of the response: {reason}", reason)
        self.index = index
        self.key = key
        self.items = items
        self.data = reason.data


@retryable
class HazelcastIOError(HazelcastError, code=22):
    """Input or output failed on the member."""


class IllegalArgumentError(HazelcastError, code=23):
    """An argument has a value that is not allowed."""


class IllegalAccessException(HazelcastError, code=24):
    """The member may not access a class, field or method (a checked exception in Java)."""


class IllegalAccessError(HazelcastError, code=25):
    """The member may not access a class, field or method (a linkage error in Java)."""


class IllegalMonitorStateError(HazelcastError, code=26):
    """A lock was released by a caller that does not hold it."""


class IllegalStateError(HazelcastError, code=27):
    """The operation is not possible in the current state."""


class IllegalThreadStateError(HazelcastError, code=28):
    """A thread of the member is in the wrong state for the operation."""


class IndexOutOfBoundsError(HazelcastError, code=29):
    """An index is outside the range of what it indexes."""


class HazelcastInterruptedError(HazelcastError, code=30):
    """The thread that ran the operation was interrupted."""


class InvalidAddressError(HazelcastError, code=31):
    """An address is invalid."""


class InvalidConfigurationError(HazelcastError, code=32):
    """An option is unknown, or options contradict each other."""


@retryable
class MemberLeftError(HazelcastError, code=33):
    """The member that ran the operation left the cluster."""


class NegativeArraySizeError(HazelcastError, code=34):
    """An array with a negative size was requested."""


class NoSuchElementError(HazelcastError, code=35):
    """The requested element does not exist."""


class NotSerializableError(HazelcastError, code=36):
    """The member cannot serialize an object."""


class NullPointerError(HazelcastError, code=37):
    """The member found null instead of a value."""


class OperationTimeoutError(HazelcastError, code=38):
    """The operation did not finish in time."""


@retryable
class PartitionMigratingError(HazelcastError, code=39):
    """The partition of the operation is moving to another member."""


class QueryError(HazelcastError, code=40):
    """A query failed."""


class QueryResultSizeExceededError(HazelcastError, code=41):
    """A query has more results than the member allows."""


class SplitBrainProtectionError(HazelcastError, code=42):
    """The cluster has fewer members than its split-brain protection requires."""


class ReachedMaxSizeError(HazelcastError, code=43):
    """The structure has reached its configured size."""


class RejectedExecutionError(HazelcastError, code=44):
    """The member does not accept the task."""


class ResponseAlreadySentError(HazelcastError, code=45):
    """The operation was responded to twice."""


@retryable
class RetryableHazelcastError(HazelcastError, code=46):
    """The operation failed temporarily and may be retried."""


@retryable
class RetryableIOError(HazelcastError, code=47):
    """Input or output failed temporarily on the member. The operation may be retried."""


class HazelcastRuntimeError(HazelcastError, code=48):
    """An unexpected failure of the member."""


class SecurityError(HazelcastError, code=49):
    """The operation violates a security rule."""


class SocketError(HazelcastError):
    """A socket failed. Members' socket failures arrive as the built-in `OSError` (code 50)."""


class StaleSequenceError(HazelcastError, code=51):
    """The sequence is older than the oldest item of the ringbuffer."""


class TargetDisconnectedError(HazelcastError, code=52):
    """The connection was closed before the response arrived."""


@retryable
class TargetNotMemberError(HazelcastError, code=53):
    """The target of the operation is not a member of the cluster."""


class HazelcastTimeoutError(HazelcastError, code=54):
    """The member waited longer than allowed."""


class TopicOverloadError(HazelcastError, code=55):
    """The ringbuffer of a reliable topic is full."""


class TransactionError(HazelcastError, code=56):
    """The transaction failed."""


class TransactionNotActiveError(HazelcastError, code=57):
    """The transaction is not active."""


class TransactionTimedOutError(HazelcastError, code=58):
    """The transaction took longer than its timeout."""


class URISyntaxError(HazelcastError, code=59):
    """A text is not a valid URI."""


class UTFDataFormatError(HazelcastError, code=60):
    """A text is not valid modified UTF-8."""


class UnsupportedOperationError(HazelcastError, code=61):
    """The member does not support the operation."""


@retryable
class WrongTargetError(HazelcastError, code=62):
    """The operation reached a member that does not own its partition."""


class XAError(HazelcastError, code=63):
    """An XA transaction failed."""


class AccessControlError(HazelcastError, code=64):
    """The identity of the client lacks a permission."""


class LoginError(HazelcastError, code=65):
    """Logging in failed."""


class UnsupportedCallbackError(HazelcastError, code=66):
    """A login module asked for something that is not supported."""


class NoDataMemberInClusterError(HazelcastError, code=67):
    """The cluster has no member that holds data."""


class ReplicatedMapCantBeCreatedOnLiteMemberError(HazelcastError, code=68):
    """Lite members cannot hold a replicated map."""


class MaxMessageSizeExceededError(HazelcastError, code=69):
    """A message is larger than allowed."""


class WANReplicationQueueFullError(HazelcastError, code=70):
    """The WAN replication queue is full."""


class HazelcastAssertionError(HazelcastError, code=71):
    """An assertion failed on the member."""


class OutOfMemoryError(HazelcastError, code=72):
    """The member ran out of memory."""


class StackOverflowError(HazelcastError, code=73):
    """The member's stack overflowed."""


class NativeOutOfMemoryError(HazelcastError, code=74):
    """The member ran out of native memory."""


class ServiceNotFoundError(HazelcastError, code=75):
    """The member does not know the service."""


class StaleTaskIdError(HazelcastError, code=76):
    """The task's result has already been disposed of."""


class DuplicateTaskError(HazelcastError, code=77):
    """A scheduled task with the same name already exists."""


class StaleTaskError(HazelcastError, code=78):
    """The scheduled task was disposed of."""


class LocalMemberResetError(HazelcastError, code=79):
    """The member was reset while the operation ran, usually by a merge of clusters."""


class IndeterminateOperationStateError(HazelcastError, code=80):
    """It is unknown whether the operation took effect on its backups."""


class NodeIdOutOfRangeError(HazelcastError, code=81):
    """The member has no identifier that fits into a flake id."""


@retryable
class TargetNotReplicaError(HazelcastError, code=82):
    """The target of the operation holds no replica of the CRDT."""


class MutationDisallowedError(HazelcastError, code=83):
    """The CRDT temporarily cannot be modified."""


class ConsistencyLostError(HazelcastError, code=84):
    """The session guarantees of the CRDT can no longer be kept."""


class HazelcastClientNotActiveError(HazelcastError):
    """The client is shutting down, has shut down, or was not started."""

    def __init__(self, message: str = "Client is not active") -> None:
        super().__init__(message)


class HazelcastCertificationError(HazelcastError):
    """The certificates of a TLS connection were refused."""


class ClientOfflineError(HazelcastError):
    """The client is not connected to the cluster and is configured not to wait for a connection."""

    def __init__(self) -> None:
        super().__init__("The client is not connected to a cluster")


class ClientNotAllowedInClusterError(HazelcastError):
    """The cluster permanently refuses this client."""


class VersionMismatchError(HazelcastError, code=94):
    """Two parties use incompatible versions."""


class NoSuchMethodError(HazelcastError, code=95):
    """The member found no such method (a linkage error in Java)."""


class NoSuchMethodException(HazelcastError, code=96):
    """The member found no such method (a checked exception in Java)."""


class NoSuchFieldError(HazelcastError, code=97):
    """The member found no such field (a linkage error in Java)."""


class NoSuchFieldException(HazelcastError, code=98):
    """The member found no such field (a checked exception in Java)."""


class NoClassDefFoundError(HazelcastError, code=99):
    """The member could not load the definition of a class."""


class UndefinedErrorCodeError(HazelcastError):
    """The member sent an error with an unknown code.

    The second argument is the name of the error's Java class.
    """


class SessionExpiredError(HazelcastError, code=85):
    """The CP session expired. Its locks and permits were released."""


class WaitKeyCancelledError(HazelcastError, code=86):
    """Waiting for a CP lock or semaphore was cancelled."""


class LockAcquireLimitReachedError(HazelcastError, code=87):
    """The holder has already acquired the lock as many times as allowed."""


class LockOwnershipLostError(HazelcastError, code=88):
    """The lock was lost because its session expired."""


class CPGroupDestroyedError(HazelcastError, code=89):
    """The CP group was destroyed."""


@retryable
class CannotReplicateError(HazelcastError, code=90):
    """The leader of the CP group temporarily cannot replicate the operation."""


class LeaderDemotedError(HazelcastError, code=91):
    """The CP leader lost its role before the operation was committed."""


class StaleAppendRequestError(HazelcastError, code=92):
    """A CP member received an entry from a leader of an older term."""


class NotLeaderError(HazelcastError, code=93):
    """The operation reached a CP member that does not lead its group."""


class InvocationMightContainCompactDataError(HazelcastError):
    """The request may need schemas that the new cluster does not have yet."""

    def __init__(self) -> None:
        super().__init__("The request may hold compact data whose schemas the cluster does not have yet")


class CPLeaderSteppingDownError(HazelcastError, code=100):
    """The leader of the CP group lost its majority and is giving up its role.

    Not retryable, as in Java: the outcome of the operations that it has accepted is unknown.
    """


class StackFrame(Protocol):
    """Frame of a stack trace, as it arrives on the wire."""

    @property
    def class_name(self) -> str:
        """Java class of the method."""
        ...

    @property
    def method_name(self) -> str:
        """Name of the method."""
        ...

    @property
    def file_name(self) -> str | None:
        """Name of the source file, if known."""
        ...

    @property
    def line_number(self) -> int:
        """Line in the source file, or a negative number."""
        ...


class ErrorHolder(Protocol):
    """Error of a member, as it arrives on the wire."""

    @property
    def error_code(self) -> int:
        """Code of the error in the protocol."""
        ...

    @property
    def class_name(self) -> str:
        """Java class of the error."""
        ...

    @property
    def message(self) -> str | None:
        """Message of the error, if it has one."""
        ...

    @property
    def stack_trace_elements(self) -> Sequence[StackFrame]:
        """Frames of the stack trace."""
        ...


def create_error(holders: Sequence[ErrorHolder]) -> Exception:
    """Create the exception for an error response.

    Args:
        holders: The error, then its cause, the cause of the cause, and so on.

    Returns:
        An exception of the class that is registered for the error's code, or `UndefinedErrorCodeError` if the
        code is unknown. It is chained to its causes.
    """
    if not holders:
        return ProtocolError("the member sent an error response that contains no error")
    error: Exception | None = None
    for holder in reversed(holders[:_MAX_CAUSES]):
        error = _create_link(holder, error)
    assert error is not None
    return error


def _create_link(holder: ErrorHolder, cause: Exception | None) -> Exception:
    text = f"Exception from server: {holder.class_name}"
    if holder.message is not None:
        text += f": {holder.message}"
    cls = _CLASSES.get(holder.error_code, UndefinedErrorCodeError)
    if issubclass(cls, HazelcastError):
        return _create_hazelcast_error(cls, text, holder, cause)
    error = cls(text)
    error.__cause__ = cause
    return error


def _create_hazelcast_error(
    cls: type[HazelcastError], text: str, holder: ErrorHolder, cause: Exception | None
) -> HazelcastError:
    second = holder.class_name if cls is UndefinedErrorCodeError else cause
    error = _restore(cls, (text, second), cause)
    error.server_class = holder.class_name
    error.server_message = holder.message
    error.server_stack = tuple(map(_describe_frame, holder.stack_trace_elements))
    return error


def _describe_frame(frame: StackFrame) -> str:
    place = frame.file_name or "Unknown Source"
    if frame.file_name and frame.line_number >= 0:
        place += f":{frame.line_number}"
    return f"{frame.class_name}.{frame.method_name}({place})"
