"""`make run`: a server on its own Postgres and a community that lives on it, until Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ticketonomics_server.bootstrap import operator_key_file
from ticketonomics_server.settings import Settings

BIN = Path(sys.executable).parent


def main() -> int:
    """Starts the server, waits until it serves, runs the simulator, and stops both."""
    settings = Settings()
    key_file = operator_key_file(settings.data_folder, settings.economy)
    server = subprocess.Popen([BIN / "ticketonomics-server", "serve"])
    simulator: subprocess.Popen[bytes] | None = None

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        if not _wait_until_serving(server, settings.listen):
            return server.wait() or 1
        _tell_where_to_look(settings, key_file)
        simulator = subprocess.Popen(
            [
                BIN / "ticketonomics-simulator",
                *("--target", settings.listen),
                *("--api-key-file", str(key_file)),
            ]
        )
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        # Ctrl-C has reached them already when it came from a terminal; saying it again would mean
        # «at once», so they are only asked when they go on.
        for process in (simulator, server):
            _end(process)


def _wait_until_serving(server: subprocess.Popen[bytes], target: str) -> bool:
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    with grpc.insecure_channel(target) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        while server.poll() is None:
            try:
                answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=1)
            except grpc.RpcError:
                time.sleep(0.2)
                continue
            if answer.status == health_pb2.HealthCheckResponse.SERVING:
                return True
    return False


def _tell_where_to_look(settings: Settings, key_file: Path) -> None:
    print(
        f"""
  The economy «{settings.economy}» is open at {settings.listen} (gRPC).
  The operator's key is in {key_file}.

  In another terminal:
    .venv/bin/ticketonomics supply
    .venv/bin/ticketonomics watch
    .venv/bin/ticketonomics --help
    make verify

  Ctrl-C stops everything.
""",
        flush=True,
    )


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is None or process.poll() is not None:
        return
    try:
        process.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        process.terminate()
    while process.poll() is None:
        try:
            process.wait(timeout=60)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            os.kill(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
