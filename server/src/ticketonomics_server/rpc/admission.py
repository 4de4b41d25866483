"""Who calls, whether it may call this method at all, and whether it calls too often."""

from collections.abc import Awaitable, Callable
from typing import Any

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.rpc.call import ANYBODY, Call, Context, set_call
from ticketonomics_server.rpc.handlers import UNREADABLE
from ticketonomics_server.rpc.limits import RateLimits
from ticketonomics_server.rpc.permissions import PERMISSIONS, Permission

AUTHORIZATION = "authorization"
ACTING_FOR = "ticketonomics-acting-for"
ECONOMY = "ticketonomics-economy"

# These tell nothing about any economy.
_OPEN_SERVICES = ("/grpc.health.", "/grpc.reflection.")
# As many transactions in a batch count as one call more.
_TRANSACTIONS_A_CALL = 101


class Admission:
    """Lets a call in, or refuses it.

    Args:
        identify: From a call's `authorization` and person acted for; refuses bad ones.
        find_economy: The economy of this name, for public reads without a key.
    """

    def __init__(
        self,
        *,
        identify: Callable[[str, str], Awaitable[Call]],
        find_economy: Callable[[str], Awaitable[Call]],
        default_economy: str,
        limits: RateLimits,
    ) -> None:
        self._identify = identify
        self._find_economy = find_economy
        self._default_economy = default_economy
        self._limits = limits

    async def admit(self, request: Any, context: Context, method_name: str) -> None:
        """Finds out who calls, for `current_call`.

        Guards: SCOPE_MISSING, CREDENTIALS_MISSING, those of `identify` and `find_economy`,
        RATE_LIMITED, INVALID_FIELD.
        """
        permission = PERMISSIONS.get(method_name)
        if permission is None:
            raise Rejection(
                Reason.SCOPE_MISSING, f"{method_name} is not open to anybody", scope="none"
            )
        if not method_name.startswith(_OPEN_SERVICES):
            call = await self._authenticate(context)
            set_call(call)
            _guard_scope(permission, call, method_name)
            self._spend(call, request, context)
        if request is UNREADABLE:
            raise Rejection(Reason.INVALID_FIELD, "the request is no message of its type", field="")

    async def _authenticate(self, context: Context) -> Call:
        authorization = acting_for = economy = ""
        for name, value in context.invocation_metadata() or ():
            if name == AUTHORIZATION:
                authorization = str(value)
            elif name == ACTING_FOR:
                acting_for = str(value)
            elif name == ECONOMY:
                economy = str(value)
        if not authorization:
            return await self._find_economy(economy or self._default_economy)
        try:
            return await self._identify(authorization, acting_for)
        except Rejection:
            # Guessing keys costs what calling without one does.
            self._limits.spend_anonymously(context.peer(), 1)
            raise

    def _spend(self, call: Call, request: Any, context: Context) -> None:
        """Holds each application, economy, and address without a key to its calls a second."""
        batch = getattr(request, "transactions", ()) or getattr(request, "swaps", ())
        calls = 1 + len(batch) // _TRANSACTIONS_A_CALL
        if call.caller is ANYBODY:
            self._limits.spend_anonymously(context.peer(), calls)
        else:
            self._limits.spend(call.caller.application_id, call.rate_limit_rps, calls)
            if call.economy_rate_limit_rps:
                subject = f"economies/{call.economy}"
                self._limits.spend(subject, call.economy_rate_limit_rps, calls)


def _guard_scope(permission: Permission, call: Call, method_name: str) -> None:
    if permission.public:
        return
    if call.caller is ANYBODY:
        raise Rejection(
            Reason.CREDENTIALS_MISSING, f"{method_name} needs `authorization: Bearer {{API key}}`"
        )
    if permission.scope and permission.scope not in call.caller.scopes:
        raise Rejection(
            Reason.SCOPE_MISSING,
            f"{method_name} needs the scope {permission.scope}",
            scope=permission.scope,
        )
