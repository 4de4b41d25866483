"""The Postgres processes of one data folder: start them, watch them, end them, and no others."""

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil

from ticketonomics_server.storage.binaries import (
    EmbeddedPostgresError,
    ServerUser,
    clean_environment,
)

LOG_CHECK_SECONDS = 5.0

_POLL_SECONDS = 0.05
_PROGRESS_SECONDS = 1.0
_IMMEDIATE_SECONDS = 10.0
_KILL_SECONDS = 10.0
# The kernel derives a process' start from the boot time, Postgres reads the clock: they may
# differ by the rounding of both and a small correction of the clock.
_START_TOLERANCE_SECONDS = 5.0
_TAIL_BYTES = 4096

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PidFile:
    """What a postmaster writes into `postmaster.pid`."""

    pid: int
    start_time_seconds: int
    status: str

    @classmethod
    def read(cls, pgdata: Path) -> "PidFile | None":
        """Return the file's content, or None if it is missing or not (yet) complete."""
        try:
            lines = (pgdata / "postmaster.pid").read_text(errors="replace").splitlines()
            # A single-user Postgres writes its pid negated.
            pid, start = abs(int(lines[0])), int(lines[2])
        except (OSError, ValueError, IndexError):
            return None
        return cls(pid=pid, start_time_seconds=start, status=lines[7].strip() if lines[7:] else "")


class Postmaster:
    """One running Postgres which this process has started.

    A thread of its own starts Postgres and then lives as long as Postgres is wanted. It keeps
    the log file bounded; and since the kernel ties the parent-death signal to the *thread*
    that started a child, that thread has to be one which we control.
    """

    def __init__(self, pgdata: Path, log: Path, *, log_limit_bytes: int) -> None:
        """Prepare to run Postgres on `pgdata`, writing its messages to `log`."""
        self._pgdata = pgdata
        self._log = log
        self._log_limit_bytes = log_limit_bytes
        self._released = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether the postmaster process exists."""
        return self._process is not None and self._process.poll() is None

    def start(self, command: list[str], user: ServerUser, lock: int) -> None:
        """Start Postgres as `user`; it and all its children inherit the locked file `lock`."""
        started: Future[subprocess.Popen[bytes]] = Future()
        self._thread = threading.Thread(
            target=self._keep, args=(command, user, lock, started), name="postmaster", daemon=True
        )
        self._thread.start()
        self._process = started.result()

    def wait_until_ready(self, progress: Callable[[str], None]) -> None:
        """Wait until connections are accepted, for as long as the postmaster lives.

        Crash recovery takes as long as it takes; `progress` gets the log's last line meanwhile.

        Raises:
            EmbeddedPostgresError: The postmaster ended; the text has the end of its log.
        """
        next_report = time.monotonic() + _PROGRESS_SECONDS
        while not self._is_ready():
            if not self.alive:
                raise EmbeddedPostgresError(
                    f"Postgres ended while starting; the end of {self._log}:\n{tail(self._log)}"
                )
            if time.monotonic() >= next_report:
                progress(tail(self._log).rpartition("\n")[2])
                next_report += _PROGRESS_SECONDS
            time.sleep(_POLL_SECONDS)

    def stop(self, fast_seconds: float) -> None:
        """End Postgres if it lives, and reap it. Idempotent.

        Raises:
            EmbeddedPostgresError: The kernel would not let it end, for instance a hung disk.
        """
        try:
            if self._process is not None:
                with suppress(psutil.NoSuchProcess):
                    end(psutil.Process(self._process.pid), fast_seconds=fast_seconds)
                self._process.wait(_KILL_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise EmbeddedPostgresError(f"Postgres does not end, even by force: {error}") from error
        finally:
            self._released.set()
            if self._thread is not None:
                self._thread.join()

    def _is_ready(self) -> bool:
        found = PidFile.read(self._pgdata)
        if found is None or self._process is None or found.pid != self._process.pid:
            return False
        return found.status in ("ready", "standby")

    def _keep(
        self,
        command: list[str],
        user: ServerUser,
        lock: int,
        started: "Future[subprocess.Popen[bytes]]",
    ) -> None:
        try:
            started.set_result(_spawn(command, user, lock, self._log))
        except BaseException as error:  # noqa: BLE001 - It is raised again by the caller's thread.
            started.set_exception(error)
            return
        while not self._released.wait(LOG_CHECK_SECONDS):
            try:
                bound_log(self._log, self._log_limit_bytes)
            except OSError:
                _logger.exception("cannot bound the Postgres log %s", self._log)


def end(postmaster: psutil.Process, *, fast_seconds: float) -> None:
    """End a postmaster: fast shutdown, else immediate, else SIGKILL, with all its children.

    psutil compares a process' start time before each signal, so a pid that was handed to a
    stranger meanwhile is not signalled.
    """
    with suppress(psutil.NoSuchProcess):
        children = postmaster.children(recursive=True)
        for number, seconds in (
            (signal.SIGINT, fast_seconds),
            (signal.SIGQUIT, _IMMEDIATE_SECONDS),
            (signal.SIGKILL, _KILL_SECONDS),
        ):
            children = list({*children, *postmaster.children(recursive=True)})
            postmaster.send_signal(number)
            if _gone(postmaster, seconds):
                break
        _kill(children)


@contextmanager
def exclusive(pgdata: Path, lock_file: Path, *, fast_seconds: float) -> Iterator[int]:
    """Hold the lock that says "no process of this data folder's Postgres lives".

    Postgres inherits the locked file from us and hands it to its children, so the lock falls
    when the last of them has gone, whoever their parent is by then. Orphans that an owner which
    was killed left behind are ended first. The caller holds the owner's lock.

    Yields:
        The locked file descriptor, to be inherited by the next postmaster.

    Raises:
        EmbeddedPostgresError: A Postgres runs there that is not an orphan of ours.
    """
    lock = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        _end_orphans(pgdata, lock_file, lock, fast_seconds)
        _forget_stranger(pgdata)
        yield lock
    finally:
        os.close(lock)


def end_survivors(pgdata: Path, lock_file: Path) -> None:
    """End what a postmaster that was killed left running, such as a busy backend.

    Raises:
        EmbeddedPostgresError: A process that we cannot see, or end, holds the lock.
    """
    with exclusive(pgdata, lock_file, fast_seconds=0):
        pass


def bound_log(log: Path, limit_bytes: int) -> None:
    """Keep the newest `limit_bytes` of a log that has outgrown them beside it, and empty it.

    Postgres appends, so it goes on at the new end without having to be told.
    """
    size_bytes = log.stat().st_size if log.exists() else 0
    if size_bytes <= limit_bytes:
        return
    try:
        with log.open("rb") as source, log.with_name(f"{log.name}.1").open("wb") as previous:
            source.seek(size_bytes - limit_bytes)
            # No more than asked for, though Postgres may be writing at this moment.
            previous.write(source.read(limit_bytes))
    finally:
        # On a full disk the space matters more than the old lines.
        os.truncate(log, 0)


def tail(log: Path) -> str:
    """Return the last lines of a log."""
    try:
        with log.open("rb") as source:
            source.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            return source.read().decode(errors="replace").strip()
    except OSError:
        return ""


def _spawn(command: list[str], user: ServerUser, lock: int, log: Path) -> "subprocess.Popen[bytes]":
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    output = os.open(log, flags, 0o600)
    try:
        return subprocess.Popen(
            [*_ended_with_us(), *command],
            user=user.uid if user.switched else None,
            group=user.gid if user.switched else None,
            extra_groups=[] if user.switched else None,
            env=clean_environment(),
            cwd="/",
            umask=0o077,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(lock,),
            # A Ctrl-C in the terminal must not end Postgres before the server has drained.
            start_new_session=True,
        )
    finally:
        os.close(output)


def _ended_with_us() -> list[str]:
    """Return a prefix by which the kernel asks Postgres for a fast shutdown when we die.

    `setpriv` sets the signal and becomes Postgres, as the right user (a change of user would
    clear it). Python's own way, `preexec_fn`, is unsafe in a process with threads. Without
    `setpriv` (macOS, Alpine) the next launcher ends the orphan, as it does anyway.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return []
    prefix = [setpriv, "--pdeathsig", "INT", "--"]
    works = subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0
    return prefix if works else []


