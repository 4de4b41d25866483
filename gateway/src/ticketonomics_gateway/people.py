"""People who come to the gateway, as the ledger knows them."""

from collections.abc import Sequence
from unicodedata import category, normalize
from uuid import uuid4

import grpc
import grpc.aio
from ticketonomics.identity.v1.identity_service_pb2 import (
    GetOrCreatePersonRequest,
    GetPersonRequest,
    ListPeopleRequest,
)
from ticketonomics.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics.rewards.v1.rewards_service_pb2 import RedeemReferralRequest
from ticketonomics.rewards.v1.rewards_service_pb2_grpc import RewardsServiceStub

from ticketonomics_gateway.calling import Metadata
from ticketonomics_gateway.credentials import ACTING_FOR, AUTHORIZATION
from ticketonomics_gateway.problems import from_rpc_error

TELEGRAM = "telegram"
SIMULATED = "simulator"
MAX_CITIZENS = 100
_LONGEST_NAME = 32
_TIMEOUT_SECONDS = 10.0


class People:
    """Finds people, with a key that is for nothing else.

    Args:
        people_key: The gateway's key for people, which acts for them.
        sign_in_key: The key that may find and create people.
    """

    def __init__(self, channel: grpc.aio.Channel, *, people_key: str, sign_in_key: str) -> None:
        self._stub = IdentityServiceStub(channel)
        self._rewards = RewardsServiceStub(channel)
        self._people_key = (AUTHORIZATION, f"Bearer {people_key}")
        self._sign_in_key = (AUTHORIZATION, f"Bearer {sign_in_key}")

    async def find_or_create(self, subject: str, name: str, tracing: Metadata) -> Person:
        """Finds the person with a Telegram account, or creates the person.

        Raises:
            Problem: The server refuses, or does not answer.
        """
        request = GetOrCreatePersonRequest(
            request_id=str(uuid4()),
            provider=TELEGRAM,
            subject=subject,
            display_name=clean_name(name),
        )
        try:
            answer = await self._stub.GetOrCreatePerson(
                request, metadata=(self._sign_in_key, *tracing), timeout=_TIMEOUT_SECONDS
            )
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from error
        return answer.person

    async def read(self, person_id: str, tracing: Metadata) -> Person:
        """Reads a person as the person sees it.

        Raises:
            Problem: PERSON_BLOCKED, PERSON_MERGED, PERSON_ERASED, PERSON_NOT_FOUND and what may
                go wrong with any call.
        """
        metadata = (self._people_key, (ACTING_FOR, person_id), *tracing)
        try:
            answer = await self._stub.GetPerson(
                GetPersonRequest(person_id=person_id), metadata=metadata, timeout=_TIMEOUT_SECONDS
            )
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from error
        return answer.person

    async def redeem(self, person_id: str, code: str, tracing: Metadata) -> dict[str, object]:
        """Says for a person who brought it along; tells whether that was taken, and if not, why.

        Somebody without a good code has signed in all the same.
        """
        request = RedeemReferralRequest(request_id=str(uuid4()), code=code)
        metadata = (self._people_key, (ACTING_FOR, person_id), *tracing)
        try:
            await self._rewards.RedeemReferral(request, metadata=metadata, timeout=_TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            return {"redeemed": False, "reason": from_rpc_error(error).reason}
        return {"redeemed": True}

    async def simulated(self, tracing: Metadata) -> Sequence[Person]:
        """Lists people of the simulator who may act, as they came, at most so many.

        Raises:
            Problem: The server refuses, or does not answer.
        """
        request = ListPeopleRequest(state=Person.STATE_ACTIVE, page_size=1_000)
        try:
            answer = await self._stub.ListPeople(
                request, metadata=(self._sign_in_key, *tracing), timeout=_TIMEOUT_SECONDS
            )
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from error
        return [person for person in answer.people if is_simulated(person)][:MAX_CITIZENS]


def is_simulated(person: Person) -> bool:
    """Tells whether somebody is of the simulator, and of nobody else."""
    return bool(person.linked_identities) and all(
        linked.provider == SIMULATED for linked in person.linked_identities
    )


def clean_name(name: str) -> str:
    """Makes of a name what the ledger takes for one; empty where nothing is left.

    Telegram lets people use signs that turn the direction of text, or show nothing.
    """
    kept = "".join(sign for sign in name if category(sign)[0] != "C")
    return normalize("NFC", " ".join(kept.split()))[:_LONGEST_NAME].strip()
