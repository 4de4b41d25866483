"""The simulation in words: one line for a log, and a few for the end."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ticketonomics_simulator.community import Community
from ticketonomics_simulator.tally import Tally
from ticketonomics_simulator.tickets import ASSET, bronze, tickets

NOTHING_YET = "nobody yet"
_BARS = "▁▂▃▄▅▆▇█"


def describe(community: Community, tally: Tally) -> str:
    """Returns the state of things in one line, with what happened last."""
    clock = time.strftime("%H:%M:%S")
    if tally.away_seconds is not None:
        return f"{clock}  the ledger has been away for {tally.away_seconds:.0f} s; waiting"
    median, slowest = tally.latency_seconds(50, 99)
    economy = tally.economy
    numbers = (
        f"{clock}  {tally.rate_per_second:.1f}/s  {tally.accepted:,} accepted  "
        f"{tally.refusals.total():,} refused  p50 {milliseconds(median)}  "
        f"p99 {milliseconds(slowest)}  supply {tickets(economy.supply)}  "
        f"burned {tickets(economy.burned)}  block {economy.height:,}"
    )
    last = next((h.story for h in reversed(tally.happenings) if h.tone != "news"), "")
    return f"{numbers}  | {last}" if last else numbers


def farewell(community: Community, tally: Tally) -> Iterator[str]:
    """Yields the lines of the closing summary."""
    median, slowest = tally.latency_seconds(50, 99)
    economy = tally.economy
    lived = duration(tally.up_seconds)
    yield f"The community lived for {lived}: {len(community.people)} people, " + (
        f"{shops(community)}."
    )
    yield f"  {tally.accepted:,} transactions moved {bronze(tally.moved)}; " + (
        f"answers took {milliseconds(median)} (p50), {milliseconds(slowest)} (p99)."
    )
    yield f"  Refused: {refusals(tally.refusals) or 'nothing'}."
    yield (
        f"  Supply {bronze(economy.supply)} ({economy.inflation_percent:+.1f} % in this run); "
        + (f"burned so far {bronze(economy.burned)}; block {economy.height:,}.")
    )
    if economy.price_path:
        yield f"  Iron: {price_line(economy.price_path)}."
    if economy.holders:
        yield f"  Gini {economy.gini_ppm / 1e6:.3f} among {economy.holders:,} holders; " + (
            f"the first tenth holds {economy.top_tenth_ppm / 10_000:.1f} %."
        )
    if economy.rounds or economy.votes:
        yield f"  Queue rounds drawn {economy.rounds:,}; turnout " + (
            f"{economy.turnout_bps / 100:.1f} % over {economy.votes:,} votes."
        )
    if tally.acts:
        acts = ", ".join(f"{count:,} {name}" for name, count in tally.acts.most_common())
        yield f"  Beside paying: {acts}."
    if tally.accepted:
        yield f"  Richest: {top(richest(community, 3))}."
        yield f"  Most generous: {top(tally.gifts.most_common(3))}."
        yield f"  Busiest shops: {top(busiest(community, tally, 3))}."


def richest(community: Community, count: int) -> list[tuple[str, int]]:
    """Returns who has most, with how much."""
    purses = Counter({p.name: community.wallets.available(p.account) for p in community.people})
    return purses.most_common(count)


def busiest(community: Community, tally: Tally, count: int) -> list[tuple[str, int]]:
    """Returns the shops that sold most in this run, with their turnover."""
    sales = Counter({shop.name: tally.turnover[shop.address] for shop in community.shops})
    return [(name, turnover) for name, turnover in sales.most_common(count) if turnover]


def price_line(path: Sequence[Decimal]) -> str:
    """Draws prices of one minute after the other, and tells the first, least, greatest and last."""
    least, most = min(path), max(path)
    steps = len(_BARS) - 1
    spread = most - least
    bars = "".join(
        _BARS[round((price - least) / spread * steps) if spread else 0] for price in path
    )
    told = f"{path[0]:.2f} → {path[-1]:.2f} {ASSET}"
    return f"{bars}  {told}, between {least:.2f} and {most:.2f}"


def shops(community: Community) -> str:
    """Counts the shops in words."""
    count = len(community.shops)
    return f"{count} shop" if count == 1 else f"{count} shops"


def top(ranking: list[tuple[str, int]]) -> str:
    """Writes a ranking in one line."""
    return ", ".join(f"{name} {tickets(amount)}" for name, amount in ranking) or NOTHING_YET


def refusals(counts: Counter[str]) -> str:
    """Writes reasons and how often each was given, most frequent first."""
    return ", ".join(f"{reason} {count:,}" for reason, count in counts.most_common())


def milliseconds(seconds: float) -> str:
    """Writes a latency."""
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"


def duration(seconds: float) -> str:
    """Writes a time span: 1 h 02 min 03 s."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min {rest:02} s"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
