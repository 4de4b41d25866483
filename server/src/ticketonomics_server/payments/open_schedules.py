"""Counts the schedules that have not ended, so that nobody has too many. Pure."""

from collections.abc import Iterable
from typing import Any

from ticketonomics_server.engine.domain import Keys
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.engine.state import State
from ticketonomics_server.ledger.model import Posting
from ticketonomics_server.payments.model import OpenSchedules

MOST_OF_ACCOUNT = 100
MOST_OF_APPLICATION = 10_000


def holders_of(application_id: str, person_id: str, postings: Iterable[Posting]) -> list[str]:
    """Lists whose schedule one is: each account's that it takes from, and its application's.

    Not the application's where that acted for a person: people who sign in somewhere could
    otherwise use up what is meant for all of them.
    """
    own = () if person_id else (application_id,)
    return list(dict.fromkeys((*own, *(posting.source for posting in postings))))


def declare_open_schedules(application_id: str, postings: Iterable[Posting], keys: Keys) -> None:
    """Names what may be counted with a schedule."""
    keys[OpenSchedules].update(holders_of(application_id, "", postings))


def guard_room(state: State, holders: Iterable[str]) -> None:
    """Refuses one schedule more with TOO_MANY_SCHEDULES."""
    for holder in holders:
        row = state.find(OpenSchedules, holder)
        is_account = "/" in holder
        limit = MOST_OF_ACCOUNT if is_account else MOST_OF_APPLICATION
        if row is not None and row.open_count >= limit:
            facts: dict[str, Any] = {"account" if is_account else "application": holder}
            raise Rejection(
                Reason.TOO_MANY_SCHEDULES,
                f"{holder} has {row.open_count} schedules that have not ended",
                limit=limit,
                **facts,
            )


def count_begun(state: State, holders: Iterable[str]) -> None:
    """Counts a new schedule."""
    for holder in holders:
        row = state.find(OpenSchedules, holder)
        if row is None:
            state.add(OpenSchedules(holder, 1))
        else:
            state.change(row)
            row.open_count += 1


def count_ended(state: State, holders: Iterable[str]) -> None:
    """Counts a schedule no more."""
    for holder in holders:
        row = state.find(OpenSchedules, holder)
        if row is None or row.open_count < 1:
            raise LookupError(f"a schedule of {holder} is not counted")
        state.change(row)
        row.open_count -= 1
