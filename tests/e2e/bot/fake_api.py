"""A small Bot API over HTTP: Telegram, as far as a bot can tell, with people who write and press.

It keeps what was sent and edited, gives updates by long polling or to webhooks, and refuses on
demand.
"""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

TOKEN = "4200:fake-token-for-tests"
BOT = {"id": 4200, "is_bot": True, "first_name": "Ticketonomics", "username": "ticketonomics_bot"}
PATIENCE_SECONDS = 40.0

Params = dict[str, Any]


@dataclass
class Shown:
    """A message of the bot's, as it is now."""

    chat_id: int
    message_id: int
    text: str = ""
    markup: Params | None = None
    picture: bool = False
    receiver_id: int = 0
    reply_to: int = 0
    edits: int = 0

    @property
    def buttons(self) -> dict[str, Params]:
        rows = (self.markup or {}).get("inline_keyboard", [])
        return {button["text"]: button for row in rows for button in row}

    def data(self, label: str) -> str:
        """What the button carries whose text has this in it."""
        for text, button in self.buttons.items():
            if label in text:
                return str(button["callback_data"])
        raise AssertionError(f"no button {label!r} among {list(self.buttons)}")


@dataclass
class Call:
    """A call of the bot's."""

    method: str
    params: Params
    at: float


@dataclass
class Refusal:
    """What the next call of a method is answered with instead."""

    method: str
    code: int
    description: str
    retry_after: int = 0
    times: int = 1


@dataclass
class Chat:
    """Where people write."""

    id: int
    type: str = "private"
    title: str = ""

    def as_json(self) -> Params:
        return {"id": self.id, "type": self.type, **({"title": self.title} if self.title else {})}


@dataclass
class Person:
    """Somebody with Telegram."""

    telegram: "FakeTelegram"
    id: int
    name: str
    username: str = ""
    language: str = "en"

    def as_json(self) -> Params:
        more = {"username": self.username} if self.username else {}
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.name,
            "language_code": self.language,
            **more,
        }

    @property
    def chat(self) -> Chat:
        return Chat(self.id)

    async def says(
        self,
        text: str,
        *,
        chat: Chat | None = None,
        reply_to: Params | None = None,
        ephemeral: bool = False,
        **more: Any,
    ) -> Params:
        """Writes a message, and returns its update."""
        telegram = self.telegram
        where = chat or self.chat
        number = next(telegram.numbers)
        message: Params = {
            "message_id": 0 if ephemeral else number,
            "date": int(time.time()),
            "chat": {**where.as_json(), **({} if chat else {"first_name": self.name})},
            "from": self.as_json(),
            "text": text,
            **more,
        }
        if ephemeral:
            message["ephemeral_message_id"] = number
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            command = {"type": "bot_command", "offset": 0, "length": length}
            message["entities"] = [command, *more.get("entities", [])]
        if reply_to:
            message["reply_to_message"] = reply_to
        if not chat:
            telegram.started.add(self.id)
        return await telegram.push({"message": message})

    async def asks(self, text: str, **more: Any) -> Shown:
        """Writes a message, and waits for what the bot shows next."""
        before = self.telegram.changes
        said = await self.says(text, **more)
        return await self.telegram.next_shown(before, self.id, said["message"]["chat"]["id"])

    async def presses(self, shown: Shown, label: str) -> Params:
        """Presses a button, and returns its update."""
        return await self.sends_press(shown, shown.data(label))

    async def sends_press(self, shown: Shown, data: str) -> Params:
        """Sends what a button carries, or what somebody made up."""
        telegram = self.telegram
        query: Params = {
            "id": str(next(telegram.numbers)),
            "from": self.as_json(),
            "chat_instance": "1",
            "data": data,
        }
        if shown.message_id < 0:
            query["inline_message_id"] = f"inline{-shown.message_id}"
        else:
            query["message"] = telegram.message_json(shown)
        return await telegram.push({"callback_query": query})

    async def press_answer(self, shown: Shown, label: str) -> Params:
        """Presses a button, and waits for the answer above the chat."""
        update = await self.presses(shown, label)
        return await self.telegram.answer_to(update)

    async def sees_after(self, shown: Shown, label: str) -> Shown:
        """Presses a button, and waits for what the bot shows next."""
        before = self.telegram.changes
        await self.presses(shown, label)
        return await self.telegram.next_shown(before, self.id, shown.chat_id)

    async def types_inline(self, query: str) -> list[Params]:
        """Types `@bot query`, and returns what is offered."""
        telegram = self.telegram
        number = str(next(telegram.numbers))
        update = {"id": number, "from": self.as_json(), "query": query, "offset": ""}
        await telegram.push({"inline_query": update})

        def answered() -> list[Call]:
            calls = telegram.called("answerInlineQuery")
            return [call for call in calls if call.params["inline_query_id"] == number]

        await telegram.until(answered)
        results: list[Params] = answered()[0].params["results"]
        return results

    def sends_inline(self, result: Params) -> Shown:
        """Sends one of the offers into some chat."""
        telegram = self.telegram
        content = result["input_message_content"]
        shown = Shown(
            chat_id=0,
            message_id=-next(telegram.numbers),
            text=content["message_text"],
            markup=result.get("reply_markup"),
        )
        telegram.shown[0, shown.message_id] = shown
        return shown


