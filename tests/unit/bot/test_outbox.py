"""The outbox keeps Telegram's limits, waits when told to, and lets edits overtake each other."""

import asyncio
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError, TelegramRetryAfter
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage, TelegramMethod
from ticketonomics_bot.outbox import Limits, Outbox, Places, edit_key, is_limited

BOT = Bot("42:token")


class _Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_one_a_second_goes_to_a_chat_and_twenty_a_minute_to_a_group() -> None:
    places = Places(Limits(), _Clock())
    assert [places.in_chat(5) for _ in range(3)] == [0, 1, 2]
    assert places.in_chat(6) == 0
    waits = [places.in_chat(-5) for _ in range(41)]
    assert waits[:20] == list(range(20))
    assert waits[20] == 60 and waits[39] == 79 and waits[40] == 120


def test_thirty_a_second_go_in_all() -> None:
    clock = _Clock()
    places = Places(Limits(), clock)
    waits = [places.in_all() for _ in range(60)]
    assert waits[0] == 0 and waits[30] == pytest.approx(1.0) and waits[59] == pytest.approx(59 / 30)
    clock.now += 10
    assert places.in_all() == 0


def test_a_closed_chat_holds_up_no_other() -> None:
    places = Places(Limits(), _Clock())
    places.close(5, 7)
    assert (places.in_chat(5), places.in_chat(6), places.in_all()) == (7, 0, 0)
    places.close(None, 3)
    assert places.in_all() == 3


def test_what_is_over_is_forgotten() -> None:
    clock = _Clock()
    places = Places(Limits(), clock)
    for chat in range(5_000):
        places.in_chat(chat)
        clock.now += 0.1
    assert len(places._sent) < 2_100


def test_only_what_changes_chats_is_limited() -> None:
    assert is_limited(SendMessage(chat_id=1, text="x"))
    assert not is_limited(AnswerCallbackQuery(callback_query_id="1"))
    one, other = (EditMessageText(chat_id=1, message_id=n, text="x") for n in (1, 2))
    assert edit_key(one) != edit_key(other)
    assert edit_key(SendMessage(chat_id=1, text="x")) is None


class _Telegram:
    """Notes what is sent, and fails as it is told to."""

    def __init__(self, *failures: type[Exception] | None) -> None:
        self.sent: list[Any] = []
        self.failures = list(failures)

    async def __call__(self, bot: Bot, method: TelegramMethod[Any]) -> Any:
        await asyncio.sleep(0)
        failure = self.failures.pop(0) if self.failures else None
        if failure is TelegramRetryAfter:
            raise TelegramRetryAfter(method=method, message="", retry_after=0)
        if failure is not None:
            raise failure(method=method, message="no")
        self.sent.append(method.text)
        return f"answer to {method.text}"


def _quick() -> Outbox:
    return Outbox(Limits(a_second=1_000, chat=(1, 0.05), group=(20, 0.1)))


async def _send(outbox: Outbox, telegram: _Telegram, method: TelegramMethod[Any]) -> Any:
    return await outbox(telegram, BOT, method)


def _edit(text: str) -> EditMessageText:
    return EditMessageText(chat_id=1, message_id=1, text=text)


async def test_a_later_edit_goes_instead_of_those_that_wait() -> None:
    outbox, telegram = _quick(), _Telegram()
    answers = await asyncio.gather(
        *(_send(outbox, telegram, _edit(text)) for text in ("a", "b", "c"))
    )
    assert telegram.sent in (["c"], ["a", "c"])
    assert answers[1] == answers[2] == "answer to c"
    await _send(outbox, telegram, _edit("d"))
    assert telegram.sent[-1] == "d"


async def test_messages_are_never_dropped() -> None:
    outbox, telegram = _quick(), _Telegram()
    wanted = [str(number) for number in range(5)]
    await asyncio.gather(
        *(_send(outbox, telegram, SendMessage(chat_id=1, text=text)) for text in wanted)
    )
    assert telegram.sent == wanted


async def test_it_waits_and_sends_again_when_told_to() -> None:
    outbox, telegram = _quick(), _Telegram(TelegramRetryAfter, TelegramRetryAfter)
    assert await _send(outbox, telegram, SendMessage(chat_id=1, text="x")) == "answer to x"


async def test_an_edit_that_was_sent_back_gives_way_to_a_newer_one() -> None:
    outbox, telegram = _quick(), _Telegram(TelegramRetryAfter)
    first = asyncio.create_task(_send(outbox, telegram, _edit("old")))
    await asyncio.sleep(0.01)
    assert await _send(outbox, telegram, _edit("new")) == "answer to new"
    assert await first == "answer to new"
    assert telegram.sent == ["new"]


async def test_a_message_that_may_have_arrived_is_not_sent_twice_but_an_edit_is() -> None:
    outbox, telegram = _quick(), _Telegram(TelegramNetworkError)
    with pytest.raises(TelegramNetworkError):
        await _send(outbox, telegram, SendMessage(chat_id=1, text="x"))
    telegram.failures = [TelegramNetworkError]
    assert await _send(outbox, telegram, _edit("y")) == "answer to y"


async def test_a_refused_edit_is_told_to_all_who_wait_and_blocks_nothing() -> None:
    outbox, telegram = _quick(), _Telegram(None, TelegramBadRequest)
    await _send(outbox, telegram, _edit("0"))
    both = await asyncio.gather(
        *(_send(outbox, telegram, _edit(text)) for text in "ab"), return_exceptions=True
    )
    assert [type(error) for error in both] == [TelegramBadRequest] * 2
    assert await _send(outbox, telegram, _edit("c")) == "answer to c"
