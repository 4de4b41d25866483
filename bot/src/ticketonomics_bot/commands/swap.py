"""`/swap 5k BRONZE IRON`: a quote with impact, fee and least output, then the trade."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message
from ticketonomics.amm.v1.amm_service_pb2 import QuoteResponse
from ticketonomics.amm.v1.pool_pb2 import Pool
from ticketonomics_client import RefusedError

from ticketonomics_bot.amounts import close_gaps, looks_like_amount, parse_amount
from ticketonomics_bot.callbacks import button, keyboard
from ticketonomics_bot.commands.prices import Chart
from ticketonomics_bot.confirming import Outcome, Payload, confirmed
from ticketonomics_bot.numbers import format_bps, format_price
from ticketonomics_bot.texts import Html
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="swap")

# What a trade may come to less than its quote: others may trade in between.
SLIPPAGE_BPS = 100
_HIGH_IMPACT_BPS = 500
_BPS = 10_000
_MULTIPLES = frozenset({"k", "m", "b", "к", "м", "тыс", "млн", "млрд"})
_JOINTS = frozenset({"to", "for", "into", "in", "на", "в", "за", "->", "→", ">"})


@dataclass(slots=True, frozen=True)
class SwapWords:
    """What was said: how much of what, for what."""

    amount: str
    given: str
    wanted: str


@router.message(Command("swap", "trade"), flags={"begins": True})
async def swap(_: Message, command: CommandObject, visit: Visit) -> None:
    """Asks whether to trade, at what it would come to now."""
    words = read_swap(command.args or "")
    if words is None:
        raise Complaint("swap-usage")
    find = await visit.services.assets.finder()
    given, wanted = find(words.given), find(words.wanted)
    if given is None or wanted is None:
        raise Complaint("asset-unknown", code=words.wanted if given else words.given)
    minor = parse_amount(words.amount, await visit.services.assets.decimals(given))
    pool, quote = await best_quote(visit, given, wanted, minor)
    payload = _payload(pool, quote, given, wanted)
    await visit.services.confirmations.ask(
        visit, "swap", payload, await _question(visit, pool, quote, payload), private=True
    )


@confirmed("swap")
async def do_swap(visit: Visit, payload: Payload, request_id: str) -> Outcome | None:
    """Trades; where the price has moved too far, asks again at the new one."""
    person = await visit.person()
    try:
        done = await (await visit.acting()).swap(
            payload["pool"],
            account=person.account,
            asset_in=payload["given"],
            asset_out=payload["wanted"],
            amount_in=payload["amount"],
            limit_amount=payload["least"],
            transaction_id=request_id,
        )
    except RefusedError as error:
        if error.reason_name != "LIMIT_NOT_MET":
            raise
        await _ask_again(visit, payload, request_id)
        return None
    lines = [
        visit.t(
            "swap-done",
            given=await visit.money(done.amount_in, done.asset_in),
            received=await visit.money(done.amount_out, done.asset_out),
        )
    ]
    chart = Chart(instrument=f"pools/{payload['pool']}", interval="5m")
    return Outcome("\n".join(lines), keyboard([button(visit.t.plain("button-chart"), chart)]))


async def best_quote(
    visit: Visit, given: str, wanted: str, minor: int
) -> tuple[Pool, QuoteResponse]:
    """Asks every pool of the two assets, and returns the one that gives most.

    Raises:
        Complaint: There is no such pool.
        RefusedError: Every one refuses; this is why the first does.
    """
    if given == wanted:
        raise Complaint("swap-same")
    found: list[tuple[Pool, QuoteResponse]] = []
    refused: RefusedError | None = None
    async for pool in visit.client.pools(asset=given):
        if {pool.base_asset, pool.quote_asset} != {given, wanted}:
            continue
        try:
            quote = await visit.client.quote(
                pool.pool_id, asset_in=given, asset_out=wanted, amount_in=minor
            )
        except RefusedError as error:
            refused = refused or error
            continue
        found.append((pool, quote))
    if not found:
        if refused is not None:
            raise refused
        raise Complaint(
            "swap-no-pool", given=await visit.asset(given), wanted=await visit.asset(wanted)
        )
    return max(found, key=lambda one: one[1].amount_out)


def least_output(amount_out: int) -> int:
    """Returns what a trade has to give at least, of what it was quoted."""
    return max(1, amount_out * (_BPS - SLIPPAGE_BPS) // _BPS)


def read_swap(text: str) -> SwapWords | None:
    """Reads `5k BRONZE IRON`, `5k bronze to iron`; None where something is missing."""
    words = [word for word in close_gaps(text).split() if word.lower() not in _JOINTS]
    if len(words) == 4 and words[1].lower().strip(".") in _MULTIPLES:
        # «5 k bronze iron»
        words = [words[0] + words[1], *words[2:]]
    if len(words) != 3 or not looks_like_amount(words[0]):
        return None
    return SwapWords(*words)


async def _ask_again(visit: Visit, payload: Payload, request_id: str) -> None:
    given, wanted = payload["given"], payload["wanted"]
    pool, quote = await best_quote(visit, given, wanted, payload["amount"])
    anew = _payload(pool, quote, given, wanted)
    text = Html(f"{visit.t('swap-moved')}\n\n{await _question(visit, pool, quote, anew)}")
    # Another trade than the one that was refused, and the same one however often that is told.
    number = uuid5(UUID(request_id), f"{quote.amount_out}")
    await visit.services.confirmations.ask(visit, "swap", anew, text, request_id=number)


def _payload(pool: Pool, quote: QuoteResponse, given: str, wanted: str) -> Payload:
    return {
        "pool": pool.pool_id,
        "given": given,
        "wanted": wanted,
        "amount": quote.amount_in,
        "least": least_output(quote.amount_out),
    }


async def _question(visit: Visit, pool: Pool, quote: QuoteResponse, payload: Payload) -> Html:
    given, wanted = payload["given"], payload["wanted"]
    price = Html(
        f"1 {await visit.asset(pool.base_asset)} = "
        f"{format_price(quote.execution_price, visit.language)} "
        f"{await visit.asset(pool.quote_asset)}"
    )
    lines = [
        visit.t(
            "swap-ask",
            given=await visit.money(quote.amount_in, given),
            received=await visit.money(quote.amount_out, wanted),
        ),
        "",
        visit.t("swap-price", price=price),
        visit.t("swap-impact", impact=format_bps(quote.price_impact_bps, visit.language)),
        visit.t("swap-fee", fee=await visit.money(quote.fee_amount, given)),
        visit.t("swap-least", least=await visit.money(payload["least"], wanted)),
    ]
    if quote.price_impact_bps >= _HIGH_IMPACT_BPS:
        lines += ["", visit.t("swap-impact-high")]
    return Html("\n".join(lines))
