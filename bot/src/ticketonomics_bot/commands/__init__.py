"""Commands: a module each, with a router. Their order is that in which they are asked."""

from aiogram import Router

from ticketonomics_bot.commands import (
    balance,
    groups,
    help_,
    history,
    inline,
    last,
    linking,
    pay,
    preferences,
    pressing,
    referrals,
    request,
    rewards,
    start,
)

ROUTERS: tuple[Router, ...] = (
    pressing.router,
    start.router,
    help_.router,
    balance.router,
    pay.router,
    request.router,
    history.router,
    rewards.router,
    linking.router,
    preferences.router,
    referrals.router,
    inline.router,
    # What people write in groups, and what nothing else has answered.
    groups.router,
    last.router,
)
