import grpc
import pytest
from ticketonomics_client import Client
from ticketonomics_client.connection import is_loopback


@pytest.mark.parametrize(
    "target",
    [
        "127.0.0.1:50051",
        "127.8.8.8:50051",
        "localhost:50051",
        "[::1]:50051",
        "[::1]",
        "localhost",
        "dns:///localhost:50051",
        "ipv4:127.0.0.1:50051",
        "unix:/run/ledger.sock",
    ],
)
def test_this_machine_is_loopback(target: str) -> None:
    assert is_loopback(target)


@pytest.mark.parametrize(
    "target",
    [
        "ledger.example.org:443",
        "10.0.0.1:50051",
        "[2001:db8::1]:50051",
        "0.0.0.0:50051",
        "localhost.example.org:1",
        "dns://8.8.8.8/localhost:50051",
        "ipv4:127.0.0.1:50051,10.0.0.1:50051",
    ],
)
def test_everything_else_is_not(target: str) -> None:
    assert not is_loopback(target)


def test_a_key_never_goes_to_another_machine_in_clear_text_by_accident() -> None:
    with pytest.raises(ValueError, match="without TLS"):
        Client("ledger.example.org:443", api_key="secret", tls=False)


def test_clear_text_to_another_machine_is_an_explicit_wish() -> None:
    Client("ledger.example.org:443", api_key="secret", insecure=True)


def test_tls_and_insecure_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="exclude"):
        Client(tls=grpc.ssl_channel_credentials(), insecure=True)


@pytest.mark.parametrize("key", ["secret\n", "se\x00cret", "sécret", " secret"])
def test_a_malformed_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="api_key") as raised:
        Client(api_key=key)
    assert key.strip() not in str(raised.value)


async def test_another_machine_is_spoken_to_with_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[str] = []
    real = grpc.aio.secure_channel

    def secure_channel(target: str, *args: object, **options: object) -> grpc.aio.Channel:
        used.append(target)
        return real(target, *args, **options)

    monkeypatch.setattr(grpc.aio, "secure_channel", secure_channel)
    async with Client("ledger.example.org:443", api_key="secret") as client:
        assert client.ledger is not None
    assert used == ["ledger.example.org:443"]
