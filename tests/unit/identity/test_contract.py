"""The room and its contract agree."""

import pytest
from ticketonomics.identity.v1 import identity_service_pb2
from ticketonomics.identity.v1.identity_service_pb2_grpc import IdentityServiceServicer
from ticketonomics.identity.v1.person_pb2 import Person
from ticketonomics_server.engine.timers import EntryKind as EngineKind
from ticketonomics_server.identity.domain import IDENTITY
from ticketonomics_server.identity.model import EntryKind, PersonState, Privacy
from ticketonomics_server.identity.servicer import IdentityServicer
from ticketonomics_server.ledger.domain import LEDGER
from ticketonomics_server.ledger.model import EntryKind as LedgerKind

METHODS = identity_service_pb2.DESCRIPTOR.services_by_name["IdentityService"].methods


@pytest.mark.parametrize("method", [method.name for method in METHODS])
def test_every_method_is_served(method):
    assert getattr(IdentityServicer, method) is not getattr(IdentityServiceServicer, method)


def test_states_are_those_of_the_contract():
    contract = dict(Person.State.items())
    del contract["STATE_UNSPECIFIED"]

    assert contract == {f"STATE_{state.name}": state.value for state in PersonState}


def test_privacy_is_that_of_the_contract():
    contract = dict(Person.Privacy.items())
    del contract["PRIVACY_UNSPECIFIED"]

    assert contract == {f"PRIVACY_{privacy.name}": privacy.value for privacy in Privacy}


def test_kinds_of_entries_are_this_rooms_own():
    numbers = {kind.value for kind in EntryKind}

    assert numbers <= set(range(20, 40))
    assert not numbers & {kind.value for kind in (*LedgerKind, *EngineKind)}


def test_no_other_room_loads_the_same_rows():
    own = {table.row_type for table in IDENTITY.tables}

    assert not own & {table.row_type for table in LEDGER.tables}