def _end_orphans(pgdata: Path, lock_file: Path, lock: int, fast_seconds: float) -> None:
    postmaster = _recorded_postmaster(pgdata)
    if postmaster is not None:
        if not _holds(postmaster, lock_file):
            raise EmbeddedPostgresError(
                f"a Postgres with pid {postmaster.pid} runs on {pgdata} and was not started by "
                f"this server: stop it first (`pg_ctl stop -D '{pgdata}'`)"
            )
        _logger.warning("ending the orphan Postgres %d of %s", postmaster.pid, pgdata)
        end(postmaster, fast_seconds=fast_seconds)
    _kill([] if _try_lock(lock) else _holders(pgdata, lock_file))
    deadline = time.monotonic() + _KILL_SECONDS
    while not _try_lock(lock):
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"a process of the Postgres on {pgdata} still holds {lock_file}, but is not to "
                "be seen or ended from here (another container?): stop it first"
            )
        time.sleep(_POLL_SECONDS)


def _recorded_postmaster(pgdata: Path) -> psutil.Process | None:
    """Return the process of `postmaster.pid` if command line and start time say it is that one."""
    found = PidFile.read(pgdata)
    if found is None:
        return None
    with suppress(psutil.Error):
        process = psutil.Process(found.pid)
        skew_seconds = abs(process.create_time() - found.start_time_seconds)
        if skew_seconds <= _START_TOLERANCE_SECONDS and _serves(process, pgdata):
            return process
    return None


def _serves(process: psutil.Process, pgdata: Path) -> bool:
    command = process.cmdline()
    if not command or Path(command[0]).name != "postgres":
        return False
    return any(
        flag == "-D" and Path(folder).resolve() == pgdata for flag, folder in pairwise(command)
    )


def _holds(process: psutil.Process, lock_file: Path) -> bool:
    with suppress(psutil.Error):
        return any(Path(opened.path) == lock_file for opened in process.open_files())
    return False


def _holders(pgdata: Path, lock_file: Path) -> list[psutil.Process]:
    """Return the Postgres processes which work in `pgdata` and inherited its lock."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            # Postgres' processes rename themselves, but all of them work in their data folder.
            if Path(process.cwd()) == pgdata and _holds(process, lock_file):
                found.append(process)
    return found


def _forget_stranger(pgdata: Path) -> None:
    """Remove a stale `postmaster.pid` that is damaged, or whose pid is somebody else's by now.

    Postgres forgives a dead pid by itself, but takes any living process of its own user for a
    postmaster. Removing the file is safe: the lock shows that nobody is left.
    """
    found = PidFile.read(pgdata)
    if found is None or psutil.pid_exists(found.pid):
        (pgdata / "postmaster.pid").unlink(missing_ok=True)


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    for process in processes:
        _gone(process, _KILL_SECONDS)


def _gone(process: psutil.Process, seconds: float) -> bool:
    """Wait until a process has ended; one that only its parent has yet to reap counts as ended.

    `psutil.Process.wait` would wait for a container's first process, which may never reap.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            if process.status() == psutil.STATUS_ZOMBIE or not process.is_running():
                return True
        except psutil.NoSuchProcess:
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
