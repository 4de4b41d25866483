"""Commands: a module each, with a router. Their order is that in which they are asked."""

from aiogram import Router

from ticketonomics_bot.commands import (
    help_,
    last,
    pressing,
    start,
)

ROUTERS: tuple[Router, ...] = (
    pressing.router,
    start.router,
    help_.router,
    # What nothing else has answered.
    last.router,
)
