from ticketonomics_server.identity.scopes import ALL_SCOPES, MEANING_OF_SCOPE, Scope
from ticketonomics_server.ledger.decide_accounts import MANAGE_ACCOUNTS
from ticketonomics_server.ledger.encode import READ_PRIVATE
from ticketonomics_server.rpc.permissions import PERMISSIONS
from ticketonomics_server.spending.rights import CONSENT, DEBIT_ANY


def test_every_scope_has_a_meaning_of_one_line():
    assert MEANING_OF_SCOPE.keys() == set(Scope)
    for meaning in MEANING_OF_SCOPE.values():
        assert meaning.endswith(".")
        assert "\n" not in meaning


def test_what_methods_and_rooms_ask_for_can_be_granted():
    asked = {permission.scope for permission in PERMISSIONS.values()} - {""}

    assert asked <= ALL_SCOPES
    assert {CONSENT, DEBIT_ANY, MANAGE_ACCOUNTS, READ_PRIVATE} <= ALL_SCOPES
