"""Calls about people's links, names and data."""

from collections.abc import AsyncIterator, Sequence

from ticketonomics.identity.v1.identity_service_pb2 import (
    CreateLinkCodeRequest,
    CreateLinkCodeResponse,
    ErasePersonRequest,
    ErasePersonResponse,
    ExportPersonalDataRequest,
    ExportPersonalDataResponse,
    GetPreferencesRequest,
    MergePeopleRequest,
    RedeemLinkCodeRequest,
    SetDisplayNameRequest,
    SetHandleRequest,
    SetPreferencesRequest,
    SetPrivacyRequest,
    UnlinkIdentityRequest,
)
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.identity.v1.preferences_pb2 import Notification, Preferences

from ticketonomics_client.calling import Caller
from ticketonomics_client.identifiers import new_id
from ticketonomics_client.people import bare_handle


class PersonalDataCalls(Caller):
    """Who people are elsewhere, what they are called, and what is kept about them."""

    async def create_link_code(
        self, person_id: str, *, request_id: str | None = None, timeout_seconds: float | None = None
    ) -> CreateLinkCodeResponse:
        """Makes a code with which one more identity can be linked to a person.

        It works once, for 10 minutes. The code is in this answer only: a retry that finds the
        request accepted has none, and another code must be made.
        """
        request = CreateLinkCodeRequest(request_id=request_id or new_id(), person_id=person_id)
        return await self.call(
            self.identity.CreateLinkCode, request, timeout_seconds=timeout_seconds
        )

    async def redeem_link_code(
        self,
        code: str,
        *,
        provider: str,
        subject: str,
        merge: bool = False,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Person:
        """Links an identity to the person that a code was made for, and returns that person.

        Args:
            code: As the person typed it.
            provider: Where the identity is from.
            subject: The person's id there.
            merge: Makes one person of two where the identity belongs to another person. The call
                must act for that person, or have the scope `identity.merge`.
            request_id: A new UUID when not given.

        Raises:
            RefusedError: LINK_CODE_INVALID, IDENTITY_TAKEN, RATE_LIMITED and others.
        """
        request = RedeemLinkCodeRequest(
            request_id=request_id or new_id(),
            code=code,
            provider=provider,
            subject=subject,
            merge=merge,
        )
        return (
            await self.call(self.identity.RedeemLinkCode, request, timeout_seconds=timeout_seconds)
        ).person

    async def unlink_identity(
        self,
        person_id: str,
        *,
        provider: str,
        subject: str,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Person:
        """Takes an identity away from a person, never the last one."""
        request = UnlinkIdentityRequest(
            request_id=request_id or new_id(),
            person_id=person_id,
            provider=provider,
            subject=subject,
        )
        return (
            await self.call(self.identity.UnlinkIdentity, request, timeout_seconds=timeout_seconds)
        ).person

    async def merge_people(
        self,
        source_person_id: str,
        *,
        into: str,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Person:
        """Makes one person of two, and returns the one who stays. Cannot be undone.

        Args:
            source_person_id: Whose identities and balances move, and whose account is closed.
            into: Id of the person who gets them.
            request_id: A new UUID when not given; also the id of the transaction that moves.
        """
        request = MergePeopleRequest(
            request_id=request_id or new_id(),
            source_person_id=source_person_id,
            target_person_id=into,
        )
        return (
            await self.call(self.identity.MergePeople, request, timeout_seconds=timeout_seconds)
        ).person

    async def set_display_name(
        self,
        person_id: str,
        display_name: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Person:
        """Sets the name that is shown to others: 1–32 characters, at most 5 changes in 24 hours."""
        request = SetDisplayNameRequest(
            request_id=request_id or new_id(), person_id=person_id, display_name=display_name
        )
        return (
            await self.call(self.identity.SetDisplayName, request, timeout_seconds=timeout_seconds)
        ).person

    async def set_privacy(
        self,
        person_id: str,
        privacy: Person.Privacy,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Person:
        """Sets who sees a person's display name."""
        request = SetPrivacyRequest(
            request_id=request_id or new_id(), person_id=person_id, privacy=privacy
        )
        return (
            await self.call(self.identity.SetPrivacy, request, timeout_seconds=timeout_seconds)
        ).person

    async def set_handle(
        self,
        person_id: str,
        handle: str,
        *,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Person:
        """Gives a person a handle in place of the one before; an empty one takes it away.

        Args:
            person_id: Id of the person.
            handle: 3–32 of `a–z`, `0–9` and `_`, beginning with a letter; with or without an at
                sign, in any case.
            request_id: A new UUID when not given.

        Raises:
            RefusedError: HANDLE_TAKEN, HANDLE_CHANGED_TOO_OFTEN (3 changes in 24 hours) and others.
        """
        request = SetHandleRequest(
            request_id=request_id or new_id(), person_id=person_id, handle=bare_handle(handle)
        )
        return (
            await self.call(self.identity.SetHandle, request, timeout_seconds=timeout_seconds)
        ).person

    async def preferences(self, person_id: str, *, minimum_sequence: int = 0) -> Preferences:
        """Reads what a person wishes of the programs that it uses."""
        request = GetPreferencesRequest(person_id=person_id, minimum_sequence=minimum_sequence)
        return (await self.call(self.identity.GetPreferences, request)).preferences

    async def set_preferences(
        self,
        person_id: str,
        *,
        language: str = "",
        muted: Sequence[Notification] = (),
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Preferences:
        """Sets all that a person wishes; what is left out is unset.

        Args:
            person_id: Id of the person.
            language: A BCP 47 tag such as `ru`; empty for none.
            muted: What the person does not want to be told of.
            request_id: A new UUID when not given.
        """
        request = SetPreferencesRequest(
            request_id=request_id or new_id(),
            person_id=person_id,
            language=language,
            muted_notifications=muted,
        )
        return (
            await self.call(self.identity.SetPreferences, request, timeout_seconds=timeout_seconds)
        ).preferences

    async def export_personal_data(
        self, person_id: str, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[ExportPersonalDataResponse]:
        """Yields pages of all that is kept about a person.

        Each names the person, its preferences and how it takes part in rewards, and has texts,
        schedules, requests to pay and votes by their entries' order.
        """
        request = ExportPersonalDataRequest(
            person_id=person_id, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.identity.ExportPersonalData, request):
            yield page

    async def erase_person(
        self,
        person_id: str,
        *,
        burn_balances: bool = False,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> ErasePersonResponse:
        """Erases everything personal about a person. Cannot be undone.

        Args:
            person_id: Id of the person.
            burn_balances: Destroys what the person has; without it, a person who has something is
                refused with ACCOUNT_NOT_EMPTY.
            request_id: A new UUID when not given.
        """
        request = ErasePersonRequest(
            request_id=request_id or new_id(), person_id=person_id, burn_balances=burn_balances
        )
        return await self.call(self.identity.ErasePerson, request, timeout_seconds=timeout_seconds)
