"""Set-up: the asset, the faucet, the market, the people. Doing it again changes nothing."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from ticketonomics.identity.v1.person_pb2 import Person as Citizen
from ticketonomics.ledger.v1.asset_pb2 import Asset, TransferFee
from ticketonomics_client import Client, Reason, RefusedError, Transaction, new_id

from ticketonomics_simulator.access import SetUpError
from ticketonomics_simulator.community import Community
from ticketonomics_simulator.fees import Fee
from ticketonomics_simulator.market import open_market
from ticketonomics_simulator.minting import HOUR_SECONDS, Mint
from ticketonomics_simulator.observing import read_balances
from ticketonomics_simulator.patience import Patience
from ticketonomics_simulator.people import Character, Person, imagine_people
from ticketonomics_simulator.shops import shop_of
from ticketonomics_simulator.tickets import ASSET, DECIMALS, FAUCET, WHOLE
from ticketonomics_simulator.wallets import Wallets

PROVIDER = "simulator"
FEE = TransferFee(fee_bps=100)
CONCURRENT_CALLS = 32


async def settle(
    client: Client, operator: Client, *, seed: int, count: int, bots: int, patience: Patience
) -> Community:
    """Finds or creates everything that the community needs, and reads what everybody has.

    Args:
        client: The simulator's own.
        operator: Whoever may create the asset, if it is missing.
        seed: Which community.
        count: How many people, bots included.
        bots: How many of them are bots.
        patience: For a server that is away.

    Raises:
        SetUpError: The economy is not one that this simulator can live in.
        RefusedError: The ledger said no.
    """
    asset = await _asset(operator, patience)
    if asset.decimals != DECIMALS:
        raise SetUpError(f"{ASSET} has {asset.decimals} decimals, not the {DECIMALS} of tickets")
    await _open_queues(operator, patience)
    await _open_faucet(client, patience)
    await open_market(operator, patience)
    people = await _people(client, imagine_people(seed, count, bots=bots), seed, patience)
    wallets = Wallets(Fee.from_proto(asset.transfer_fee))
    community = Community(seed=seed, people=people, wallets=wallets)
    await _find_shops(client, community, patience)
    await read_balances(client, community, patience=patience)
    return community


async def enrich(
    client: Client, community: Community, *, whales: int, tickets: int, patience: Patience
) -> None:
    """Gives the first people so many tickets, where they have not got them yet."""
    for person in community.people[:whales]:
        missing = tickets * WHOLE - community.wallets.available(person.account)
        if missing <= 0:
            continue
        transaction_id = new_id()
        mint = partial(
            client.mint,
            destination=person.account,
            asset=ASSET,
            amount=missing,
            reason="a scenario's whale",
            transaction_id=transaction_id,
        )
        await patience.ask(mint)
        community.wallets.credit(person.account, missing)


async def recent_mints(client: Client, *, patience: Patience) -> list[Mint]:
    """Reads what the faucet was given in the last hour, so that a restart mints no more."""

    async def read() -> list[Mint]:
        start_time = datetime.now(UTC) - timedelta(seconds=HOUR_SECONDS)
        return [
            (transaction.commit_time.ToDatetime(UTC).timestamp(), posting.amount)
            async for transaction in client.transactions(
                account=FAUCET, kind=Transaction.KIND_MINT, start_time=start_time
            )
            for posting in transaction.postings
            if posting.asset == ASSET
        ]

    return await patience.ask(read)


async def _asset(operator: Client, patience: Patience) -> Asset:
    try:
        return await patience.ask(lambda: operator.asset(ASSET))
    except RefusedError as error:
        if error.reason != Reason.REASON_ASSET_NOT_FOUND:
            raise
    wanted = Asset(
        code=ASSET, kind=Asset.KIND_TICKET, name="Bronze", decimals=DECIMALS, transfer_fee=FEE
    )
    request_id = new_id()
    try:
        return await patience.ask(lambda: operator.create_asset(wanted, request_id=request_id))
    except RefusedError as error:
        # Somebody else may have been faster.
        if error.reason == Reason.REASON_SCOPE_MISSING:
            raise SetUpError(
                f"there is no asset {ASSET}, and this key may not create it"
            ) from error
        if error.reason != Reason.REASON_ASSET_EXISTS:
            raise
    return await patience.ask(lambda: operator.asset(ASSET))


async def _open_queues(operator: Client, patience: Patience) -> None:
    """Opens the tier queues; where the key may not, they stay as they are."""
    request_id = new_id()
    try:
        await patience.ask(lambda: operator.open_queues(request_id=request_id))
    except RefusedError as error:
        if error.reason != Reason.REASON_SCOPE_MISSING:
            raise


async def _open_faucet(client: Client, patience: Patience) -> None:
    request_id = new_id()
    try:
        await patience.ask(lambda: client.open_account(FAUCET, request_id=request_id))
    except RefusedError as error:
        if error.reason != Reason.REASON_ACCOUNT_EXISTS:
            raise


async def _people(
    client: Client, characters: Sequence[Character], seed: int, patience: Patience
) -> list[Person]:
    places = asyncio.Semaphore(CONCURRENT_CALLS)

    async def move_in(character: Character) -> Person:
        request_id = new_id()
        async with places:
            answer = await patience.ask(
                lambda: client.get_or_create_person(
                    provider=PROVIDER,
                    subject=f"{seed}/{character.number}",
                    display_name=character.name,
                    request_id=request_id,
                )
            )
        if answer.created:
            async with places:
                await _introduce(client, answer.person.person_id, character, patience)
        return Person(character, answer.person.person_id, answer.person.account, answer.created)

    # One after the other would keep the same order of creation, but take long for thousands.
    return list(await asyncio.gather(*map(move_in, characters)))


async def _introduce(
    client: Client, person_id: str, character: Character, patience: Patience
) -> None:
    """Shows a newcomer's name to everybody, and gives a handle where it is free."""
    public, named = new_id(), new_id()
    await patience.ask(
        lambda: client.set_privacy(person_id, Citizen.PRIVACY_PUBLIC, request_id=public)
    )
    handle = character.name.lower().replace(" ", "_")
    try:
        await patience.ask(lambda: client.set_handle(person_id, handle, request_id=named))
    except RefusedError as error:
        if error.reason != Reason.REASON_HANDLE_TAKEN:
            raise


async def _find_shops(client: Client, community: Community, patience: Patience) -> None:
    """Finds the shops that were founded in earlier runs, in the order of their founding."""
    possible = {shop.address: shop for shop in map(shop_of, community.people)}

    async def addresses() -> list[str]:
        return [
            account.address async for account in client.accounts(prefix="orgs/", page_size=1000)
        ]

    for address in await patience.ask(addresses):
        if address in possible:
            community.open_shop(possible[address])
