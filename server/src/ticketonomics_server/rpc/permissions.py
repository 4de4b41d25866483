"""What each method needs. Deny by default: a method that is not named here cannot be called."""

from dataclasses import dataclass

_LEDGER = "/ticketonomics.ledger.v1.LedgerService/"
_IDENTITY = "/ticketonomics.identity.v1.IdentityService/"
_PROOFS = "/ticketonomics.proofs.v1.ProofService/"
_PAYMENTS = "/ticketonomics.payments.v1.PaymentService/"
_SPENDING = "/ticketonomics.spending.v1.SpendingService/"
_WEBHOOKS = "/ticketonomics.webhooks.v1.WebhookService/"
_AMM = "/ticketonomics.amm.v1.AmmService/"
_QUEUES = "/ticketonomics.queues.v1.QueueService/"
_PARAMETERS = "/ticketonomics.parameters.v1.ParameterService/"
_PRICES = "/ticketonomics.prices.v1.PriceService/"
_PROGRESSION = "/ticketonomics.progression.v1.ProgressionService/"
_STATISTICS = "/ticketonomics.statistics.v1.StatisticsService/"
_REWARDS = "/ticketonomics.rewards.v1.RewardsService/"
_PARLIAMENT = "/ticketonomics.parliament.v1.ParliamentService/"
_OPERATOR = "/ticketonomics.operator.v1.OperatorService/"


@dataclass(slots=True, frozen=True)
class Permission:
    """What a method needs: nothing, any valid key, or a key with a scope.

    What depends on the request as well (whose account, which private fields) is checked where it is
    decided; the contracts' comments say so at each method.

    Attributes:
        personal: Whether a person may call it for itself through an application that acts for it:
            it then touches nothing of other people, nor of the application. The rule is in
            `docs/permissions.md`.
    """

    public: bool = False
    scope: str = ""
    personal: bool = False


PUBLIC = Permission(public=True)
ANY_KEY = Permission()
PERSONAL = Permission(personal=True)

