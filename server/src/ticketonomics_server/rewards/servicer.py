"""`RewardsService`: each method decodes, calls, encodes, and does nothing else."""

from dataclasses import replace
from datetime import datetime

from ticketonomics.rewards.v1 import reward_pb2
from ticketonomics.rewards.v1 import rewards_service_pb2 as rpc
from ticketonomics.rewards.v1.rewards_service_pb2_grpc import RewardsServiceServicer

from ticketonomics_server.engine.command import Caller
from ticketonomics_server.engine.economies import Economies
from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.scopes import Scope
from ticketonomics_server.ledger.encode import READ_PRIVATE
from ticketonomics_server.ledger.model import PostedTransaction
from ticketonomics_server.ledger.tickets import BRONZE
from ticketonomics_server.parameters.queries import read_parameters
from ticketonomics_server.progression.model import day_of
from ticketonomics_server.rewards import callbacks, decode, encode, parameters, queries
from ticketonomics_server.rewards.commands import (
    ClaimDaily,
    CreateReferralCode,
    NewKey,
)
from ticketonomics_server.rewards.decide_ads import invalid_signature
from ticketonomics_server.rewards.model import (
    AdNetworkKey,
    Paid,
    Scheme,
)
from ticketonomics_server.rewards.paying import guard_acting
from ticketonomics_server.rewards.rules import begin_of
from ticketonomics_server.rpc.call import Call, Context, current_call
from ticketonomics_server.rpc.fields import set_time
from ticketonomics_server.rpc.limits import RateLimits
from ticketonomics_server.rpc.paging import BEHIND_ALL, next_token, page_size, read_token
from ticketonomics_server.rpc.servicing import Servicing
from ticketonomics_server.rpc.submitting import Done
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import reading
from ticketonomics_server.webhooks.sealing import Sealer, UnreadableSecretError

PERSON_CALLS_RPS = 10
_SEES_ALL = (READ_PRIVATE, Scope.REWARDS_CLAIM, Scope.REWARDS_MANAGE)


