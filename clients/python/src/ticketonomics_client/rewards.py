"""Calls about what taking part earns."""

import hashlib
from collections.abc import AsyncIterator
from datetime import date, timedelta

from google.protobuf.duration_pb2 import Duration
from ticketonomics.rewards.v1.reward_pb2 import (
    REGION_UNSPECIFIED,
    SOURCE_UNSPECIFIED,
    AdNetwork,
    AdViewCount,
    Flag,
    Referral,
    Region,
    Reward,
    RewardDay,
    Source,
)
from ticketonomics.rewards.v1.rewards_service_pb2 import (
    ClaimDailyRequest,
    CompleteAdViewRequest,
    CreateAdNetworkRequest,
    CreateReferralCodeRequest,
    GetCooldownsRequest,
    GetCooldownsResponse,
    GetRewardStatisticsRequest,
    ListAdNetworksRequest,
    ListAdViewCountsRequest,
    ListFlagsRequest,
    ListRewardsRequest,
    NewAdNetworkKey,
    RedeemReferralRequest,
    ReportActivityRequest,
    ReportActivityResponse,
    ResolveFlagRequest,
    TapRequest,
    UpdateAdNetworkRequest,
)

from ticketonomics_client.calling import Caller
from ticketonomics_client.identifiers import new_id


def message_hash(text: str) -> bytes:
    """Hashes a message for `report_activity`: of lower case, without spaces around and between."""
    return hashlib.sha256(" ".join(text.casefold().split()).encode()).digest()