PERMISSIONS: dict[str, Permission] = {
    _LEDGER + "Transfer": Permission(scope="ledger.transfer", personal=True),
    _LEDGER + "CreateTransactions": Permission(scope="ledger.transfer", personal=True),
    _LEDGER + "ImportTransactions": Permission(scope="ledger.import"),
    _LEDGER + "Mint": Permission(scope="ledger.mint"),
    _LEDGER + "Burn": Permission(scope="ledger.burn"),
    _LEDGER + "GetTransaction": PUBLIC,
    _LEDGER + "ListTransactions": PUBLIC,
    _LEDGER + "WatchTransactions": PUBLIC,
    _LEDGER + "GetBalance": PUBLIC,
    _LEDGER + "ListBalances": PUBLIC,
    _LEDGER + "GetStatement": PUBLIC,
    _LEDGER + "OpenAccount": ANY_KEY,
    _LEDGER + "CloseAccount": ANY_KEY,
    _LEDGER + "GetAccount": PUBLIC,
    _LEDGER + "ListAccounts": PUBLIC,
    _LEDGER + "CreateAsset": Permission(scope="ledger.assets"),
    _LEDGER + "SetTransferFee": Permission(scope="ledger.assets"),
    _LEDGER + "GetAsset": PUBLIC,
    _LEDGER + "ListAssets": PUBLIC,
    _LEDGER + "GetSupply": PUBLIC,
    _LEDGER + "GetBlock": PUBLIC,
    _LEDGER + "ListBlocks": PUBLIC,
    _LEDGER + "CreateHold": Permission(scope="ledger.transfer", personal=True),
    _LEDGER + "CaptureHold": Permission(scope="ledger.transfer", personal=True),
    _LEDGER + "ReleaseHold": Permission(scope="ledger.transfer", personal=True),
    _LEDGER + "GetHold": PUBLIC,
    _LEDGER + "ListHolds": PUBLIC,
    _IDENTITY + "GetOrCreatePerson": Permission(scope="identity.people"),
    _IDENTITY + "GetPerson": PUBLIC,
    _IDENTITY + "BatchGetPeople": PUBLIC,
    _IDENTITY + "GetPersonByHandle": PUBLIC,
    _IDENTITY + "LookUpPerson": Permission(scope="identity.people"),
    _IDENTITY + "ListPeople": Permission(scope="identity.people"),
    _IDENTITY + "BlockPerson": Permission(scope="identity.block"),
    _IDENTITY + "UnblockPerson": Permission(scope="identity.block"),
    _IDENTITY + "CreateLinkCode": PERSONAL,
    _IDENTITY + "RedeemLinkCode": Permission(scope="identity.link"),
    _IDENTITY + "UnlinkIdentity": PERSONAL,
    _IDENTITY + "MergePeople": Permission(scope="identity.merge"),
    _IDENTITY + "SetDisplayName": PERSONAL,
    _IDENTITY + "SetPrivacy": PERSONAL,
    _IDENTITY + "SetHandle": PERSONAL,
    _IDENTITY + "GetPreferences": PERSONAL,
    _IDENTITY + "SetPreferences": PERSONAL,
    _IDENTITY + "ExportPersonalData": PERSONAL,
    _IDENTITY + "ErasePerson": Permission(scope="identity.erase"),
    _IDENTITY + "CreateApplication": Permission(scope="identity.applications"),
    _IDENTITY + "UpdateApplication": Permission(scope="identity.applications"),
    _IDENTITY + "GetApplication": ANY_KEY,
    _IDENTITY + "ListApplications": Permission(scope="identity.applications"),
    _IDENTITY + "CreateApiKey": Permission(scope="identity.applications"),
    _IDENTITY + "RotateApiKey": ANY_KEY,
    _IDENTITY + "RevokeApiKey": ANY_KEY,
    _IDENTITY + "ListApiKeys": ANY_KEY,
    _IDENTITY + "WhoAmI": PERSONAL,
    _PROOFS + "GetSignedHead": PUBLIC,
    _PROOFS + "GetReceipt": PUBLIC,
    _PROOFS + "GetConsistencyProof": PUBLIC,
    _PROOFS + "ListSigningKeys": PUBLIC,
    _PAYMENTS + "CreateSchedule": Permission(scope="ledger.transfer", personal=True),
    _PAYMENTS + "PauseSchedule": Permission(scope="ledger.transfer", personal=True),
    _PAYMENTS + "ResumeSchedule": Permission(scope="ledger.transfer", personal=True),
    _PAYMENTS + "CancelSchedule": Permission(scope="ledger.transfer", personal=True),
    _PAYMENTS + "GetSchedule": PERSONAL,
    _PAYMENTS + "ListSchedules": PERSONAL,
    _PAYMENTS + "ListScheduleRuns": PERSONAL,
    _PAYMENTS + "RequestPayment": Permission(scope="ledger.transfer", personal=True),
    _PAYMENTS + "AcceptPaymentRequest": Permission(scope="ledger.transfer", personal=True),
    _PAYMENTS + "DeclinePaymentRequest": Permission(scope="ledger.transfer", personal=True),
    _PAYMENTS + "CancelPaymentRequest": Permission(scope="ledger.transfer", personal=True),
    _PAYMENTS + "GetPaymentRequest": PERSONAL,
    _PAYMENTS + "ListPaymentRequests": PERSONAL,
    _SPENDING + "GrantAllowance": Permission(scope="spending.consent", personal=True),
    _SPENDING + "RevokeAllowance": PERSONAL,
    _SPENDING + "GetAllowance": PERSONAL,
    _SPENDING + "ListAllowances": PERSONAL,
    _SPENDING + "SetBudget": Permission(scope="identity.applications"),
    _SPENDING + "RemoveBudget": Permission(scope="identity.applications"),
    _SPENDING + "ListBudgets": ANY_KEY,
    _SPENDING + "ListSpendingRecords": PERSONAL,
    _WEBHOOKS + "CreateWebhook": ANY_KEY,
    _WEBHOOKS + "UpdateWebhook": ANY_KEY,
    _WEBHOOKS + "PauseWebhook": ANY_KEY,
    _WEBHOOKS + "ResumeWebhook": ANY_KEY,
    _WEBHOOKS + "RotateWebhookSecret": ANY_KEY,
    _WEBHOOKS + "ReplayWebhook": ANY_KEY,
    _WEBHOOKS + "DeleteWebhook": ANY_KEY,
    _WEBHOOKS + "GetWebhook": ANY_KEY,
    _WEBHOOKS + "ListWebhooks": ANY_KEY,
    _WEBHOOKS + "SendTestEvent": ANY_KEY,
    _WEBHOOKS + "ListDeadLetters": ANY_KEY,
    _WEBHOOKS + "RetryDeadLetters": ANY_KEY,
    _AMM + "CreatePool": Permission(scope="amm.pools"),
    _AMM + "SetPoolFee": Permission(scope="amm.pools"),
    _AMM + "PausePool": Permission(scope="amm.pools"),
    _AMM + "ResumePool": Permission(scope="amm.pools"),
    _AMM + "Quote": PUBLIC,
    _AMM + "Swap": Permission(scope="amm.swap", personal=True),
    _AMM + "CreateSwaps": Permission(scope="amm.swap", personal=True),
    _AMM + "AddLiquidity": Permission(scope="amm.swap", personal=True),
    _AMM + "RemoveLiquidity": Permission(scope="amm.swap", personal=True),
    _AMM + "GetPool": PUBLIC,
    _AMM + "ListPools": PUBLIC,
    _AMM + "ListPoolHistory": PUBLIC,
    _AMM + "ListPositions": PUBLIC,
    _QUEUES + "OpenQueues": Permission(scope="queues.manage"),
    _QUEUES + "JoinQueue": Permission(scope="queues.play", personal=True),
    _QUEUES + "LeaveQueue": Permission(scope="queues.play", personal=True),
    _QUEUES + "ConvertDown": Permission(scope="queues.play", personal=True),
    _QUEUES + "ListQueues": PUBLIC,
    _QUEUES + "GetRound": PUBLIC,
    _QUEUES + "ListRounds": PUBLIC,
    _QUEUES + "ListRoundEntries": PUBLIC,
    _QUEUES + "GetQueueStatistics": PUBLIC,
    _QUEUES + "ListTierProgression": PUBLIC,
    _QUEUES + "ListTopPlayers": PUBLIC,
    _QUEUES + "WatchQueues": PUBLIC,
    _PARAMETERS + "GetParameter": PUBLIC,
    _PARAMETERS + "ListParameters": PUBLIC,
    _PARAMETERS + "SetParameter": Permission(scope="parameters.set"),
    _PARAMETERS + "ListParameterChanges": PUBLIC,
    _PRICES + "GetPrice": PUBLIC,
    _PRICES + "ListPrices": PUBLIC,
    _PRICES + "ListTicks": PUBLIC,
    _PRICES + "ListCandles": PUBLIC,
    _PRICES + "WatchPrices": PUBLIC,
    _PRICES + "WatchCandles": PUBLIC,
    _PROGRESSION + "GetProgress": PUBLIC,
    _PROGRESSION + "ListAchievements": PUBLIC,
    _PROGRESSION + "ListLeaderboard": PUBLIC,
    _STATISTICS + "ListDailySupplies": PUBLIC,
    _STATISTICS + "ListDailyFlows": PUBLIC,
    _STATISTICS + "ListDailyActivity": PUBLIC,
    _STATISTICS + "GetVelocity": PUBLIC,
    _STATISTICS + "GetWealthDistribution": PUBLIC,
    _STATISTICS + "GetActivePeople": PUBLIC,
    _STATISTICS + "ListPoolDepths": PUBLIC,
    _STATISTICS + "GetParticipation": PUBLIC,
    _REWARDS + "ClaimDaily": Permission(scope="rewards.claim", personal=True),
    _REWARDS + "Tap": Permission(scope="rewards.claim", personal=True),
    _REWARDS + "CompleteAdView": Permission(scope="rewards.report"),
    _REWARDS + "ReportActivity": Permission(scope="rewards.report"),
    _REWARDS + "CreateReferralCode": Permission(scope="rewards.claim", personal=True),
    _REWARDS + "RedeemReferral": Permission(scope="rewards.claim", personal=True),
    _REWARDS + "GetCooldowns": PERSONAL,
    _REWARDS + "ListRewards": PERSONAL,
    _REWARDS + "GetRewardStatistics": PUBLIC,
    _REWARDS + "CreateAdNetwork": Permission(scope="rewards.manage"),
    _REWARDS + "UpdateAdNetwork": Permission(scope="rewards.manage"),
    _REWARDS + "ListAdNetworks": Permission(scope="rewards.manage"),
    _REWARDS + "ListAdViewCounts": Permission(scope="rewards.manage"),
    _REWARDS + "ListFlags": Permission(scope="rewards.manage"),
    _REWARDS + "ResolveFlag": Permission(scope="rewards.manage"),
    _PARLIAMENT + "CreateProposal": Permission(scope="parliament.take_part", personal=True),
    _PARLIAMENT + "WithdrawProposal": Permission(scope="parliament.take_part", personal=True),
    _PARLIAMENT + "VetoProposal": Permission(scope="parliament.veto"),
    _PARLIAMENT + "CastVote": Permission(scope="parliament.take_part", personal=True),
    _PARLIAMENT + "GetProposal": PUBLIC,
    _PARLIAMENT + "ListProposals": PUBLIC,
    _PARLIAMENT + "GetBallot": PUBLIC,
    _PARLIAMENT + "ListBallots": PUBLIC,
    _PARLIAMENT + "GetEligibility": PERSONAL,
    _PARLIAMENT + "WatchProposals": PUBLIC,
    _OPERATOR + "GetStatus": Permission(scope="operator.status"),
    _OPERATOR + "ListMethods": PUBLIC,
    "/grpc.health.v1.Health/Check": PUBLIC,
    "/grpc.health.v1.Health/Watch": PUBLIC,
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": PUBLIC,
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": PUBLIC,
}