class RewardsServicer(Servicing, RewardsServiceServicer):
    """What taking part earns.

    Args:
        sealer: Keeps the secrets of ad networks, as those of webhooks.
    """

    def __init__(self, economies: Economies, database: Database, sealer: Sealer) -> None:
        super().__init__(economies, database)
        self._sealer = sealer
        self._limits = RateLimits(PERSON_CALLS_RPS)

    # --- earning ------------------------------------------------------------------------------

    async def ClaimDaily(
        self, request: rpc.ClaimDailyRequest, context: Context
    ) -> rpc.ClaimDailyResponse:
        call = current_call()
        command = decode.decode_of_person(ClaimDaily, call.caller, request)
        self._spend(call, command.person_id)
        done = await self._submit(call, context, command)
        reward, _ = await self._encode_paid(call, done)
        return rpc.ClaimDailyResponse(
            reward=reward, replayed=done.replayed, last_sequence=done.last_sequence
        )

    async def Tap(self, request: rpc.TapRequest, context: Context) -> rpc.TapResponse:
        call = current_call()
        command = decode.decode_tap(call.caller, request)
        self._spend(call, command.person_id)
        done = await self._submit(call, context, command)
        reward, _ = await self._encode_paid(call, done)
        return rpc.TapResponse(
            reward=reward, replayed=done.replayed, last_sequence=done.last_sequence
        )

    async def ReportActivity(
        self, request: rpc.ReportActivityRequest, context: Context
    ) -> rpc.ReportActivityResponse:
        call = current_call()
        command = decode.decode_report_activity(call.caller, request)
        self._spend(call, command.person_id)
        done = await self._submit(call, context, command)
        reward, paid = await self._encode_paid(call, done)
        return rpc.ReportActivityResponse(
            reward=reward,
            not_counted=int(paid.not_counted),  # type: ignore[arg-type]  # The same numbers.
            replayed=done.replayed,
            last_sequence=done.last_sequence,
        )

    async def CompleteAdView(
        self, request: rpc.CompleteAdViewRequest, context: Context
    ) -> rpc.CompleteAdViewResponse:
        call = current_call()
        network_id = decode.check_network_id(request.network_id)
        callback = callbacks.take_apart(request.content, request.signature, request.key_id)
        async with reading(self._database, call.economy_id) as snapshot:
            found = await queries.find_network(snapshot, network_id)
            now = await queries.read_clock(snapshot)
        key = await self._verify(found, callback, now)
        view = callbacks.read_view(found.network, callback.content)
        command = decode.decode_complete_ad_view(call.caller, request, key, view)
        self._spend(call, command.person_id)
        done = await self._submit(call, context, command)
        reward, _ = await self._encode_paid(call, done)
        return rpc.CompleteAdViewResponse(
            reward=reward, replayed=done.replayed, last_sequence=done.last_sequence
        )

    async def _verify(
        self, found: queries.NetworkWithKeys, callback: callbacks.Callback, now: datetime
    ) -> AdNetworkKey:
        """Returns the key that has signed, or refuses with AD_SIGNATURE_INVALID.

        Whether the key is over is decided in the block; this only saves looking at dead ones.
        """
        for key in found.keys:
            if (callback.key_id and key.key_id != callback.key_id) or key.is_over(now):
                continue
            if found.network.scheme == Scheme.ECDSA_P256:
                if callbacks.verifies_ecdsa(key.material, callback):
                    return key
                continue
            try:
                secret = await self._sealer.open(key.material)
            except UnreadableSecretError as error:
                raise Rejection(
                    Reason.WEBHOOK_KEY_MISSING,
                    "this server has not the key that the network's secret is encrypted with",
                    retry_seconds=5.0,
                ) from error
            if callbacks.verifies_hmac(secret, callback):
                return key
        raise invalid_signature(found.network_id)

    async def _encode_paid(self, call: Call, done: Done) -> tuple[reward_pb2.Reward, Paid]:
        value = done.value.details if isinstance(done.value, PostedTransaction) else done.value
        time = done.submission.block_time
        if done.replayed:
            async with self._reading_back(call, done) as snapshot:
                value, time = await queries.find_paid(snapshot, done.sequence)
        return encode.encode_reward(value, done.sequence, time), value

    def _spend(self, call: Call, person_id: str) -> None:
        """Counts a call for a person: too many are refused with RATE_LIMITED."""
        self._limits.spend(f"{call.economy_id}/{person_id}", PERSON_CALLS_RPS, 1)

    # --- referrals ----------------------------------------------------------------------------

    async def CreateReferralCode(
        self, request: rpc.CreateReferralCodeRequest, context: Context
    ) -> rpc.CreateReferralCodeResponse:
        call = current_call()
        command = decode.decode_of_person(CreateReferralCode, call.caller, request)
        self._spend(call, command.person_id)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            person = await queries.find_participant(snapshot, command.person_id)
        return rpc.CreateReferralCodeResponse(
            code=person.code if person is not None else "",
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def RedeemReferral(
        self, request: rpc.RedeemReferralRequest, context: Context
    ) -> rpc.RedeemReferralResponse:
        call = current_call()
        code = decode.check_code(request.code)
        async with reading(self._database, call.economy_id) as snapshot:
            referrer_id = await queries.find_owner_of_code(snapshot, code)
        command = decode.decode_redeem_referral(call.caller, request, referrer_id)
        self._spend(call, command.person_id)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            person = await queries.find_participant(snapshot, command.person_id)
        return rpc.RedeemReferralResponse(
            referral=encode.encode_referral(person) if person is not None else None,
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    # --- reads --------------------------------------------------------------------------------

    async def GetCooldowns(
        self, request: rpc.GetCooldownsRequest, context: Context
    ) -> rpc.GetCooldownsResponse:
        call = current_call()
        person_id = decode.check_person(call.caller, request.person_id)
        _guard_seeing(call.caller, person_id)
        async with self._reading(call, request) as snapshot:
            if not await queries.person_exists(snapshot, person_id):
                raise Rejection(
                    Reason.PERSON_NOT_FOUND, f"there is no person {person_id}", person=person_id
                )
            now = await queries.read_clock(snapshot)
            person = await queries.find_participant(snapshot, person_id)
            spent = await queries.read_spent(snapshot, day_of(now))
            values = await read_parameters(snapshot, *parameters.PARAMETERS)
        answer = rpc.GetCooldownsResponse(
            cooldowns=encode.encode_cooldowns(person, spent, values, now),
            energy=encode.encode_energy(person, values, now),
            streak=encode.encode_streak(person, values, now),
            referral=encode.encode_referral(person) if person and person.referral_state else None,
            referral_code=person.code if person else "",
            referred_count=person.referred if person else 0,
            asset=BRONZE,
            last_sequence=snapshot.last_sequence,
        )
        set_time(answer.read_time, now)
        set_time(answer.day_end_time, begin_of(day_of(now) + 1))
        return answer

    async def ListRewards(
        self, request: rpc.ListRewardsRequest, context: Context
    ) -> rpc.ListRewardsResponse:
        call, size = current_call(), page_size(request)
        person_id = decode.check_person(call.caller, request.person_id)
        _guard_seeing(call.caller, person_id)
        source = decode.check_choice(request.source, reward_pb2.Source, "source")
        below = read_token(request, int, int) or (BEHIND_ALL, 0)
        async with self._reading(call, request) as snapshot:
            found = await queries.list_rewards(
                snapshot, person_id, source=source, below=(below[0], below[1]), limit=size + 1
            )
        return rpc.ListRewardsResponse(
            rewards=[
                encode.encode_reward(row.paid, row.sequence, row.time) for row in found[:size]
            ],
            next_page_token=next_token(request, found, size, "sequence", "part"),
            last_sequence=snapshot.last_sequence,
        )

    async def GetRewardStatistics(
        self, request: rpc.GetRewardStatisticsRequest, context: Context
    ) -> rpc.GetRewardStatisticsResponse:
        call, size = current_call(), page_size(request)
        source = decode.check_choice(request.source, reward_pb2.Source, "source")
        behind = decode.check_behind(read_token(request, int, str))
        async with self._reading(call, request) as snapshot:
            found = await queries.list_tallies(
                snapshot,
                views=False,
                series=str(source) if source else "",
                days=decode.check_days(request.first_date, request.last_date),
                behind=behind,
                limit=size + 1,
            )
        return rpc.GetRewardStatisticsResponse(
            days=[encode.encode_day(tally) for tally in found[:size]],
            next_page_token=next_token(request, found, size, "day", "series"),
            last_sequence=snapshot.last_sequence,
        )

    # --- ad networks --------------------------------------------------------------------------

    async def CreateAdNetwork(
        self, request: rpc.CreateAdNetworkRequest, context: Context
    ) -> rpc.CreateAdNetworkResponse:
        call = current_call()
        command = decode.decode_create_ad_network(call.caller, request)
        key = await self._sealed(command.new_key, command.scheme)
        done = await self._submit(call, context, replace(command, new_key=key))
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_network(snapshot, command.network_id)
        return rpc.CreateAdNetworkResponse(
            network=encode.encode_network(found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def UpdateAdNetwork(
        self, request: rpc.UpdateAdNetworkRequest, context: Context
    ) -> rpc.UpdateAdNetworkResponse:
        call = current_call()
        network_id = decode.check_network_id(request.network_id)
        async with reading(self._database, call.economy_id) as snapshot:
            found = await queries.find_network(snapshot, network_id)
        scheme = Scheme(found.network.scheme)
        command = decode.decode_update_ad_network(call.caller, request, scheme)
        if command.new_key is not None:
            command = replace(command, new_key=await self._sealed(command.new_key, scheme))
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            found = await queries.find_network(snapshot, network_id)
        return rpc.UpdateAdNetworkResponse(
            network=encode.encode_network(found),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )

    async def _sealed(self, key: NewKey, scheme: Scheme) -> NewKey:
        if scheme == Scheme.ECDSA_P256:
            return key
        return NewKey(key.key_id, await self._sealer.seal(key.material))

    async def ListAdNetworks(
        self, request: rpc.ListAdNetworksRequest, context: Context
    ) -> rpc.ListAdNetworksResponse:
        call, size = current_call(), page_size(request)
        (after,) = read_token(request, str) or ("",)
        async with self._reading(call, request) as snapshot:
            found = await queries.list_networks(snapshot, after=after, limit=size + 1)
        return rpc.ListAdNetworksResponse(
            networks=[encode.encode_network(network) for network in found[:size]],
            next_page_token=next_token(request, found, size, "network_id"),
            last_sequence=snapshot.last_sequence,
        )

    async def ListAdViewCounts(
        self, request: rpc.ListAdViewCountsRequest, context: Context
    ) -> rpc.ListAdViewCountsResponse:
        call, size = current_call(), page_size(request)
        behind = decode.check_behind(read_token(request, int, str))
        async with self._reading(call, request) as snapshot:
            found = await queries.list_tallies(
                snapshot,
                views=True,
                series="",
                days=decode.check_days(request.first_date, request.last_date),
                behind=behind,
                limit=size + 1,
            )
        return rpc.ListAdViewCountsResponse(
            counts=[encode.encode_view_count(tally) for tally in found[:size]],
            next_page_token=next_token(request, found, size, "day", "series"),
            last_sequence=snapshot.last_sequence,
        )

    # --- flags --------------------------------------------------------------------------------

    async def ListFlags(
        self, request: rpc.ListFlagsRequest, context: Context
    ) -> rpc.ListFlagsResponse:
        call, size = current_call(), page_size(request)
        state = decode.check_choice(request.state, reward_pb2.Flag.State, "state")
        rule = decode.check_choice(request.rule, reward_pb2.Flag.Rule, "rule")
        behind = read_token(request, int, str) or (BEHIND_ALL, "")
        async with self._reading(call, request) as snapshot:
            found = await queries.list_flags(
                snapshot, state=state, rule=rule, behind=behind, limit=size + 1
            )
        return rpc.ListFlagsResponse(
            flags=[encode.encode_flag(flag) for flag in found[:size]],
            next_page_token=next_token(request, found, size, "last_sequence", "flag_id"),
            last_sequence=snapshot.last_sequence,
        )

    async def ResolveFlag(
        self, request: rpc.ResolveFlagRequest, context: Context
    ) -> rpc.ResolveFlagResponse:
        call = current_call()
        flag_id = decode.check_flag_id(request.flag_id)
        async with reading(self._database, call.economy_id) as snapshot:
            flag = await queries.find_flag(snapshot, flag_id)
        command = decode.decode_resolve_flag(call.caller, request, flag)
        done = await self._submit(call, context, command)
        async with self._reading_back(call, done) as snapshot:
            flag = await queries.find_flag(snapshot, flag_id)
        return rpc.ResolveFlagResponse(
            flag=encode.encode_flag(flag),
            replayed=done.replayed,
            last_sequence=snapshot.last_sequence,
        )


def _guard_seeing(caller: Caller, person_id: str) -> None:
    """Refuses with NOT_ACCOUNT_OWNER who neither acts for the person nor may see all."""
    if caller.person_id or not any(caller.may(scope) for scope in _SEES_ALL):
        guard_acting(replace(caller, person_id=caller.person_id or "-"), person_id)
