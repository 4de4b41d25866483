"""The channel takes from the contracts what may be tried again, and leaves deadlines to callers."""

import json

from ticketonomics_gateway.channel import retries, service_config


def test_methods_are_tried_again_as_the_contracts_say_and_have_no_deadline_of_their_own() -> None:
    told, taken = (json.loads(text)["methodConfig"] for text in (service_config(), retries()))
    assert any("timeout" in entry for entry in told)
    assert any("retryPolicy" in entry for entry in taken)
    assert [{**entry, "timeout": None} for entry in told] == [
        {**entry, "timeout": None} for entry in taken
    ]
    assert not any("timeout" in entry for entry in taken)
