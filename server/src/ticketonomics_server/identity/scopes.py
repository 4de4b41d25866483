"""Everything that an application can be allowed. `docs/permissions.md` lists the same."""

from enum import StrEnum


class Scope(StrEnum):
    """Names as requests and answers spell them."""

    LEDGER_TRANSFER = "ledger.transfer"
    LEDGER_DEBIT_ANY = "ledger.debit_any"
    LEDGER_MINT = "ledger.mint"
    LEDGER_BURN = "ledger.burn"
    LEDGER_IMPORT = "ledger.import"
    LEDGER_ACCOUNTS = "ledger.accounts"
    LEDGER_ASSETS = "ledger.assets"
    LEDGER_PRIVATE = "ledger.private"
    IDENTITY_PEOPLE = "identity.people"
    IDENTITY_BLOCK = "identity.block"
    IDENTITY_LINK = "identity.link"
    IDENTITY_MERGE = "identity.merge"
    IDENTITY_ERASE = "identity.erase"
    IDENTITY_APPLICATIONS = "identity.applications"
    IDENTITY_ACT_FOR = "identity.act_for"
    SPENDING_CONSENT = "spending.consent"
    AMM_SWAP = "amm.swap"
    AMM_POOLS = "amm.pools"
    QUEUES_PLAY = "queues.play"
    QUEUES_MANAGE = "queues.manage"
    PARAMETERS_SET = "parameters.set"
    REWARDS_CLAIM = "rewards.claim"
    REWARDS_REPORT = "rewards.report"
    REWARDS_MANAGE = "rewards.manage"
    PARLIAMENT_TAKE_PART = "parliament.take_part"
    PARLIAMENT_VETO = "parliament.veto"
    OPERATOR_STATUS = "operator.status"


MEANING_OF_SCOPE: dict[Scope, str] = {
    Scope.LEDGER_TRANSFER: "Make transactions from accounts that the caller may debit.",
    Scope.LEDGER_DEBIT_ANY: "Debit every account, not only the application's own.",
    Scope.LEDGER_MINT: "Create supply of an asset.",
    Scope.LEDGER_BURN: "Destroy supply that an account holds.",
    Scope.LEDGER_IMPORT: "Take over past transactions, free of fees, as the other scopes allow.",
    Scope.LEDGER_ACCOUNTS: "Open and close accounts that are not the application's own.",
    Scope.LEDGER_ASSETS: "Create assets and set their transfer fees.",
    Scope.LEDGER_PRIVATE: "Read memos and metadata of everybody's transactions.",
    Scope.IDENTITY_PEOPLE: "Create, find and list people, with their private fields.",
    Scope.IDENTITY_BLOCK: "Block and unblock people.",
    Scope.IDENTITY_LINK: "Link identities to people who gave a code.",
    Scope.IDENTITY_MERGE: "Make one person of two.",
    Scope.IDENTITY_ERASE: "Erase everything personal about a person.",
    Scope.IDENTITY_APPLICATIONS: "Manage applications and keys, within the caller's own scopes.",
    Scope.IDENTITY_ACT_FOR: "Act for people: see what they see, and take what they allowed.",
    Scope.SPENDING_CONSENT: "Speak the word of who is acted for: take freely, and allow.",
    Scope.AMM_SWAP: "Trade with pools and provide liquidity, from accounts it may debit.",
    Scope.AMM_POOLS: "Create pools, set their fees, pause and resume them.",
    Scope.QUEUES_PLAY: "Join and leave tier queues for people whose tickets the caller may take.",
    Scope.QUEUES_MANAGE: "Open the tier queues.",
    Scope.PARAMETERS_SET: "Set the numbers of the economy that are the operator's.",
    Scope.REWARDS_CLAIM: "Claim and tap for people, and see what they may earn.",
    Scope.REWARDS_REPORT: "Report messages in chats, and pass on callbacks of ad networks.",
    Scope.REWARDS_MANAGE: "Manage ad networks, and look after what looks like abuse.",
    Scope.PARLIAMENT_TAKE_PART: "Propose and vote as the person who is acted for.",
    Scope.PARLIAMENT_VETO: "Veto what people have proposed.",
    Scope.OPERATOR_STATUS: "Read the server's status.",
}

ALL_SCOPES: frozenset[str] = frozenset(Scope)
