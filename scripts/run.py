"""`make run`: an economy on its own Postgres, with its web app, its bot and a community."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from keys import make_keys
from ticketonomics_server.bootstrap import operator_key_file
from ticketonomics_server.settings import Settings

BIN = Path(sys.executable).parent
WEB = Path(__file__).parents[1] / "clients/web/dist"
GATEWAY = os.environ.get("TICKETONOMICS_GATEWAY_LISTEN", "127.0.0.1:8080")
TOKENS = {"TELEGRAM_BOT_TOKEN", "TICKETONOMICS_BOT_TOKEN"}
BOT_API_URL = "TICKETONOMICS_BOT_API_URL"
POLL_SECONDS = 0.2

Process = subprocess.Popen[bytes]


def main() -> int:
    """Starts the server, then all that stand on it, until Ctrl-C or until the server ends."""
    settings = Settings()
    for address in (settings.listen, GATEWAY):
        if _is_taken(address):
            print(f"Something listens on {address} already; is another economy running?")
            return 1
    processes = [_start("ticketonomics-server", "serve")]
    server = processes[0]

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        if not _wait_until_serving(server, settings.listen):
            return server.wait() or 1
        operator_key = operator_key_file(settings.data_folder, settings.economy)
        keys = make_keys(settings.listen, operator_key, settings.data_folder)
        gateway = _start_gateway(settings.listen, keys)
        processes.append(gateway)
        bot = _start_bot(settings.listen, keys, operator_key)
        if bot:
            processes.append(bot)
        if not _wait_until_ready(gateway):
            return gateway.wait() or 1
        _tell_where_to_look(settings, operator_key, with_bot=bot is not None)
        target = ("--target", settings.listen, "--api-key-file", str(operator_key))
        processes.append(_start("ticketonomics-simulator", *target))
        return server.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        # Ctrl-C has reached them already when it came from a terminal; saying it again would mean
        # «at once», so they are only asked when they go on.
        for process in reversed(processes):
            _end(process)


def _is_taken(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def _start(program: str, *arguments: str, **environment: str) -> Process:
    return subprocess.Popen([BIN / program, *arguments], env=os.environ | environment)


def _start_gateway(target: str, keys: dict[str, Path]) -> Process:
    return _start(
        *("ticketonomics-gateway", "serve"),
        TICKETONOMICS_GATEWAY_LISTEN=GATEWAY,
        TICKETONOMICS_GATEWAY_SERVER=target,
        TICKETONOMICS_GATEWAY_PEOPLE_KEY_FILE=str(keys["gateway-people"]),
        TICKETONOMICS_GATEWAY_SIGN_IN_KEY_FILE=str(keys["gateway-sign-in"]),
        TICKETONOMICS_GATEWAY_SESSION_SECRET_FILE=str(
            keys["gateway-people"].with_name("sessions.key")
        ),
        TICKETONOMICS_GATEWAY_WEB_FOLDER=str(WEB),
        # Without Telegram nobody could sign in: on this machine one may be any citizen.
        TICKETONOMICS_GATEWAY_DEV_LOGIN="false" if TOKENS & os.environ.keys() else "true",
    )


def _start_bot(target: str, keys: dict[str, Path], operator_key: Path) -> Process | None:
    """Starts the bot when it has a token, or a Bot API that takes any."""
    token: dict[str, str] = {}
    if not TOKENS & os.environ.keys():
        if BOT_API_URL not in os.environ:
            return None
        token = {"TICKETONOMICS_BOT_TOKEN": "1:any"}
    return _start(
        *("ticketonomics-bot", "run"),
        **token,
        TICKETONOMICS_BOT_TARGET=target,
        TICKETONOMICS_BOT_KEY_FILE=str(keys["bot"]),
        TICKETONOMICS_BOT_OPERATOR_KEY_FILE=str(operator_key),
    )


def _wait_until_serving(server: Process, target: str) -> bool:
    import grpc
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    with grpc.insecure_channel(target) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        while server.poll() is None:
            try:
                answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=1)
            except grpc.RpcError:
                time.sleep(POLL_SECONDS)
                continue
            if answer.status == health_pb2.HealthCheckResponse.SERVING:
                return True
    return False


def _wait_until_ready(gateway: Process) -> bool:
    while gateway.poll() is None:
        try:
            with urllib.request.urlopen(f"http://{GATEWAY}/readyz", timeout=1):
                return True
        except OSError:
            time.sleep(POLL_SECONDS)
    return False


def _tell_where_to_look(settings: Settings, operator_key: Path, *, with_bot: bool) -> None:
    print(
        f"""
  The economy «{settings.economy}» is open:  http://{GATEWAY}{"  and in Telegram" * with_bot}

  gRPC is at {settings.listen}; the operator's key is in {operator_key}.
  In another terminal:
    .venv/bin/ticketonomics supply
    .venv/bin/ticketonomics watch
    .venv/bin/ticketonomics --help
    make verify

  Ctrl-C stops everything.
""",
        flush=True,
    )


def _end(process: Process) -> None:
    if process.poll() is not None:
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
