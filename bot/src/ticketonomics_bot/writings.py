"""How letters are written, kind by kind."""

from collections import Counter
from decimal import Decimal
from html import escape

from aiogram import Bot
from ticketonomics_client import Client, RefusedError

from ticketonomics_bot.alerts import alert_of
from ticketonomics_bot.assets import Assets
from ticketonomics_bot.flows import Flow
from ticketonomics_bot.letters import Letter, Post, Reader
from ticketonomics_bot.moments import moment
from ticketonomics_bot.money import money
from ticketonomics_bot.naming import names_of, unnamed
from ticketonomics_bot.numbers import format_price
from ticketonomics_bot.proposals import state_name, tally_lines, title_of
from ticketonomics_bot.rounds import round_text
from ticketonomics_bot.texts import Html

_MOST_LINES = 10
_USERS = "users/"


class Writings:
    """Knows the server, to tell what letters are about as it is when they are sent."""

    def __init__(
        self, bot: Bot, client: Client, operator: Client | None, assets: Assets, post: Post
    ) -> None:
        self._client = client
        self._operator = operator
        self._assets = assets
        self._bot = bot
        for kind, writing in {
            "payment-received": self._payments,
            "queue-result": self._results,
            "vote-opened": self._vote_opened,
            "vote-result": self._vote_result,
            "allowance-used": self._allowances,
            "price-alert": self._alert,
            "broadcast": self._broadcast,
        }.items():
            post.writes(kind, writing)

    async def _payments(self, reader: Reader, letters: list[Letter]) -> Html | None:
        sources = [str(letter.facts["source"]) for letter in letters[:_MOST_LINES]]
        people = [one.removeprefix(_USERS) for one in sources if one.startswith(_USERS)]
        called = await names_of(self._client, people)
        lines: list[str] = []
        for letter in letters[:_MOST_LINES]:
            facts = letter.facts
            amount = await money(reader.t, self._assets, facts["amount"], facts["asset"])
            source = str(facts["source"])
            person_id = source.removeprefix(_USERS)
            if source.startswith(_USERS):
                name = called.get(person_id) or unnamed(person_id)
            else:
                name = reader.t("verbatim", text=source)
            line = reader.t("letter-payment", name=name, amount=amount)
            if facts["memo"]:
                line = Html(f"{line}\n{reader.t('pay-ask-memo', memo=facts['memo'])}")
            lines.append(line)
        if rest := letters[_MOST_LINES:]:
            lines.append(reader.t("letter-payments-more", count=len(rest)))
            lines += [f"＋ {one}" for one in await self._sums(reader, rest)]
        return Html("\n".join(lines))

    async def _results(self, reader: Reader, letters: list[Letter]) -> Html | None:
        parts = []
        for letter in letters[:_MOST_LINES]:
            found = await self._client.round(letter.facts["round"])
            called = await names_of(self._client, [found.winner_person_id])
            winner = called.get(found.winner_person_id, Html("…"))
            place = int(letter.facts["place"])
            parts.append(str(await round_text(reader.t, self._assets, found, place, winner=winner)))
        if len(letters) > _MOST_LINES:
            parts.append(reader.t("letter-more", count=len(letters) - _MOST_LINES))
        return Html("\n\n".join(parts))

    async def _vote_opened(self, reader: Reader, letters: list[Letter]) -> Html | None:
        parts = []
        for letter in letters[:_MOST_LINES]:
            number = str(letter.facts["subject"])
            found = await self._client.proposal(number)
            asked = await self._client.eligibility(reader.person_id, proposal_id=number)
            if not asked.eligible or found.state != found.STATE_VOTING:
                continue
            closes = reader.t.time(moment(found.close_time))
            parts.append(
                str(
                    reader.t(
                        "letter-vote-opened",
                        title=title_of(reader.t, found),
                        time=closes,
                    )
                )
            )
        return Html("\n\n".join(parts)) if parts else None

    async def _vote_result(self, reader: Reader, letters: list[Letter]) -> Html | None:
        parts = []
        for letter in letters[:_MOST_LINES]:
            found = await self._client.proposal(letter.facts["proposal"])
            lines = [
                reader.t("letter-vote-result", title=title_of(reader.t, found)),
                reader.t(f"proposal-state-{state_name(found.state)}"),
                *tally_lines(reader.t, found)[1:2],
            ]
            if found.veto_reason:
                lines.append(reader.t("proposal-veto-reason", reason=found.veto_reason))
            parts.append("\n".join(lines))
        return Html("\n\n".join(parts))

    async def _allowances(self, reader: Reader, letters: list[Letter]) -> Html | None:
        by_application: dict[str, list[Letter]] = {}
        for letter in letters:
            by_application.setdefault(str(letter.facts["application"]), []).append(letter)
        lines = []
        for application_id, taken in list(by_application.items())[:_MOST_LINES]:
            amounts = ", ".join(await self._sums(reader, taken))
            name = await self._application(application_id)
            lines.append(
                str(
                    reader.t(
                        "letter-allowance",
                        name=name,
                        amount=Html(amounts),
                        count=len(taken),
                    )
                )
            )
        return Html("\n".join(lines))

    async def _alert(self, reader: Reader, letters: list[Letter]) -> Html | None:
        lines = []
        for letter in letters:
            alert = alert_of(letter.facts["alert"])
            sign = "≥" if alert.above else "≤"
            level = format_price(alert.level, reader.t.language)
            said = f"{alert.base} {sign} {level}"
            price = format_price(Decimal(letter.facts["price"]), reader.t.language)
            lines.append(str(reader.t("alert-reached", alert=said, price=price)))
            if alert.place is not None:
                done = reader.t("alert-done", alert=said, price=price)
                flow = Flow(self._bot, None, place=alert.place, person_id=alert.user_id)
                await flow.update(done)
        return Html("\n".join(lines))

    async def _broadcast(self, reader: Reader, letters: list[Letter]) -> Html | None:
        parts = [str(letter.facts["subject"]) for letter in letters]
        hint = reader.t("letter-broadcast-mute")
        return Html("\n\n".join([*parts, str(hint)]))

    async def _sums(self, reader: Reader, letters: list[Letter]) -> list[str]:
        sums: Counter[str] = Counter()
        for letter in letters:
            sums[str(letter.facts["asset"])] += int(letter.facts["amount"])
        return [
            str(await money(reader.t, self._assets, amount, asset))
            for asset, amount in sums.items()
        ]

    async def _application(self, application_id: str) -> Html:
        """Returns an application's name, where there is a key that may read it."""
        if self._operator is not None:
            try:
                found = await self._operator.application(application_id)
            except RefusedError:
                return unnamed(application_id)
            if found.name:
                return Html(f"<b>{escape(found.name, quote=False)}</b>")
        return unnamed(application_id)
