"""Calls about people."""

from collections.abc import AsyncIterator, Sequence

from ticketonomics.identity.v1.identity_service_pb2 import (
    BatchGetPeopleRequest,
    BlockPersonRequest,
    GetOrCreatePersonRequest,
    GetOrCreatePersonResponse,
    GetPersonByHandleRequest,
    GetPersonRequest,
    ListPeopleRequest,
    LookUpPersonRequest,
    UnblockPersonRequest,
)
from ticketonomics.identity.v1.person_pb2 import Person

from ticketonomics_client.calling import Caller
from ticketonomics_client.identifiers import new_id


def bare_handle(handle: str) -> str:
    """Returns a handle as the server knows it: people may type an at sign and capitals."""
    return handle.strip().removeprefix("@").lower()


class PeopleCalls(Caller):
    """Who takes part in the economy."""

    async def get_or_create_person(
        self,
        *,
        provider: str,
        subject: str,
        display_name: str = "",
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> GetOrCreatePersonResponse:
        """Finds the person with a linked identity, or creates the person and opens its account.

        Args:
            provider: Where the identity is from, such as `telegram`.
            subject: The person's id there.
            display_name: Name shown to others; used only when the person is created.
            request_id: A new UUID when not given.
        """
        request = GetOrCreatePersonRequest(
            request_id=request_id or new_id(),
            provider=provider,
            subject=subject,
            display_name=display_name,
        )
        return await self.call(
            self.identity.GetOrCreatePerson, request, timeout_seconds=timeout_seconds
        )

    async def person(self, person_id: str, *, minimum_sequence: int = 0) -> Person:
        """Reads one person."""
        request = GetPersonRequest(person_id=person_id, minimum_sequence=minimum_sequence)
        return (await self.call(self.identity.GetPerson, request)).person

    async def people_by_id(
        self, person_ids: Sequence[str], *, minimum_sequence: int = 0
    ) -> list[Person]:
        """Reads 1–100 people at once, in the order of the ids: names for a list.

        Raises:
            RefusedError: PERSON_NOT_FOUND for the first that is not there.
        """
        request = BatchGetPeopleRequest(person_ids=person_ids, minimum_sequence=minimum_sequence)
        return list((await self.call(self.identity.BatchGetPeople, request)).people)

    async def person_by_handle(self, handle: str, *, minimum_sequence: int = 0) -> Person:
        """Finds the person whom a handle leads to now.

        Args:
            handle: With or without an at sign, in any case.

        Raises:
            RefusedError: HANDLE_NOT_FOUND.
        """
        request = GetPersonByHandleRequest(
            handle=bare_handle(handle), minimum_sequence=minimum_sequence
        )
        return (await self.call(self.identity.GetPersonByHandle, request)).person

    async def look_up_person(
        self, *, provider: str, subject: str, minimum_sequence: int = 0
    ) -> Person:
        """Finds the person with a linked identity."""
        request = LookUpPersonRequest(
            provider=provider, subject=subject, minimum_sequence=minimum_sequence
        )
        return (await self.call(self.identity.LookUpPerson, request)).person

    async def people(
        self,
        *,
        state: Person.State = Person.STATE_UNSPECIFIED,
        page_size: int = 0,
        minimum_sequence: int = 0,
    ) -> AsyncIterator[Person]:
        """Yields people in the order of their creation."""
        request = ListPeopleRequest(
            state=state, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.identity.ListPeople, request):
            for person in page.people:
                yield person

    async def block_person(
        self,
        person_id: str,
        *,
        reason: str,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Person:
        """Keeps a person from acting: nothing leaves the account, and nobody acts for it."""
        request = BlockPersonRequest(
            request_id=request_id or new_id(), person_id=person_id, reason=reason
        )
        return (
            await self.call(self.identity.BlockPerson, request, timeout_seconds=timeout_seconds)
        ).person

    async def unblock_person(
        self,
        person_id: str,
        *,
        reason: str,
        request_id: str | None = None,
        timeout_seconds: float | None = None,
    ) -> Person:
        """Lets a blocked person act again."""
        request = UnblockPersonRequest(
            request_id=request_id or new_id(), person_id=person_id, reason=reason
        )
        return (
            await self.call(self.identity.UnblockPerson, request, timeout_seconds=timeout_seconds)
        ).person
