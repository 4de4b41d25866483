"""The faults. Each does its damage under load, mends it, and tells what it found itself."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from time import monotonic, monotonic_ns

import asyncpg

from .calling import Caller, fence_draft
from .checks import check_drained
from .deployment import Deployment
from .postgres import find_committing, find_holder, slow_commits, terminate_some
from .records import Attempt

FREEZE_SECONDS = 5.0
# When a frozen server held the lock, Postgres ends its session after 2 s in a transaction, or 5 s
# outside of one; the rest is for a busy machine.
FREEZE_LIMIT_SECONDS = 9.0

_COMMIT_DELAY_US = 30_000
_AIM_SECONDS = 5.0
_FREEZE_TRIES = 40
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
    frozen, other = scene.random.sample(scene.deployment.servers, 2)
    async with _administration(scene) as admin:
        held = await _freeze_with_lock(scene, admin, frozen.number)
    began = monotonic()
    try:
        draft = fence_draft()
        await scene.caller.insist(other.number, draft, patience_seconds=FREEZE_LIMIT_SECONDS)
        seconds = monotonic() - began
        scene.note = f"went on after {seconds:.1f} s; it {held}"
        await asyncio.sleep(FREEZE_SECONDS - seconds)
    except TimeoutError:
        scene.note = f"it {held}"
        scene.violations.append(
            f"frozen: no transaction for {FREEZE_LIMIT_SECONDS} s; the stopped server {held}"
        )
    finally:
        frozen.signal(signal.SIGCONT)


async def _freeze_with_lock(scene: Scene, admin: asyncpg.Connection, number: int) -> str:
    """Stops a server again and again, until it is stopped with the economy's lock in hand."""
    server = scene.deployment.servers[number]
    for _ in range(_FREEZE_TRIES):
        server.signal(signal.SIGSTOP)
        before = await find_holder(admin)
        await asyncio.sleep(_SETTLE_IN_SECONDS)
        after = await find_holder(admin)
        # The other server runs, so it would have gone on to another state.
        if before is not None and before == after:
            return f"held the lock ({after[1]})"
        server.signal(signal.SIGCONT)
        await asyncio.sleep(scene.random.uniform(0.01, 0.05))
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
    async with _in_commit(scene) as pid:
        scene.deployment.postgres.crash_backend(pid)
    await _wait_for_postgres(scene)


async def terminate_in_commit(scene: Scene) -> None:
    async with _administration(scene) as admin:
        for _ in range(3):
            async with _in_commit(scene) as pid:
                await admin.execute("SELECT pg_terminate_backend($1)", pid)


async def kill_server_in_commit(scene: Scene) -> None:
    async with _in_commit(scene):
        scene.random.choice(scene.deployment.servers).signal(signal.SIGKILL)
    await asyncio.gather(*(server.wait() for server in _ended(scene)))
    await scene.deployment.start_servers()


async def kill_postgres_in_commit(scene: Scene) -> None:
    postgres = scene.deployment.postgres
    processes = postgres.processes()
    async with _in_commit(scene):
        postgres.kill(processes)
    await postgres.start()


async def kill_all_in_commit(scene: Scene) -> None:
    postgres = scene.deployment.postgres
    processes = postgres.processes()
    async with _in_commit(scene):
        postgres.kill(processes)
        for server in scene.deployment.servers:
            server.signal(signal.SIGKILL)
    await asyncio.gather(*(server.wait() for server in scene.deployment.servers))
    await scene.deployment.start()


FAULTS: dict[str, Fault] = {
    "kill a server": kill_server,
    "kill Postgres": kill_postgres,
    "kill everything": kill_all,
    "freeze a server": freeze_server,
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
