"""The plug of this room: what the engine needs to know of it."""

from ticketonomics_server.engine.domain import Domain, Handling
from ticketonomics_server.rewards import (
    decide,
    decide_ads,
    decide_moving,
    decide_networks,
    decide_referrals,
    rows,
)
from ticketonomics_server.rewards.commands import (
    CheckReferral,
    ClaimDaily,
    CompleteAdView,
    CreateAdNetwork,
    CreateReferralCode,
    MoveRewards,
    RedeemReferral,
    ReportActivity,
    ResolveFlag,
    Tap,
    UpdateAdNetwork,
)
from ticketonomics_server.rewards.model import (
    TimerKind,
)

REWARDS = Domain(
    name="rewards",
    tables=(
        *(rows.PARTICIPANTS, rows.TALLIES, rows.PAST_TALLIES, rows.CODES, rows.NETWORKS),
        *(rows.NETWORK_KEYS, rows.AD_VIEWS, rows.NEW_PEOPLE, rows.FLAGS, rows.RewardsOfTable()),
    ),
    journals=(rows.RewardJournal(),),
    commands={
        ClaimDaily: Handling(decide.declare_claim_daily, decide.decide_claim_daily),
        Tap: Handling(decide.declare_tap, decide.decide_tap),
        ReportActivity: Handling(decide.declare_report_activity, decide.decide_report_activity),
        CompleteAdView: Handling(
            decide_ads.declare_complete_ad_view, decide_ads.decide_complete_ad_view
        ),
        CreateReferralCode: Handling(
            decide_referrals.declare_create_referral_code,
            decide_referrals.decide_create_referral_code,
        ),
        RedeemReferral: Handling(
            decide_referrals.declare_redeem_referral, decide_referrals.decide_redeem_referral
        ),
        CheckReferral: Handling(
            decide_referrals.declare_check_referral, decide_referrals.decide_check_referral
        ),
        MoveRewards: Handling(
            decide_moving.declare_move_rewards, decide_moving.decide_move_rewards
        ),
        CreateAdNetwork: Handling(
            decide_networks.declare_network, decide_networks.decide_create_ad_network
        ),
        UpdateAdNetwork: Handling(
            decide_networks.declare_network, decide_networks.decide_update_ad_network
        ),
        ResolveFlag: Handling(
            decide_networks.declare_resolve_flag, decide_networks.decide_resolve_flag
        ),
    },
    timers={
        TimerKind.REFERRAL: decide_referrals.check_of_timer,
        TimerKind.GONE: decide_moving.moving_of_timer,
    },
)
