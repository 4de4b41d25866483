"""Deep links: what may follow `?start=` in a link to the bot, written and read here only.

A payload has at most 64 of A–Z, a–z, 0–9, `_` and `-`. Parts are separated by `-`, which occurs in
none of them:

    pay-h{handle}[-{minor units}[-{asset}]]      pay somebody by handle
    pay-p{person id}[-{minor units}[-{asset}]]   pay somebody by id
    request-{payment request id}                 answer a request to pay
    queue-{tier}-{size}                          a tier queue, such as queue-BRONZE-small
    ref-{code}                                   somebody was brought by this code
    proposal-{proposal id}                       a proposal of the Parliament
    link-{code}                                  a link code of another application
"""

import re
from dataclasses import dataclass
from typing import Literal

MAX_PAYLOAD = 64

HANDLE = re.compile(r"[a-z][a-z0-9_]{2,31}")
IDENTIFIER = re.compile(r"[0-9a-z]{16}")
_ASSET = re.compile(r"[A-Z][A-Z0-9_]{0,23}")
_MINOR = re.compile(r"[1-9][0-9]{0,18}")
_TIER = re.compile(r"[A-Z]{1,16}")
_SIZE = re.compile(r"[a-z]{1,16}")
_CODE = re.compile(r"[0-9A-Za-z]{10}")


@dataclass(slots=True, frozen=True)
class PayLink:
    """Pay somebody, maybe a certain amount."""

    handle: str = ""
    person_id: str = ""
    amount: int = 0
    asset: str = ""
    kind: Literal["pay"] = "pay"

    def payload(self) -> str:
        """Writes the link; raises ValueError where it cannot be."""
        to = f"h{self.handle}" if self.handle else f"p{self.person_id}"
        parts = ["pay", to]
        if self.amount:
            parts.append(str(self.amount))
            if self.asset:
                parts.append(self.asset)
        return _fitting("-".join(parts))


@dataclass(slots=True, frozen=True)
class IdLink:
    """Something that one code or id names."""

    kind: Literal["ref", "proposal", "link", "request"]
    value: str

    def payload(self) -> str:
        """Writes the link; raises ValueError where it cannot be."""
        return _fitting(f"{self.kind}-{self.value}")


@dataclass(slots=True, frozen=True)
class QueueLink:
    """A tier queue."""

    tier: str
    size: str
    kind: Literal["queue"] = "queue"

    def payload(self) -> str:
        """Writes the link; raises ValueError where it cannot be."""
        return _fitting(f"queue-{self.tier}-{self.size}")


Link = PayLink | IdLink | QueueLink


def read_link(payload: str) -> Link | None:
    """Reads what followed `/start`; None where it is none of ours."""
    if len(payload) > MAX_PAYLOAD:
        return None
    kind, *parts = payload.strip().split("-")
    match kind, parts:
        case "pay", [to, *more] if len(more) <= 2:
            return _pay(to, more)
        case "queue", [tier, size] if _TIER.fullmatch(tier) and _SIZE.fullmatch(size):
            return QueueLink(tier, size)
        case "ref" | "link", [code] if _CODE.fullmatch(code):
            return IdLink("ref" if kind == "ref" else "link", code)
        case "proposal" | "request", [value] if IDENTIFIER.fullmatch(value):
            return IdLink("proposal" if kind == "proposal" else "request", value)
    return None


def bot_link(bot_username: str, link: Link) -> str:
    """Returns the address that opens the bot with a link."""
    return f"https://t.me/{bot_username}?start={link.payload()}"


def _pay(to: str, more: list[str]) -> PayLink | None:
    minor, asset = [*more, "", ""][:2]
    if (minor and not _MINOR.fullmatch(minor)) or (asset and not _ASSET.fullmatch(asset)):
        return None
    amount = int(minor) if minor else 0
    if amount > 2**63 - 1 or (more and not minor):
        return None
    if to.startswith("h") and HANDLE.fullmatch(to[1:]):
        return PayLink(handle=to[1:], amount=amount, asset=asset)
    if to.startswith("p") and IDENTIFIER.fullmatch(to[1:]):
        return PayLink(person_id=to[1:], amount=amount, asset=asset)
    return None


def _fitting(payload: str) -> str:
    if len(payload) > MAX_PAYLOAD or read_link(payload) is None:
        raise ValueError(f"{payload!r} cannot be a link")
    return payload
