"""What to do about a failure, by its reason."""

HINTS = {
    "CREDENTIALS_MISSING": "give an API key: --api-key-file, or TICKETONOMICS_API_KEY(_FILE).",
    "CREDENTIALS_INVALID": "check the API key; it may be revoked, or of another deployment.",
    "CREDENTIALS_EXPIRED": "ask an operator for a new key (ticketonomics keys create).",
    "SCOPE_MISSING": "the application lacks a scope; `ticketonomics whoami` shows those it has.",
    "NOT_ACCOUNT_OWNER": "only the owner pays from an account; --acting-for calls for a person.",
    "PERSON_BLOCKED": "an operator can lift the block (ticketonomics people unblock).",
    "ECONOMY_SUSPENDED": "its operator can resume it (ticketonomics-server economies resume).",
    "ACCOUNT_BLOCKED": "an operator can lift the block (ticketonomics people unblock).",
    "ACCOUNT_NOT_FOUND": "look for its address with `ticketonomics accounts`.",
    "ACCOUNT_NOT_EMPTY": "move everything out of it first; `ticketonomics balance` shows what.",
    "ACCOUNT_RESERVED": "this account is the economy's own; mint and burn move it.",
    "ASSET_NOT_FOUND": "`ticketonomics assets` lists the codes; they are in capitals.",
    "PERSON_NOT_FOUND": "`ticketonomics people` lists the people.",
    "APPLICATION_NOT_FOUND": "`ticketonomics apps` lists the applications.",
    "API_KEY_NOT_FOUND": "`ticketonomics keys list APPLICATION_ID` lists its keys.",
    "ECONOMY_NOT_FOUND": "check --economy and TICKETONOMICS_ECONOMY.",
    "INSUFFICIENT_FUNDS": "a transfer fee comes on top of the amount; see `ticketonomics assets`.",
    "HOLD_NOT_FOUND": "`ticketonomics holds` lists the holds.",
    "HOLD_NOT_OPEN": "`ticketonomics holds show` tells what became of it.",
    "CAPTURE_EXCEEDS_HOLD": "`ticketonomics holds show` tells how much is held.",
    "NOT_HOLD_OWNER": "only who created the hold ends it; --acting-for calls for a person.",
    "SUPPLY_CAP_EXCEEDED": "`ticketonomics supply` shows the cap and what is circulating.",
    "SCHEDULE_NOT_FOUND": "`ticketonomics schedules` lists them.",
    "SCHEDULE_ENDED": "an ended schedule cannot go on; make a new one.",
    "PAYMENT_REQUEST_NOT_FOUND": "`ticketonomics requests` lists them.",
    "TOO_MANY_PAYMENT_REQUESTS": "wait for an answer, or take one back.",
    "TOO_MANY_SCHEDULES": "ticketonomics schedules lists them; cancel one.",
    "REQUEST_ID_REUSED": "this --id belongs to another transaction; leave it out for a new one.",
    "QUEUE_FULL": "the server is busy; nothing happened, so try again in a moment.",
    "RATE_LIMITED": "too many calls for this key; try again in a moment.",
    "CONTENTION": "nothing happened; try again.",
    "DEADLINE_PASSED": "nothing happened; try again, with a longer --timeout if need be.",
    "DRAINING": "the server is restarting; try again in a moment.",
    "DATABASE_UNAVAILABLE": "the server has lost its database; tell its operator.",
    "SEQUENCE_NOT_REACHED": "this replica is behind; try again in a moment.",
    "PERSON_MERGED": "use the person that it was merged into.",
    "LINK_CODE_INVALID": "`ticketonomics people link-code` makes a new one; each works once.",
    "IDENTITY_TAKEN": "`ticketonomics people merge` makes one person of two.",
    "LAST_IDENTITY": "link another identity first, or erase the person.",
    "BALANCE_HELD": "release or capture the holds first.",
    "SIGNING_KEY_NOT_ACTIVE": "tell the operator: `ticketonomics-server signing-key show` helps.",
    "LOG_BEHIND": "the server is building its proofs after an upgrade; try again in a moment.",
    "WEBHOOK_NOT_FOUND": "`ticketonomics webhooks` lists them.",
    "TOO_MANY_WEBHOOKS": "delete one; one webhook may tell of many accounts.",
    "DEAD_LETTER_NOT_FOUND": "`ticketonomics webhooks dead-letters` lists them.",
    "WEBHOOK_KEY_MISSING": "tell the operator: this server lacks the key of webhooks' secrets.",
    "APPLICATION_ONLY": "webhooks belong to applications; leave --acting-for out.",
    "INTERNAL": "give the incident number to the operator: it finds the fault in the server's log.",
}


def hint(reason_name: str, *, target: str = "") -> str:
    """Returns the hint for a reason; empty when the message says it all."""
    if not reason_name and target:
        return f"is the server running at {target}? --target and TICKETONOMICS_TARGET choose it."
    return HINTS.get(reason_name, "")