class RewardCalls(Caller):
    """What taking part earns, in minor units of BRONZE.

    Whoever acts for a person earns for that person; whoever acts for nobody names one.
    """

    # --- earning ------------------------------------------------------------------------------

    async def claim_daily(
        self,
        person_id: str = "",
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Reward:
        """Claims the reward of the day.

        Args:
            person_id: Who; empty for the one who is acted for.
            request_id: A new UUID when not given.
            timeout_seconds: For all attempts together.

        Raises:
            RefusedError: REWARD_NOT_DUE, with `next_time`; REWARD_BUDGET_SPENT; others.
        """
        request = ClaimDailyRequest(request_id=request_id or new_id(), person_id=person_id)
        method = self.reward_calls.ClaimDaily
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).reward

    async def tap(
        self,
        count: int,
        person_id: str = "",
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Reward:
        """Counts taps since the last call; `tap.counted` of the answer tells how many count.

        Args:
            count: 1–100,000.
            person_id: Who; empty for the one who is acted for.
            request_id: A new UUID when not given.
            timeout_seconds: For all attempts together.

        Raises:
            RefusedError: REWARD_LIMIT_REACHED; REWARD_BUDGET_SPENT; others.
        """
        request = TapRequest(request_id=request_id or new_id(), person_id=person_id, count=count)
        return (
            await self.call(self.reward_calls.Tap, request, timeout_seconds=timeout_seconds)
        ).reward

    async def complete_ad_view(
        self,
        network_id: str,
        content: bytes,
        *,
        signature: str = "",
        key_id: str = "",
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Reward:
        """Passes on a network's callback, exactly as it came. Needs `rewards.report`.

        Args:
            network_id: Which network.
            content: The raw query of the URL, or the body.
            signature: Where it is not at the end of the query.
            key_id: Where it is not at the end of the query.
            request_id: A new UUID when not given.
            timeout_seconds: For all attempts together.

        Raises:
            RefusedError: AD_SIGNATURE_INVALID; AD_VIEW_REPLAYED, which is well; others.
        """
        request = CompleteAdViewRequest(
            request_id=request_id or new_id(),
            network_id=network_id,
            content=content,
            signature=signature,
            key_id=key_id,
        )
        method = self.reward_calls.CompleteAdView
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).reward

    async def report_activity(
        self,
        person_id: str,
        *,
        channel: str,
        message: str,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> ReportActivityResponse:
        """Reports a message in a chat. Its text stays here: only hash and length are sent.

        Args:
            person_id: Who wrote it.
            channel: Where, as the application calls it.
            message: The text.
            request_id: A new UUID when not given.
            timeout_seconds: For all attempts together.
        """
        request = ReportActivityRequest(
            request_id=request_id or new_id(),
            person_id=person_id,
            channel=channel,
            message_hash=message_hash(message),
            message_length=len(" ".join(message.split())),
        )
        method = self.reward_calls.ReportActivity
        return await self.call(method, request, timeout_seconds=timeout_seconds)

    # --- referrals ----------------------------------------------------------------------------

    async def create_referral_code(
        self,
        person_id: str = "",
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> str:
        """Returns a person's code for bringing others; makes it the first time."""
        request = CreateReferralCodeRequest(request_id=request_id or new_id(), person_id=person_id)
        method = self.reward_calls.CreateReferralCode
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).code

    async def redeem_referral(
        self,
        code: str,
        person_id: str = "",
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Referral:
        """Says whose code brought a new person.

        Raises:
            RefusedError: REFERRAL_REFUSED, with `rule`; REFERRAL_CODE_NOT_FOUND; others.
        """
        request = RedeemReferralRequest(
            request_id=request_id or new_id(), person_id=person_id, code=code
        )
        method = self.reward_calls.RedeemReferral
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).referral

    # --- reads --------------------------------------------------------------------------------

    async def cooldowns(self, person_id: str, *, minimum_sequence: int = 0) -> GetCooldownsResponse:
        """Reads all that a person may still earn, and when."""
        request = GetCooldownsRequest(person_id=person_id, minimum_sequence=minimum_sequence)
        return await self.call(self.reward_calls.GetCooldowns, request)

    async def rewards(
        self,
        person_id: str,
        *,
        source: Source = SOURCE_UNSPECIFIED,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Reward]:
        """Yields a person's rewards, newest first."""
        request = ListRewardsRequest(
            person_id=person_id,
            source=source,
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.reward_calls.ListRewards, request):
            for reward in page.rewards:
                yield reward

    async def reward_statistics(
        self,
        *,
        first: date | None = None,
        last: date | None = None,
        source: Source = SOURCE_UNSPECIFIED,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[RewardDay]:
        """Yields what each source paid on each day of UTC, newest day first."""
        request = GetRewardStatisticsRequest(
            first_date=first.isoformat() if first else "",
            last_date=last.isoformat() if last else "",
            source=source,
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.reward_calls.GetRewardStatistics, request):
            for day in page.days:
                yield day

    # --- ad networks --------------------------------------------------------------------------

    async def create_ad_network(
        self,
        network_id: str,
        *,
        display_name: str,
        scheme: AdNetwork.Scheme,
        key_id: str,
        material: bytes,
        default_region: Region = REGION_UNSPECIFIED,
        transaction_parameter: str = "",
        person_parameter: str = "",
        country_parameter: str = "",
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> AdNetwork:
        """Makes a network whose callbacks count. Needs `rewards.manage`.

        Args:
            network_id: 1–32 of a–z, 0–9, `_` and `-`.
            display_name: For people.
            scheme: How it signs.
            key_id: As callbacks name the key.
            material: The public key in DER or PEM, or the secret.
            default_region: Of views whose callback tells no country; unspecified means elsewhere.
            transaction_parameter: Its name for the view's id; empty means `transaction_id`.
            person_parameter: Its name for the person; empty means `custom_data`.
            country_parameter: Its name for the country; empty means `country`.
            request_id: A new UUID when not given.
        """
        request = CreateAdNetworkRequest(
            request_id=request_id or new_id(),
            network_id=network_id,
            display_name=display_name,
            scheme=scheme,
            key=NewAdNetworkKey(key_id=key_id, material=material),
            default_region=default_region,
            transaction_parameter=transaction_parameter,
            person_parameter=person_parameter,
            country_parameter=country_parameter,
        )
        method = self.reward_calls.CreateAdNetwork
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).network

    async def update_ad_network(
        self,
        network: AdNetwork,
        *,
        key_id: str = "",
        material: bytes = b"",
        overlap: timedelta | None = None,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> AdNetwork:
        """Replaces a network's terms by those of a message that was read and changed.

        Args:
            network: Its name, state, region and parameters count.
            key_id: Of a new key; empty for none.
            material: Of a new key.
            overlap: How long other keys go on beside a new one; None means a day.
            request_id: A new UUID when not given.
        """
        request = UpdateAdNetworkRequest(
            request_id=request_id or new_id(),
            network_id=network.network_id,
            display_name=network.display_name,
            paused=network.state == AdNetwork.STATE_PAUSED,
            default_region=network.default_region,
            transaction_parameter=network.transaction_parameter,
            person_parameter=network.person_parameter,
            country_parameter=network.country_parameter,
            key=NewAdNetworkKey(key_id=key_id, material=material) if key_id else None,
        )
        if overlap is not None:
            duration = Duration()
            duration.FromTimedelta(overlap)
            request.overlap.CopyFrom(duration)
        method = self.reward_calls.UpdateAdNetwork
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).network

    async def ad_networks(
        self, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[AdNetwork]:
        """Yields all networks by id."""
        request = ListAdNetworksRequest(page_size=page_size, minimum_sequence=minimum_sequence)
        async for page in self.pages(self.reward_calls.ListAdNetworks, request):
            for network in page.networks:
                yield network

    async def ad_view_counts(
        self,
        *,
        first: date | None = None,
        last: date | None = None,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[AdViewCount]:
        """Yields how many ads were watched, by day of UTC, network and region."""
        request = ListAdViewCountsRequest(
            first_date=first.isoformat() if first else "",
            last_date=last.isoformat() if last else "",
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.reward_calls.ListAdViewCounts, request):
            for found in page.counts:
                yield found

    # --- flags --------------------------------------------------------------------------------

    async def flags(
        self,
        *,
        state: Flag.State = Flag.STATE_UNSPECIFIED,
        rule: Flag.Rule = Flag.RULE_UNSPECIFIED,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Flag]:
        """Yields what looks like abuse, newest first. Needs `rewards.manage`."""
        request = ListFlagsRequest(
            state=state, rule=rule, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.reward_calls.ListFlags, request):
            for flag in page.flags:
                yield flag

    async def resolve_flag(
        self,
        flag_id: str,
        *,
        note: str = "",
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Flag:
        """Says that somebody has looked at a flag."""
        request = ResolveFlagRequest(request_id=request_id or new_id(), flag_id=flag_id, note=note)
        method = self.reward_calls.ResolveFlag
        return (await self.call(method, request, timeout_seconds=timeout_seconds)).flag
