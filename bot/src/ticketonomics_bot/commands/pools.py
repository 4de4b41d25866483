"""`/pools`: the pools, what they hold, and one's own part of them."""

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message
from ticketonomics.amm.v1.pool_pb2 import Pool, Position
from ticketonomics_client import RefusedError

from ticketonomics_bot.callbacks import Row, button, keyboard, web_app_button
from ticketonomics_bot.commands.prices import Chart
from ticketonomics_bot.numbers import format_bps, format_percent, format_price
from ticketonomics_bot.visit import Complaint, Visit

router = Router(name="pools")

_MOST = 10


@router.message(Command("pools", "pool", "liquidity"))
async def pools(_: Message, visit: Visit) -> None:
    """Lists the pools, to nobody else: it tells what one has in them."""
    found: list[Pool] = []
    async for pool in visit.client.pools(page_size=_MOST):
        found.append(pool)
        if len(found) == _MOST:
            break
    if not found:
        raise Complaint("pool-nothing")
    mine = await _positions(visit)
    parts = [str(visit.t("pool-title"))]
    rows: list[Row] = []
    for pool in found:
        parts.append("\n".join(await _lines(visit, pool, mine.get(pool.pool_id))))
        if not rows or len(rows[-1]) == 3:
            rows.append([])
        chart = Chart(instrument=pool.account, interval="5m")
        rows[-1].append(button(f"📈 {pool.base_asset}", chart))
    parts.append(str(visit.t("pool-hint", base=found[0].base_asset, quote=found[0].quote_asset)))
    if url := visit.services.settings.web_app_url:
        said = visit.t.plain("button-web-app")
        rows.append([web_app_button(said, url, private=visit.is_private)])
    await visit.flow.show("\n\n".join(parts), keyboard(*rows), private=True)


async def _positions(visit: Visit) -> dict[str, Position]:
    person = await visit.person()
    try:
        return {one.pool_id: one async for one in visit.client.positions(person.account)}
    except RefusedError as error:
        if error.reason_name == "ACCOUNT_NOT_FOUND":
            return {}
        raise


async def _lines(visit: Visit, pool: Pool, mine: Position | None) -> list[str]:
    lines = [
        visit.t(
            "pool-line",
            base=await visit.asset(pool.base_asset),
            quote=await visit.asset(pool.quote_asset),
            price=format_price(pool.price, visit.language),
        ),
        visit.t(
            "pool-reserves",
            base=await visit.short_money(pool.base_reserve, pool.base_asset),
            quote=await visit.short_money(pool.quote_reserve, pool.quote_asset),
            fee=format_bps(pool.fee_bps, visit.language),
        ),
    ]
    if pool.state == Pool.STATE_PAUSED:
        lines.append(visit.t("pool-paused"))
    if mine is not None and mine.shares:
        lines.append(
            visit.t(
                "pool-mine",
                share=format_percent(mine.shares / mine.share_supply, visit.language),
                base=await visit.money(mine.base_amount, pool.base_asset),
                quote=await visit.money(mine.quote_amount, pool.quote_asset),
            )
        )
    return [str(line) for line in lines]
