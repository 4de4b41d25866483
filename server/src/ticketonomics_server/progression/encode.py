"""Progress and leaderboards as messages of the contract."""

from collections.abc import Mapping
from datetime import datetime

from ticketonomics.progression.v1 import progress_pb2 as pb

from ticketonomics_server.parameters.model import Values
from ticketonomics_server.progression.achievements import ACHIEVEMENTS
from ticketonomics_server.progression.counting import (
    Reputation,
    ReputationTerms,
    experience_of,
    level_of,
    reputation_of,
)
from ticketonomics_server.progression.model import Deed, Progress, date_of, month_of
from ticketonomics_server.progression.parameters import (
    FULL_ACTIVITY,
    LEVEL_STEP,
    REPUTATION_HALF,
    REPUTATION_MOST,
)
from ticketonomics_server.rpc.fields import set_time


def encode_progress(
    person_id: str,
    progress: Progress | None,
    today: int,
    parameters: Mapping[str, Values],
    times: Mapping[int, datetime],
) -> pb.Progress:
    """Encodes what somebody has done, as of a day.

    Args:
        today: Counted as `day_of` does.
        parameters: Those of levels and reputation.
        times: When the entries were that earned achievements.
    """
    (step,) = parameters[LEVEL_STEP.name]
    if progress is None:
        return pb.Progress(
            person_id=person_id, level=1, experience_to_next_level=experience_of(2, step)
        )
    level = level_of(progress.experience, step)
    message = pb.Progress(
        person_id=person_id,
        level=level,
        experience=progress.experience,
        experience_to_next_level=experience_of(level + 1, step) - progress.experience,
        month_experience=progress.month_experience if progress.month == month_of(today) else 0,
        reputation=_reputation(reputation_of(progress, today, _terms(parameters))),
        streak_days=progress.streak if today - progress.last_day <= 1 else 0,
        longest_streak_days=progress.longest_streak,
        first_day=date_of(progress.first_day).isoformat(),
        last_day=date_of(progress.last_day).isoformat(),
    )
    for achievement_id, sequence in progress.earned().items():
        earned = message.achievements.add(achievement_id=achievement_id, sequence=sequence)
        set_time(earned.earn_time, times[sequence])
    for deed in Deed:
        if count := getattr(progress, deed):
            message.deeds.add(deed=deed.value, count=count)
    return message


def _terms(parameters: Mapping[str, Values]) -> ReputationTerms:
    (full_activity,) = parameters[FULL_ACTIVITY.name]
    return ReputationTerms(
        parameters[REPUTATION_MOST.name], parameters[REPUTATION_HALF.name], full_activity
    )


def _reputation(made: Reputation) -> pb.Reputation:
    return pb.Reputation(**made._asdict())


def encode_achievements() -> list[pb.Achievement]:
    return [
        pb.Achievement(
            achievement_id=achievement.achievement_id,
            name=achievement.name,
            description=achievement.description,
            counter=achievement.counter,
            least=achievement.least,
        )
        for achievement in ACHIEVEMENTS
    ]
