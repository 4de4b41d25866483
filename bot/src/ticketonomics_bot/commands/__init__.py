"""Commands: a module each, with a router. Their order is that in which they are asked."""

from aiogram import Router

from ticketonomics_bot.commands import (
    balance,
    economy,
    groups,
    help_,
    history,
    inline,
    last,
    linking,
    pay,
    pools,
    preferences,
    pressing,
    prices,
    profile,
    propose,
    queue,
    referrals,
    request,
    rewards,
    start,
    swap,
    tiers,
    vote,
)

ROUTERS: tuple[Router, ...] = (
    pressing.router,
    start.router,
    help_.router,
    # What is typed in the middle of a proposal is no payment in words.
    propose.router,
    balance.router,
    pay.router,
    request.router,
    history.router,
    rewards.router,
    linking.router,
    preferences.router,
    referrals.router,
    inline.router,
    tiers.router,
    queue.router,
    prices.router,
    swap.router,
    pools.router,
    vote.router,
    profile.router,
    economy.router,
    # What people write in groups, and what nothing else has answered.
    groups.router,
    last.router,
)
