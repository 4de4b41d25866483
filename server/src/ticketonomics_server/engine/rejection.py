"""Refusals: what a caller did wrong, or what stands in the way, told by a reason to branch on."""

from enum import StrEnum


class Reason(StrEnum):
    """Names of `ticketonomics.errors.v1.Reason` without their prefix; a test keeps them equal."""

    INVALID_FIELD = "INVALID_FIELD"
    TEXT_NOT_CLEAN = "TEXT_NOT_CLEAN"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    AMOUNT_OUT_OF_RANGE = "AMOUNT_OUT_OF_RANGE"
    SAME_ACCOUNT = "SAME_ACCOUNT"
    POSTING_COUNT = "POSTING_COUNT"
    BATCH_SIZE = "BATCH_SIZE"
    INVALID_PAGE_TOKEN = "INVALID_PAGE_TOKEN"
    ACCOUNT_NOT_FOUND = "ACCOUNT_NOT_FOUND"
    ASSET_NOT_FOUND = "ASSET_NOT_FOUND"
    TRANSACTION_NOT_FOUND = "TRANSACTION_NOT_FOUND"
    BLOCK_NOT_FOUND = "BLOCK_NOT_FOUND"
    PERSON_NOT_FOUND = "PERSON_NOT_FOUND"
    APPLICATION_NOT_FOUND = "APPLICATION_NOT_FOUND"
    API_KEY_NOT_FOUND = "API_KEY_NOT_FOUND"
    ECONOMY_NOT_FOUND = "ECONOMY_NOT_FOUND"
    SCHEDULE_NOT_FOUND = "SCHEDULE_NOT_FOUND"
    PAYMENT_REQUEST_NOT_FOUND = "PAYMENT_REQUEST_NOT_FOUND"
    REQUEST_ID_REUSED = "REQUEST_ID_REUSED"
    ACCOUNT_EXISTS = "ACCOUNT_EXISTS"
    ASSET_EXISTS = "ASSET_EXISTS"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    BALANCE_OVERFLOW = "BALANCE_OVERFLOW"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"
    ACCOUNT_NOT_EMPTY = "ACCOUNT_NOT_EMPTY"
    ACCOUNT_BLOCKED = "ACCOUNT_BLOCKED"
    ECONOMY_SUSPENDED = "ECONOMY_SUSPENDED"
    SUPPLY_CAP_EXCEEDED = "SUPPLY_CAP_EXCEEDED"
    API_KEY_INACTIVE = "API_KEY_INACTIVE"
    SCHEDULE_ENDED = "SCHEDULE_ENDED"
    PAYMENT_REQUEST_CLOSED = "PAYMENT_REQUEST_CLOSED"
    TOO_MANY_PAYMENT_REQUESTS = "TOO_MANY_PAYMENT_REQUESTS"
    TOO_MANY_SCHEDULES = "TOO_MANY_SCHEDULES"
    CREDENTIALS_MISSING = "CREDENTIALS_MISSING"
    CREDENTIALS_INVALID = "CREDENTIALS_INVALID"
    CREDENTIALS_EXPIRED = "CREDENTIALS_EXPIRED"
    SCOPE_MISSING = "SCOPE_MISSING"
    NOT_ACCOUNT_OWNER = "NOT_ACCOUNT_OWNER"
    PERSON_BLOCKED = "PERSON_BLOCKED"
    ACCOUNT_RESERVED = "ACCOUNT_RESERVED"
    QUEUE_FULL = "QUEUE_FULL"
    RATE_LIMITED = "RATE_LIMITED"
    CONTENTION = "CONTENTION"
    DRAINING = "DRAINING"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    SEQUENCE_NOT_REACHED = "SEQUENCE_NOT_REACHED"
    DEADLINE_PASSED = "DEADLINE_PASSED"
    PERSON_MERGED = "PERSON_MERGED"
    PERSON_ERASED = "PERSON_ERASED"
    LINK_CODE_INVALID = "LINK_CODE_INVALID"
    IDENTITY_TAKEN = "IDENTITY_TAKEN"
    IDENTITY_NOT_FOUND = "IDENTITY_NOT_FOUND"
    LAST_IDENTITY = "LAST_IDENTITY"
    SAME_PERSON = "SAME_PERSON"
    TOO_MANY_PARTS = "TOO_MANY_PARTS"
    BALANCE_HELD = "BALANCE_HELD"
    NAME_CHANGED_TOO_OFTEN = "NAME_CHANGED_TOO_OFTEN"
    INTERNAL = "INTERNAL"
    SIGNING_KEY_NOT_ACTIVE = "SIGNING_KEY_NOT_ACTIVE"
    LOG_BEHIND = "LOG_BEHIND"
    STATISTICS_BEHIND = "STATISTICS_BEHIND"
    HOLD_NOT_FOUND = "HOLD_NOT_FOUND"
    HOLD_NOT_OPEN = "HOLD_NOT_OPEN"
    CAPTURE_EXCEEDS_HOLD = "CAPTURE_EXCEEDS_HOLD"
    NOT_HOLD_OWNER = "NOT_HOLD_OWNER"
    ALLOWANCE_NOT_FOUND = "ALLOWANCE_NOT_FOUND"
    ALLOWANCE_ASKS = "ALLOWANCE_ASKS"
    ALLOWANCE_EXCEEDED = "ALLOWANCE_EXCEEDED"
    BUDGET_NOT_FOUND = "BUDGET_NOT_FOUND"
    BUDGET_EXCEEDED = "BUDGET_EXCEEDED"
    WEBHOOK_NOT_FOUND = "WEBHOOK_NOT_FOUND"
    TOO_MANY_WEBHOOKS = "TOO_MANY_WEBHOOKS"
    DEAD_LETTER_NOT_FOUND = "DEAD_LETTER_NOT_FOUND"
    WEBHOOK_KEY_MISSING = "WEBHOOK_KEY_MISSING"
    APPLICATION_ONLY = "APPLICATION_ONLY"


class Rejection(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program.
    """A refusal that a caller can act on.

    Attributes:
        reason: What clients branch on.
        message: For developers, in English.
        metadata: Facts, as texts: `field`, `account`, `asset`, `available`, `required` and the
        like.
        retry_seconds: When to try again, where trying again can help.
        counted: Whether a block has counted it, so that its call does not.
    """

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        retry_seconds: float | None = None,
        **metadata: object,
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = {name: str(value) for name, value in metadata.items()}
        self.retry_seconds = retry_seconds
        self.counted = False

    def __repr__(self) -> str:
        return f"Rejection({self.reason}, {self.message!r}, {self.metadata})"
