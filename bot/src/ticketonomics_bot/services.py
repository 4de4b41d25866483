"""What handlers use, put together in `app.py`."""

from dataclasses import dataclass

from aiogram import Bot
from ticketonomics_client import Client

from ticketonomics_bot.alerts import Alerts
from ticketonomics_bot.assets import Assets
from ticketonomics_bot.campaigns import Campaigns
from ticketonomics_bot.confirming import Confirmations
from ticketonomics_bot.live import Live
from ticketonomics_bot.maintenance import Maintenance
from ticketonomics_bot.people import People
from ticketonomics_bot.retrying import Retries
from ticketonomics_bot.settings import Settings
from ticketonomics_bot.shelves import Shelves
from ticketonomics_bot.store import Store
from ticketonomics_bot.throttling import Throttle


@dataclass(slots=True, frozen=True, kw_only=True)
class Services:
    """Everything that outlives an update."""

    settings: Settings
    bot: Bot
    bot_username: str
    client: Client
    # Calls with the operator's key, for admins' commands; None where there is none.
    operator: Client | None
    people: People
    assets: Assets
    maintenance: Maintenance
    store: Store
    confirmations: Confirmations
    throttle: Throttle
    retries: Retries
    shelves: Shelves
    live: Live
    alerts: Alerts
    campaigns: Campaigns
