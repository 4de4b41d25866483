"""A real server and a real gateway in front of it, and people who come to it with browsers."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import quote

import httpx
from ticketonomics_client import Client
from ticketonomics_gateway.serving import open_gateway
from ticketonomics_gateway.settings import Settings

from tests.conftest import Server, run_server

BOT_TOKEN = "123456789:AAF-test_token_of_nobody_0123456789"
PEOPLE_SCOPES = (
    *("identity.act_for", "spending.consent", "ledger.transfer", "amm.swap", "queues.play"),
    *("rewards.claim", "rewards.report", "parliament.take_part"),
)
SIGN_IN_SCOPES = ("identity.people",)


@dataclass
class Stage:
    """A server, its operator, an account for money to come and go, and a gateway's address."""

    server: Server
    operator: Client
    folder: Path
    url: str = ""
    purse: str = ""
    keys: dict[str, str] = field(default_factory=dict)

    def settings(self, **more: Any) -> Settings:
        return Settings(
            **{
                "listen": "127.0.0.1:0",
                "server": self.server.target,
                "people_key_file": self.folder / "people.key",
                "sign_in_key_file": self.folder / "sign-in.key",
                "session_secret_file": self.folder / "sessions.key",
                "web_folder": self.folder / "dist",
                "bot_token": BOT_TOKEN,
                "rate_limit_rps": 10_000,
                "drain_seconds": 5,
                **more,
            }
        )

    @asynccontextmanager
    async def gateway(self, **more: Any) -> AsyncIterator[str]:
        """Opens one more gateway."""
        async with open_gateway(self.settings(**more)) as port:
            yield f"http://127.0.0.1:{port}"

    @asynccontextmanager
    async def browser(self, url: str = "") -> AsyncIterator["Browser"]:
        async with httpx.AsyncClient(base_url=url or self.url, timeout=20) as http:
            yield Browser(http, url or self.url)

    @asynccontextmanager
    async def signed_in(self, user_id: int, url: str = "", **user: Any) -> AsyncIterator["Browser"]:
        async with self.browser(url) as browser:
            await browser.sign_in(init_data(user_id, **user))
            yield browser


@dataclass
class Browser:
    """Keeps cookies, says where its page is from, and shows the token that it was given."""

    http: httpx.AsyncClient
    origin: str
    me: dict[str, Any] = field(default_factory=dict)

    @property
    def person_id(self) -> str:
        found: str = self.me["person"]["personId"]
        return found

    async def sign_in(self, data: str) -> None:
        answer = await self.post("/api/v1/auth/telegram", {"initData": data})
        assert answer.status_code == 200, answer.text
        self.me = answer.json()

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.http.get(path, **more)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        sent = {"origin": self.origin}
        if self.me:
            sent["x-csrf-token"] = self.me["csrfToken"]
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        return await self.http.post(path, json={} if body is None else body, headers=sent)


def init_data(
    user_id: int = 4711,
    *,
    token: str = BOT_TOKEN,
    auth_date: int | None = None,
    first_name: str = "Ada",
    **more: str,
) -> str:
    """Makes what Telegram would give to a page that this user has opened."""
    user = {"id": user_id, "first_name": first_name, "language_code": "en"}
    fields = {
        "query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
        "user": json.dumps(user, separators=(",", ":")),
        "auth_date": str(int(time()) if auth_date is None else auth_date),
        **more,
    }
    return sealed(fields, token)


def sealed(fields: dict[str, str], token: str = BOT_TOKEN) -> str:
    """Signs fields as a bot's init data."""
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    secret = hmac.digest(b"WebAppData", token.encode(), "sha256")
    told = hmac.new(secret, lines.encode(), hashlib.sha256).hexdigest()
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items()) + (
        f"&hash={told}"
    )


@asynccontextmanager
async def staged(database_url: str, folder: Path, **settings: Any) -> AsyncIterator[Stage]:
    """Runs a server and a gateway for as long as the block lasts."""
    async with (
        run_server(database_url, folder) as server,
        Client(server.target, api_key=server.operator_key) as operator,
    ):
        stage = Stage(server, operator, folder)
        await operator.open_queues()
        somebody = await operator.get_or_create_person(provider="test", subject="purse")
        stage.purse = somebody.person.account
        for name, scopes in (("people", PEOPLE_SCOPES), ("sign-in", SIGN_IN_SCOPES)):
            made = await operator.create_application(
                name=name, scopes=scopes, rate_limit_rps=100_000
            )
            stage.keys[name] = (await operator.create_api_key(made.application_id)).secret
            (folder / f"{name}.key").write_text(stage.keys[name] + "\n")
        async with stage.gateway(**settings) as url:
            stage.url = url
            yield stage
