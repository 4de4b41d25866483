"""What tests expect of calls that are refused."""

from collections.abc import Awaitable
from typing import Any

import pytest
from ticketonomics_client import RefusedError


async def refused(reason: str, call: Awaitable[Any]) -> RefusedError:
    """Awaits a call that must be refused for this reason."""
    with pytest.raises(RefusedError) as caught:
        await call
    assert caught.value.reason_name == reason, caught.value
    return caught.value