@dataclass
class FakeTelegram:
    """The Bot API and everybody who uses Telegram."""

    url: str = ""
    numbers: Any = field(default_factory=lambda: itertools.count(100))
    shown: dict[tuple[int, int], Shown] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    # People who have written to the bot in private: it may write to them.
    started: set[int] = field(default_factory=set)
    people: dict[int, Person] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    # Where webhooks really are; what the bot names is a public address.
    webhooks: list[str] = field(default_factory=list)
    webhook: Params | None = None
    changes: int = 0
    latest: list[Shown] = field(default_factory=list)
    updates: list[Params] = field(default_factory=list)
    polled: int = 0
    _update_numbers: Any = field(default_factory=lambda: itertools.count(1_000))
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def person(self, number: int, name: str, username: str = "", language: str = "en") -> Person:
        made = self.people[number] = Person(self, number, name, username, language)
        return made

    def refuse(self, method: str, code: int, description: str, **more: int) -> None:
        """Has the next call of a method refused."""
        self.refusals.append(Refusal(method, code, description, **more))

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    # --- updates ------------------------------------------------------------------------------

    async def push(self, content: Params) -> Params:
        """Makes an update and delivers it."""
        update = {"update_id": next(self._update_numbers), **content}
        await self.deliver(update)
        return update

    async def deliver(self, update: Params, *, to: str = "") -> int:
        """Gives an update to the bot, maybe once more; returns the webhook's status, or 0."""
        if not (self.webhooks or to):
            async with self._news:
                self.updates.append(update)
                self._news.notify_all()
            return 0
        url = to or self.webhooks[update["update_id"] % len(self.webhooks)]
        secret = (self.webhook or {}).get("secret_token", "")
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json=update, headers=headers) as answer,
        ):
            return answer.status

    # --- waiting ------------------------------------------------------------------------------

    async def until(self, holds: Callable[[], Any], *, seconds: float = PATIENCE_SECONDS) -> Any:
        """Waits until something is so, looking at every call of the bot's."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(holds)
        return holds()

    async def next_shown(self, before: int, *chats: int) -> Shown:
        """Waits for what is sent or edited there, or anywhere, after so many changes."""

        def found() -> list[Shown]:
            return [shown for shown in self.latest[before:] if not chats or shown.chat_id in chats]

        await self.until(found)
        return found()[0]

    async def shows(self, words: str, *, chat_id: int | None = None) -> Shown:
        """Waits until some message says this."""

        def found() -> Shown | None:
            for shown in reversed(list(self.shown.values())):
                if words in shown.text and chat_id in {None, shown.chat_id}:
                    return shown
            return None

        result: Shown = await self.until(found)
        return result

    async def answer_to(self, update: Params) -> Params:
        """Waits for the answer to a pressed button."""
        number = update["callback_query"]["id"]

        def answers() -> list[Call]:
            calls = self.called("answerCallbackQuery")
            return [call for call in calls if call.params["callback_query_id"] == number]

        await self.until(answers)
        return answers()[0].params

    # --- the API ------------------------------------------------------------------------------

    async def handle(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return _refused(401, "Unauthorized")
        method = request.match_info["method"]
        params = _params(await request.post())
        if method == "getUpdates":
            return await self._get_updates(params)
        for refusal in self.refusals:
            if refusal.method == method:
                refusal.times -= 1
                if refusal.times <= 0:
                    self.refusals.remove(refusal)
                return _refused(refusal.code, refusal.description, refusal.retry_after)
        async with self._news:
            self.calls.append(Call(method, params, time.monotonic()))
            answer = self._answer(method, params)
            self._news.notify_all()
        return answer

    async def _get_updates(self, params: Params) -> web.Response:
        offset = int(params.get("offset", 0))
        end = time.monotonic() + float(params.get("timeout", 0))
        async with self._news:
            self.polled += 1
            self.updates = [u for u in self.updates if u["update_id"] >= offset]
            self._news.notify_all()
            while not self.updates and (left := end - time.monotonic()) > 0:
                try:
                    await asyncio.wait_for(self._news.wait(), left)
                except TimeoutError:
                    break
            return _ok(self.updates[: int(params.get("limit", 100))])

    def _answer(self, method: str, params: Params) -> web.Response:
        match method:
            case "getMe":
                return _ok(BOT)
            case "getChat":
                return self._get_chat(int(params["chat_id"]))
            case "setWebhook":
                self.webhook = params
                return _ok(True)
            case "deleteWebhook":
                self.webhook = None
                return _ok(True)
            case "sendMessage" | "sendPhoto":
                return self._send(method, params)
            case "editMessageText" | "editMessageCaption" | "editMessageMedia":
                return self._edit(params)
            case "editMessageReplyMarkup":
                return self._edit(params)
            case "editEphemeralMessageText" | "editEphemeralMessageMedia":
                params["message_id"] = params["ephemeral_message_id"]
                return self._edit(params)
            case "deleteMessage":
                self.shown.pop((int(params["chat_id"]), int(params["message_id"])), None)
                return _ok(True)
            case _:
                return _ok(True)

    def _get_chat(self, number: int) -> web.Response:
        person = self.people.get(number)
        if person is None:
            return _refused(400, "Bad Request: chat not found")
        gifts = dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"), True
        )
        gifts["gifts_from_channels"] = True
        more = {"username": person.username} if person.username else {}
        return _ok(
            {
                "id": number,
                "type": "private",
                "first_name": person.name,
                "accent_color_id": 1,
                "max_reaction_count": 1,
                "accepted_gift_types": gifts,
                **more,
            }
        )

    def _send(self, method: str, params: Params) -> web.Response:
        chat_id = int(params["chat_id"])
        if chat_id > 0 and chat_id not in self.started:
            return _refused(403, "Forbidden: bot can't initiate conversation with a user")
        text = params.get("text") or params.get("caption", "")
        if method == "sendMessage" and not text:
            return _refused(400, "Bad Request: message text is empty")
        if len(text) > 4_096:
            return _refused(400, "Bad Request: message is too long")
        reply = params.get("reply_parameters") or {}
        ephemeral = params.get("ephemeral_message_parameters") or {}
        shown = Shown(
            chat_id=chat_id,
            message_id=next(self.numbers),
            text=text,
            markup=params.get("reply_markup"),
            picture=method == "sendPhoto",
            receiver_id=int(ephemeral.get("receiver_user_id", 0)),
            reply_to=int(reply.get("message_id") or 0),
        )
        self.shown[chat_id, shown.message_id] = shown
        self._changed(shown)
        return _ok(self.message_json(shown))

    def _edit(self, params: Params) -> web.Response:
        if inline := params.get("inline_message_id"):
            shown = self.shown.get((0, -int(inline.removeprefix("inline"))))
        else:
            shown = self.shown.get((int(params["chat_id"]), int(params["message_id"])))
        if shown is None:
            return _refused(400, "Bad Request: message to edit not found")
        media = params.get("media") or {}
        text = params.get("text") or params.get("caption") or media.get("caption") or shown.text
        markup = params.get("reply_markup")
        if (text, markup) == (shown.text, shown.markup) and not media:
            return _refused(400, "Bad Request: message is not modified")
        shown.text, shown.markup = text, markup
        shown.edits += 1
        self._changed(shown)
        return _ok(True if shown.chat_id == 0 else self.message_json(shown))

    def _changed(self, shown: Shown) -> None:
        self.changes += 1
        self.latest.append(shown)

    def message_json(self, shown: Shown) -> Params:
        group = shown.chat_id < 0
        chat = Chat(shown.chat_id, "supergroup" if group else "private", "Club" if group else "")
        message: Params = {
            "message_id": shown.message_id,
            "date": int(time.time()),
            "chat": chat.as_json(),
            "from": BOT,
        }
        if shown.receiver_id:
            message["message_id"] = 0
            message["ephemeral_message_id"] = shown.message_id
            receiver = self.people[shown.receiver_id]
            message["receiver_user"] = receiver.as_json()
        if shown.picture:
            photo = {"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}
            message.update(photo=[photo], caption=shown.text)
        else:
            message["text"] = shown.text
        if shown.markup:
            message["reply_markup"] = shown.markup
        return message


def _params(form: Any) -> Params:
    """Reads a form, whose structures are JSON."""
    params: Params = {}
    for name, value in form.items():
        if isinstance(value, web.FileField):
            params[name] = value.file.read()
        elif value[:1] in "[{":
            params[name] = json.loads(value)
        else:
            params[name] = value
    return params


def _ok(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _refused(code: int, description: str, retry_after: int = 0) -> web.Response:
    body: Params = {"ok": False, "error_code": code, "description": description}
    if retry_after:
        body["parameters"] = {"retry_after": retry_after}
    return web.json_response(body, status=code)


@asynccontextmanager
async def fake_telegram() -> AsyncIterator[FakeTelegram]:
    """Serves the API on a port of its own."""
    telegram = FakeTelegram()
    app = web.Application()
    app.router.add_post("/bot{token}/{method}", telegram.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    telegram.url = f"http://127.0.0.1:{port}"
    try:
        yield telegram
    finally:
        await runner.cleanup()
