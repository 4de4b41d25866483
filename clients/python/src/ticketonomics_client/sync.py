"""The client for scripts, notebooks and threads: the same calls, which wait for their answers."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

import grpc

from ticketonomics_client import client as aio
from ticketonomics_client.blocking import Blocking, BlockingIterator, Stream, run
from ticketonomics_client.calling import Request, Response
from ticketonomics_client.tls import TlsFiles

__all__ = ["Client", "Principal", "Stream"]


class Principal:
    """Everything that one caller can do, one call after the other.

    Each method is that of `ticketonomics_client.Client` with the same name, arguments, result and
    errors. Lists are iterators. Streams are iterators too, to be closed, best by `with`.
    """

    def __init__(self, principal: aio.Principal) -> None:
        self._principal = principal

    def call(
        self,
        method: Callable[[aio.Principal], grpc.aio.UnaryUnaryMultiCallable[Request, Response]],
        request: Request,
        *,
        timeout_seconds: float | None = None,
    ) -> Response:
        """Calls any unary method of the generated stubs, with retries.

        Args:
            method: Such as `lambda client: client.ledger.GetSupply`.
            request: Sent unchanged in every attempt, so with the same request id.
            timeout_seconds: For all attempts together; the method's own when None.
        """
        return run(_call(self._principal, method, request, timeout_seconds))

    transfer = Blocking(aio.Principal.transfer)
    create_transactions = Blocking(aio.Principal.create_transactions)
    import_transactions = Blocking(aio.Principal.import_transactions)
    mint = Blocking(aio.Principal.mint)
    burn = Blocking(aio.Principal.burn)
    drain = Blocking(aio.Principal.drain)

    transaction = Blocking(aio.Principal.transaction)
    transactions = BlockingIterator(aio.Principal.transactions)
    watch_transactions = BlockingIterator(aio.Principal.watch_transactions)
    watch_messages = BlockingIterator(aio.Principal.watch_messages)
    block = Blocking(aio.Principal.block)
    blocks = BlockingIterator(aio.Principal.blocks)
    statement = Blocking(aio.Principal.statement)

    progress = Blocking(aio.Principal.progress)
    achievements = BlockingIterator(aio.Principal.achievements)
    leaderboard = BlockingIterator(aio.Principal.leaderboard)

    daily_supplies = BlockingIterator(aio.Principal.daily_supplies)
    daily_flows = BlockingIterator(aio.Principal.daily_flows)
    daily_activity = BlockingIterator(aio.Principal.daily_activity)
    velocity = Blocking(aio.Principal.velocity)
    wealth_distribution = Blocking(aio.Principal.wealth_distribution)
    active_people = Blocking(aio.Principal.active_people)
    pool_depths = BlockingIterator(aio.Principal.pool_depths)
    participation = Blocking(aio.Principal.participation)
    write_supplies = Blocking(aio.Principal.write_supplies)
    write_flows = Blocking(aio.Principal.write_flows)
    write_activity = Blocking(aio.Principal.write_activity)

    create_hold = Blocking(aio.Principal.create_hold)
    capture_hold = Blocking(aio.Principal.capture_hold)
    release_hold = Blocking(aio.Principal.release_hold)
    hold = Blocking(aio.Principal.hold)
    holds = BlockingIterator(aio.Principal.holds)

    balance = Blocking(aio.Principal.balance)
    balances = BlockingIterator(aio.Principal.balances)
    account = Blocking(aio.Principal.account)
    accounts = BlockingIterator(aio.Principal.accounts)
    open_account = Blocking(aio.Principal.open_account)
    close_account = Blocking(aio.Principal.close_account)
    asset = Blocking(aio.Principal.asset)
    assets = BlockingIterator(aio.Principal.assets)
    create_asset = Blocking(aio.Principal.create_asset)
    set_transfer_fee = Blocking(aio.Principal.set_transfer_fee)
    supply = Blocking(aio.Principal.supply)

    get_or_create_person = Blocking(aio.Principal.get_or_create_person)
    person = Blocking(aio.Principal.person)
    people_by_id = Blocking(aio.Principal.people_by_id)
    person_by_handle = Blocking(aio.Principal.person_by_handle)
    look_up_person = Blocking(aio.Principal.look_up_person)
    people = BlockingIterator(aio.Principal.people)
    block_person = Blocking(aio.Principal.block_person)
    unblock_person = Blocking(aio.Principal.unblock_person)
    create_link_code = Blocking(aio.Principal.create_link_code)
    redeem_link_code = Blocking(aio.Principal.redeem_link_code)
    unlink_identity = Blocking(aio.Principal.unlink_identity)
    merge_people = Blocking(aio.Principal.merge_people)
    set_display_name = Blocking(aio.Principal.set_display_name)
    set_privacy = Blocking(aio.Principal.set_privacy)
    set_handle = Blocking(aio.Principal.set_handle)
    preferences = Blocking(aio.Principal.preferences)
    set_preferences = Blocking(aio.Principal.set_preferences)
    export_personal_data = BlockingIterator(aio.Principal.export_personal_data)
    erase_person = Blocking(aio.Principal.erase_person)

    create_schedule = Blocking(aio.Principal.create_schedule)
    pause_schedule = Blocking(aio.Principal.pause_schedule)
    resume_schedule = Blocking(aio.Principal.resume_schedule)
    cancel_schedule = Blocking(aio.Principal.cancel_schedule)
    schedule = Blocking(aio.Principal.schedule)
    schedules = BlockingIterator(aio.Principal.schedules)
    schedule_runs = BlockingIterator(aio.Principal.schedule_runs)
    request_payment = Blocking(aio.Principal.request_payment)
    accept_payment_request = Blocking(aio.Principal.accept_payment_request)
    decline_payment_request = Blocking(aio.Principal.decline_payment_request)
    cancel_payment_request = Blocking(aio.Principal.cancel_payment_request)
    payment_request = Blocking(aio.Principal.payment_request)
    payment_requests = BlockingIterator(aio.Principal.payment_requests)

    grant_allowance = Blocking(aio.Principal.grant_allowance)
    revoke_allowance = Blocking(aio.Principal.revoke_allowance)
    allowance = Blocking(aio.Principal.allowance)
    allowances = BlockingIterator(aio.Principal.allowances)
    set_budget = Blocking(aio.Principal.set_budget)
    remove_budget = Blocking(aio.Principal.remove_budget)
    budgets = BlockingIterator(aio.Principal.budgets)
    spending_records = BlockingIterator(aio.Principal.spending_records)

    price = Blocking(aio.Principal.price)
    prices = BlockingIterator(aio.Principal.prices)
    ticks = BlockingIterator(aio.Principal.ticks)
    candles = BlockingIterator(aio.Principal.candles)
    watch_prices = BlockingIterator(aio.Principal.watch_prices)
    watch_price_messages = BlockingIterator(aio.Principal.watch_price_messages)
    watch_candles = BlockingIterator(aio.Principal.watch_candles)
    watch_candle_messages = BlockingIterator(aio.Principal.watch_candle_messages)

    signed_head = Blocking(aio.Principal.signed_head)
    receipt = Blocking(aio.Principal.receipt)
    consistency_proof = Blocking(aio.Principal.consistency_proof)
    signing_keys = BlockingIterator(aio.Principal.signing_keys)

    create_application = Blocking(aio.Principal.create_application)
    update_application = Blocking(aio.Principal.update_application)
    application = Blocking(aio.Principal.application)
    applications = BlockingIterator(aio.Principal.applications)
    create_api_key = Blocking(aio.Principal.create_api_key)
    rotate_api_key = Blocking(aio.Principal.rotate_api_key)
    revoke_api_key = Blocking(aio.Principal.revoke_api_key)
    api_keys = BlockingIterator(aio.Principal.api_keys)
    who_am_i = Blocking(aio.Principal.who_am_i)

    create_pool = Blocking(aio.Principal.create_pool)
    set_pool_fee = Blocking(aio.Principal.set_pool_fee)
    pause_pool = Blocking(aio.Principal.pause_pool)
    resume_pool = Blocking(aio.Principal.resume_pool)
    pool = Blocking(aio.Principal.pool)
    pools = BlockingIterator(aio.Principal.pools)
    pool_history = BlockingIterator(aio.Principal.pool_history)
    positions = BlockingIterator(aio.Principal.positions)
    quote = Blocking(aio.Principal.quote)
    swap = Blocking(aio.Principal.swap)
    create_swaps = Blocking(aio.Principal.create_swaps)
    add_liquidity = Blocking(aio.Principal.add_liquidity)
    remove_liquidity = Blocking(aio.Principal.remove_liquidity)
    open_queues = Blocking(aio.Principal.open_queues)
    join_queue = Blocking(aio.Principal.join_queue)
    leave_queue = Blocking(aio.Principal.leave_queue)
    convert_down = Blocking(aio.Principal.convert_down)
    queues = Blocking(aio.Principal.queues)
    round = Blocking(aio.Principal.round)
    rounds = BlockingIterator(aio.Principal.rounds)
    round_entries = BlockingIterator(aio.Principal.round_entries)
    verify_round = Blocking(aio.Principal.verify_round)
    queue_statistics = Blocking(aio.Principal.queue_statistics)
    tier_progression = Blocking(aio.Principal.tier_progression)
    top_players = BlockingIterator(aio.Principal.top_players)
    watch_queues = BlockingIterator(aio.Principal.watch_queues)
    create_proposal = Blocking(aio.Principal.create_proposal)
    withdraw_proposal = Blocking(aio.Principal.withdraw_proposal)
    veto_proposal = Blocking(aio.Principal.veto_proposal)
    cast_vote = Blocking(aio.Principal.cast_vote)
    proposal = Blocking(aio.Principal.proposal)
    proposals = BlockingIterator(aio.Principal.proposals)
    ballot = Blocking(aio.Principal.ballot)
    ballots = BlockingIterator(aio.Principal.ballots)
    eligibility = Blocking(aio.Principal.eligibility)
    watch_proposals = BlockingIterator(aio.Principal.watch_proposals)
    watch_proposal_messages = BlockingIterator(aio.Principal.watch_proposal_messages)

    parameter = Blocking(aio.Principal.parameter)
    parameters = BlockingIterator(aio.Principal.parameters)
    set_parameter = Blocking(aio.Principal.set_parameter)
    parameter_changes = BlockingIterator(aio.Principal.parameter_changes)

    create_webhook = Blocking(aio.Principal.create_webhook)
    update_webhook = Blocking(aio.Principal.update_webhook)
    pause_webhook = Blocking(aio.Principal.pause_webhook)
    resume_webhook = Blocking(aio.Principal.resume_webhook)
    rotate_webhook_secret = Blocking(aio.Principal.rotate_webhook_secret)
    replay_webhook = Blocking(aio.Principal.replay_webhook)
    delete_webhook = Blocking(aio.Principal.delete_webhook)
    webhook = Blocking(aio.Principal.webhook)
    webhooks = BlockingIterator(aio.Principal.webhooks)
    send_test_event = Blocking(aio.Principal.send_test_event)
    dead_letters = BlockingIterator(aio.Principal.dead_letters)
    retry_dead_letters = Blocking(aio.Principal.retry_dead_letters)

    claim_daily = Blocking(aio.Principal.claim_daily)
    tap = Blocking(aio.Principal.tap)
    complete_ad_view = Blocking(aio.Principal.complete_ad_view)
    report_activity = Blocking(aio.Principal.report_activity)
    create_referral_code = Blocking(aio.Principal.create_referral_code)
    redeem_referral = Blocking(aio.Principal.redeem_referral)
    cooldowns = Blocking(aio.Principal.cooldowns)
    rewards = BlockingIterator(aio.Principal.rewards)
    reward_statistics = BlockingIterator(aio.Principal.reward_statistics)
    create_ad_network = Blocking(aio.Principal.create_ad_network)
    update_ad_network = Blocking(aio.Principal.update_ad_network)
    ad_networks = BlockingIterator(aio.Principal.ad_networks)
    ad_view_counts = BlockingIterator(aio.Principal.ad_view_counts)
    flags = BlockingIterator(aio.Principal.flags)
    resolve_flag = Blocking(aio.Principal.resolve_flag)

    status = Blocking(aio.Principal.status)
    methods = BlockingIterator(aio.Principal.methods)


class Client(Principal):
    """A connection to a Ticketonomics server, used with `with`.

    Threads may share a client, and should: transfers that they begin together travel together. All
    clients of a process talk to their servers in one thread in the background, so one may be used
    inside of a running event loop too, such as a notebook's, which then waits.
    """

    def __init__(
        self,
        target: str = "127.0.0.1:50051",
        *,
        api_key: str | None = None,
        economy: str = "main",
        tls: bool | TlsFiles | grpc.ChannelCredentials | None = None,
        insecure: bool = False,
        timeout_seconds: float | None = None,
    ) -> None:
        """Makes a client; the arguments are those of `ticketonomics_client.Client`.

        Raises:
            ValueError: The arguments do not fit together.
        """
        self._client = aio.Client(
            target,
            api_key=api_key,
            economy=economy,
            tls=tls,
            insecure=insecure,
            timeout_seconds=timeout_seconds,
        )
        super().__init__(self._client)

    def acting_for(self, person_id: str) -> Principal:
        """Returns the same calls on behalf of a person, over the same connection."""
        return Principal(run(_acting_for(self._client, person_id)))

    def close(self) -> None:
        """Waits for transfers that were begun, at most for their deadlines, then disconnects."""
        run(self._client.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


async def _call(
    principal: aio.Principal,
    method: Callable[[aio.Principal], grpc.aio.UnaryUnaryMultiCallable[Request, Response]],
    request: Request,
    timeout_seconds: float | None,
) -> Response:
    """Finds the method in the background, where there is an event loop to make a channel for."""
    return await principal.call(method(principal), request, timeout_seconds=timeout_seconds)


async def _acting_for(client: aio.Client, person_id: str) -> aio.Principal:
    """Asks in the background, where the client keeps whom it acts for."""
    return client.acting_for(person_id)
