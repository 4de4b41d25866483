"""Calls about what there is and who has it: accounts, balances, assets and supplies."""

from collections.abc import AsyncIterator
from datetime import datetime

from ticketonomics.ledger.v1.account_pb2 import Account, Balance
from ticketonomics.ledger.v1.asset_pb2 import Asset, Supply, TransferFee
from ticketonomics.ledger.v1.ledger_service_pb2 import (
    CloseAccountRequest,
    CreateAssetRequest,
    GetAccountRequest,
    GetAssetRequest,
    GetBalanceRequest,
    GetSupplyRequest,
    ListAccountsRequest,
    ListAssetsRequest,
    ListBalancesRequest,
    OpenAccountRequest,
    SetTransferFeeRequest,
)

from ticketonomics_client.calling import Caller
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.times import timestamp


class HoldingCalls(Caller):
    """Accounts, balances, assets and supplies. Amounts are in minor units."""

    async def balance(
        self,
        account: str,
        asset: str,
        *,
        height: int | None = None,
        time: datetime | None = None,
        minimum_sequence: int = 0,
    ) -> Balance:
        """Reads what an account has of one asset.

        Args:
            account: Address of the account.
            asset: Code of the asset.
            height: As of the block of this height; not together with `time`.
            time: As of the last block made at or before this time.
            minimum_sequence: Least sequence number that the answer must have seen: a receipt's, to
                read your own writes.
        """
        _one_moment(height, time)
        request = GetBalanceRequest(
            account=account,
            asset=asset,
            height=height,
            time=timestamp(time),
            minimum_sequence=minimum_sequence,
        )
        return (await self.call(self.ledger.GetBalance, request)).balance

    async def balances(
        self,
        *,
        account: str = "",
        asset: str = "",
        height: int | None = None,
        time: datetime | None = None,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Balance]:
        """Yields balances of an account, of an asset or of all; the rest is as in `balance`."""
        _one_moment(height, time)
        request = ListBalancesRequest(
            account=account,
            asset=asset,
            height=height,
            time=timestamp(time),
            page_size=page_size,
            minimum_sequence=minimum_sequence,
        )
        async for page in self.pages(self.ledger.ListBalances, request):
            for balance in page.balances:
                yield balance

    async def account(self, address: str, *, minimum_sequence: int = 0) -> Account:
        """Reads one account."""
        request = GetAccountRequest(address=address, minimum_sequence=minimum_sequence)
        return (await self.call(self.ledger.GetAccount, request)).account

    async def accounts(
        self, *, prefix: str = "", page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Account]:
        """Yields accounts whose address begins with the prefix, in the order of their opening."""
        request = ListAccountsRequest(
            prefix=prefix, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.ledger.ListAccounts, request):
            for account in page.accounts:
                yield account

    async def open_account(
        self, address: str, *, request_id: str | None = None, timeout_seconds: float | None = None
    ) -> Account:
        """Opens an account that belongs to nobody's person."""
        request = OpenAccountRequest(request_id=request_id or new_id(), address=address)
        return (
            await self.call(self.ledger.OpenAccount, request, timeout_seconds=timeout_seconds)
        ).account

    async def close_account(
        self, address: str, *, request_id: str | None = None, timeout_seconds: float | None = None
    ) -> Account:
        """Closes an account whose balances are all 0. Its address is not used again."""
        request = CloseAccountRequest(request_id=request_id or new_id(), address=address)
        return (
            await self.call(self.ledger.CloseAccount, request, timeout_seconds=timeout_seconds)
        ).account

    async def asset(self, code: str, *, minimum_sequence: int = 0) -> Asset:
        """Reads one asset."""
        request = GetAssetRequest(code=code, minimum_sequence=minimum_sequence)
        return (await self.call(self.ledger.GetAsset, request)).asset

    async def assets(
        self, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Asset]:
        """Yields all assets in the order of their creation."""
        request = ListAssetsRequest(page_size=page_size, minimum_sequence=minimum_sequence)
        async for page in self.pages(self.ledger.ListAssets, request):
            for asset in page.assets:
                yield asset

    async def create_asset(
        self, asset: Asset, *, request_id: str | None = None, timeout_seconds: float | None = None
    ) -> Asset:
        """Creates an asset; its `create_time` is the ledger's to set."""
        request = CreateAssetRequest(request_id=request_id or new_id(), asset=asset)
        return (
            await self.call(self.ledger.CreateAsset, request, timeout_seconds=timeout_seconds)
        ).asset

    async def set_transfer_fee(
        self,
        asset: str,
        fee: TransferFee | None,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Asset:
        """Sets the fee on transfers of an asset, from the next entry on; None means no fee."""
        request = SetTransferFeeRequest(
            request_id=request_id or new_id(), asset=asset, transfer_fee=fee
        )
        return (
            await self.call(self.ledger.SetTransferFee, request, timeout_seconds=timeout_seconds)
        ).asset

    async def supply(self, asset: str, *, minimum_sequence: int = 0) -> Supply:
        """Reads how much of an asset was minted and burned, and how much there is."""
        request = GetSupplyRequest(asset=asset, minimum_sequence=minimum_sequence)
        return (await self.call(self.ledger.GetSupply, request)).supply


def _one_moment(height: int | None, time: datetime | None) -> None:
    if height is not None and time is not None:
        raise ValueError("a past balance is asked for by height or by time, not by both")
