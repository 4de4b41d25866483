"""What the ledger stands on, measured alone: Postgres and gRPC."""

from ticketonomics_server.storage.embedded import EmbeddedPostgres

from .driving import rate, send, spread, watch_bare
from .figures import Figures
from .jobs import EchoJob, WatchJob
from .pgbench import Pgbench
from .plan import Plan
from .processes import bare_server_running
from .storage import checkpoint


async def measure_pgbench(postgres: EmbeddedPostgres, plan: Plan) -> Figures:
    """Measure Postgres with one transaction a transfer."""
    pgbench = Pgbench(postgres, accounts=plan.accounts, clients=plan.pg_clients)
    figures: Figures = {}
    await pgbench.create()
    for key, script, protocol in (
        ("pg_uniform_tps", "pgbench_uniform.sql", "simple"),
        ("pg_hot_tps", "pgbench_hot.sql", "simple"),
        ("pg_uniform_prepared_tps", "pgbench_uniform.sql", "prepared"),
        ("pg_hot_prepared_tps", "pgbench_hot.sql", "prepared"),
    ):
        await checkpoint(postgres)
        result = await pgbench.measure(script, protocol=protocol, seconds=plan.seconds)
        figures[key] = result.tps
        if key == "pg_hot_tps":
            figures["pg_hot_retried_percent"] = result.retried_percent
    await pgbench.drop()
    return figures


async def measure_echo(plan: Plan) -> Figures:
    """Measure grpc.aio with a server that does nothing."""
    async with bare_server_running() as target:
        echo = EchoJob(target=target, seconds=plan.seconds, concurrency=plan.unary_in_flight)
        echoes = await send(spread(echo, plan.client_processes))
    async with bare_server_running("asyncio") as target:
        echo = EchoJob(target=target, seconds=plan.seconds, concurrency=plan.unary_in_flight)
        own_loop_echoes = await send(spread(echo, plan.client_processes))
    async with bare_server_running() as target:
        watch = WatchJob(target=target, seconds=plan.seconds, concurrency=plan.watchers, bare=True)
        watched = await watch_bare(spread(watch, plan.client_processes))
    return {
        "echo_unary_rps": rate(echoes),
        "echo_unary_asyncio_rps": rate(own_loop_echoes),
        "echo_fanout_1000_mps": sum(one.messages / one.seconds for one in watched),
    }
