"""Script that runs one member and kills it when the Python process that started it is gone.

It is run by its path and imports nothing from the package, so it starts in milliseconds. Only the
starting process holds the other end of the pipe on standard input, so the end of file there shows that
this process is gone, however it died. The first line on standard output is the process id of the
member. The exit code is that of the member, with 128 + N for a signal N.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable

_END_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
_PARENT_CHECK_SECONDS = 1.0


def _die_with_parent() -> Callable[[], None] | None:
    """Return what makes the Linux kernel kill the member if this watchdog is killed; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes

        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (ImportError, OSError, AttributeError):
        return None
    set_parent_death_signal = 1

    def apply() -> None:
        prctl(set_parent_death_signal, signal.SIGKILL)

    return apply


def _signal_pipe() -> int:
    """Return a descriptor that yields the number of each signal that arrives."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    for number in (signal.SIGCHLD, *_END_SIGNALS):
        signal.signal(number, lambda _number, _frame: None)
    return read_end


def _must_end(parent: int, stdin: int, signals: int) -> bool:
    ready, _, _ = select.select([stdin, signals], [], [], _PARENT_CHECK_SECONDS)
    if signals in ready and _END_SIGNALS.intersection(os.read(signals, 64)):
        return True
    if stdin in ready and not os.read(stdin, 64):
        return True
    # A forked child may keep the pipe open; the changed parent id shows that the parent is gone.
    return os.getppid() != parent


def main(command: list[str]) -> int:
    """Run the command until it ends by itself or the starting process is gone."""
    parent = os.getppid()
    signals = _signal_pipe()
    member = subprocess.Popen(  # noqa: S603 - no shell, own arguments
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, preexec_fn=_die_with_parent()
    )
    os.write(sys.stdout.fileno(), b"%d\n" % member.pid)
    while member.poll() is None:
        if _must_end(parent, sys.stdin.fileno(), signals):
            member.kill()
            member.wait()
    return member.returncode if member.returncode >= 0 else 128 - member.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
