"""The faults. Each does its damage under load, mends it, and tells what it found itself."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from time import monotonic, monotonic_ns

import asyncpg
from asyncpg.exceptions import InterfaceError, PostgresError

from .calling import Caller, fence_draft
from .checks import check_drained
from .deployment import Deployment
from .postgres import find_committing, find_holder, slow_commits, terminate_some
from .records import Attempt
from .servers import Server

FREEZE_SECONDS = 5.0
# When a frozen server held the lock, Postgres ends its session after 2 s in a transaction, or 5 s
# outside of one; the rest is for a busy machine.
FREEZE_LIMIT_SECONDS = 9.0

_COMMIT_DELAY_US = 30_000
_AIM_SECONDS = 5.0
_RECOVERY_SECONDS = 30.0
_FREEZE_AIM_SECONDS = 6.0
_SETTLE_IN_SECONDS = 0.06


@dataclass(slots=True)
class Scene:
    """Where a fault happens.

    Attributes:
        note: What the fault has to tell about itself.
        violations: What it saw that must not be.
        drained: Which server was told to stop, and when.
    """

    deployment: Deployment
    caller: Caller
    random: Random
    note: str = ""
    violations: list[str] = field(default_factory=list)
    drained: tuple[int, int] | None = None

    def check_drained(self, attempts: list[Attempt]) -> Iterator[str]:
        if self.drained is not None:
            server, at_ns = self.drained
            yield from check_drained(attempts, server=server, before_ns=at_ns)


Fault = Callable[[Scene], Awaitable[None]]


async def kill_server(scene: Scene) -> None:
    await scene.random.choice(scene.deployment.servers).kill()
    await scene.deployment.start_servers()


async def kill_postgres(scene: Scene) -> None:
    postgres = scene.deployment.postgres
    postgres.kill(postgres.processes())
    await postgres.start()


async def kill_all(scene: Scene) -> None:
    postgres = scene.deployment.postgres
    postgres.kill(postgres.processes())
    await asyncio.gather(*(server.kill() for server in scene.deployment.servers))
    await scene.deployment.start()


async def freeze_server(scene: Scene) -> None:
    """Stops a server, if possible while it holds the lock; the other one has to go on."""
    await _freeze(scene, "")


async def freeze_in_copy(scene: Scene) -> None:
    """Stops a server in the middle of a COPY, which Postgres waits for without any time-out."""
    await _freeze(scene, "active: COPY")


async def _freeze(scene: Scene, doing: str) -> None:
    frozen, other = scene.random.sample(scene.deployment.servers, 2)
    async with _administration(scene) as admin:
        held = await _freeze_with_lock(scene, admin, frozen, doing)
    began = monotonic()
    try:
        draft = fence_draft()
        await scene.caller.insist(other.number, draft, patience_seconds=FREEZE_LIMIT_SECONDS)
        seconds = monotonic() - began
        scene.note = f"went on after {seconds:.1f} s; it {held}"
        await asyncio.sleep(FREEZE_SECONDS - seconds)
    except TimeoutError:
        scene.violations.append(
            f"frozen: no transaction for {FREEZE_LIMIT_SECONDS} s; the stopped server {held}"
        )
    finally:
        frozen.signal(signal.SIGCONT)


async def _freeze_with_lock(
    scene: Scene, admin: asyncpg.Connection, server: Server, doing: str
) -> str:
    """Stops a server again and again, until it is stopped with the economy's lock in hand.

    Args:
        doing: What its session has to be doing then, as `find_holder` tells it; empty for anything.
    """
    deadline = monotonic() + _FREEZE_AIM_SECONDS
    while monotonic() < deadline:
        server.signal(signal.SIGSTOP)
        before = await find_holder(admin)
        if before is not None and before["doing"].startswith(doing):
            await asyncio.sleep(_SETTLE_IN_SECONDS)
            # The other server runs, so it would have gone on to another state.
            if before == await find_holder(admin):
                return f"held the lock ({before['doing']})"
        server.signal(signal.SIGCONT)
        await asyncio.sleep(scene.random.uniform(0.002, 0.015))
    server.signal(signal.SIGSTOP)
    return "did not hold the lock"


async def drain_server(scene: Scene) -> None:
    """Tells a server to stop: what it was sent before, it answers."""
    server = scene.random.choice(scene.deployment.servers)
    # What was sent just before may not have arrived yet.
    scene.drained = server.number, monotonic_ns() - 250_000_000
    server.signal(signal.SIGTERM)
    began = monotonic()
    code = await server.wait()
    scene.note = f"ended after {monotonic() - began:.1f} s"
    if code != 0:
        scene.violations.append(f"a server that drained ended with exit code {code}")
    await scene.deployment.start_servers()


async def terminate_backends(scene: Scene) -> None:
    ended = 0
    async with _administration(scene) as admin:
        for _ in range(4):
            ended += await terminate_some(admin, scene.random.uniform(0.3, 1))
            await asyncio.sleep(scene.random.uniform(0, 0.3))
    scene.note = f"{ended} sessions"


async def crash_backend(scene: Scene) -> None:
    """Kills the backend that commits; the postmaster then restarts all the others."""
    async with _slow_commits(scene) as admin:
        scene.deployment.postgres.crash_backend(await _aim(scene, admin))


async def terminate_in_commit(scene: Scene) -> None:
    async with _slow_commits(scene) as admin:
        for _ in range(3):
            await admin.execute("SELECT pg_terminate_backend($1)", await _aim(scene, admin))


async def kill_server_in_commit(scene: Scene) -> None:
    # Nothing tells which server a session belongs to: every second shot hits the one that commits.
    server = scene.random.choice(scene.deployment.servers)
    async with _slow_commits(scene) as admin:
        await _aim(scene, admin)
        await server.kill()
    await scene.deployment.start_servers()


async def kill_postgres_in_commit(scene: Scene) -> None:
    postgres = scene.deployment.postgres
    processes = postgres.processes()
    async with _slow_commits(scene) as admin:
        await _aim(scene, admin)
        postgres.kill(processes)
    await postgres.start()


async def kill_all_in_commit(scene: Scene) -> None:
    postgres = scene.deployment.postgres
    processes = postgres.processes()
    async with _slow_commits(scene) as admin:
        await _aim(scene, admin)
        postgres.kill(processes)
        await asyncio.gather(*(server.kill() for server in scene.deployment.servers))
    await scene.deployment.start()


async def _aim(scene: Scene, admin: asyncpg.Connection) -> int:
    """Waits until a session is in COMMIT, then a moment more, so that any instruction is hit."""
    async with asyncio.timeout(_AIM_SECONDS):
        while (pid := await find_committing(admin)) is None:
            pass
    await asyncio.sleep(scene.random.uniform(0, _COMMIT_DELAY_US / 1e6))
    return pid


@asynccontextmanager
async def _slow_commits(scene: Scene) -> AsyncIterator[asyncpg.Connection]:
    """Makes commits slow enough to be hit. `strike` makes them fast again."""
    async with _administration(scene) as admin:
        await slow_commits(admin, _COMMIT_DELAY_US)
        yield admin


@asynccontextmanager
async def _administration(scene: Scene) -> AsyncIterator[asyncpg.Connection]:
    admin = await scene.deployment.postgres.connect()
    try:
        yield admin
    finally:
        # Postgres may be dead by now, so there is no saying goodbye.
        admin.terminate()


async def strike(scene: Scene, name: str) -> None:
    """Does one fault's damage, mends it, and waits until Postgres is itself again."""
    await FAULTS[name](scene)
    async with asyncio.timeout(_RECOVERY_SECONDS):
        while True:
            try:
                async with _administration(scene) as admin:
                    await slow_commits(admin, 0)
                return
            except (PostgresError, InterfaceError, OSError):
                await asyncio.sleep(0.05)


FAULTS: dict[str, Fault] = {
    "kill a server": kill_server,
    "kill Postgres": kill_postgres,
    "kill everything": kill_all,
    "freeze a server": freeze_server,
    "freeze a server in COPY": freeze_in_copy,
    "drain a server": drain_server,
    "end sessions": terminate_backends,
    "crash in COMMIT": crash_backend,
    "end session in COMMIT": terminate_in_commit,
    "kill server in COMMIT": kill_server_in_commit,
    "kill Postgres in COMMIT": kill_postgres_in_commit,
    "kill everything in COMMIT": kill_all_in_commit,
}


def deal(random: Random) -> Iterator[str]:
    """Deals names of faults for ever: shuffled, and each once before any comes again."""
    while True:
        yield from random.sample(sorted(FAULTS), len(FAULTS))
