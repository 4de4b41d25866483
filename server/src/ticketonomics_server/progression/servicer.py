"""`ProgressionService`: what people have done, and who is first."""

from collections.abc import Sequence
from typing import Any

from ticketonomics.progression.v1 import progress_pb2 as pb
from ticketonomics.progression.v1 import progression_service_pb2 as rpc
from ticketonomics.progression.v1.progression_service_pb2_grpc import ProgressionServiceServicer

from ticketonomics_server.engine.rejection import Reason, Rejection
from ticketonomics_server.identity.decide_profiles import guard_not_gone
from ticketonomics_server.identity.decode import check_person_id
from ticketonomics_server.identity.encode import may_read_private
from ticketonomics_server.identity.model import Privacy
from ticketonomics_server.identity.queries import find_profile
from ticketonomics_server.ledger.queries import read_commit_times
from ticketonomics_server.parameters.queries import read_parameters
from ticketonomics_server.progression import encode, queries
from ticketonomics_server.progression.counting import level_of
from ticketonomics_server.progression.model import month_of, number_of
from ticketonomics_server.progression.parameters import (
    FULL_ACTIVITY,
    LEVEL_STEP,
    REPUTATION_HALF,
    REPUTATION_MOST,
)
from ticketonomics_server.progression.tables import standings
from ticketonomics_server.rpc.call import Context, current_call
from ticketonomics_server.rpc.fields import invalid
from ticketonomics_server.rpc.paging import make_token, page_size, read_token
from ticketonomics_server.statistics.figures import Figures
from ticketonomics_server.statistics.formulas import format_wealth
from ticketonomics_server.statistics.queries import read_today
from ticketonomics_server.storage.database import Database
from ticketonomics_server.storage.reading import Snapshot, reading

_BOARDS = {
    rpc.BOARD_EXPERIENCE: standings.c.experience,
    rpc.BOARD_CONTRIBUTION: standings.c.month_experience,
    rpc.BOARD_REPUTATION: standings.c.reputation,
}


class ProgressionServicer(ProgressionServiceServicer):
    """Levels, reputation, achievements and leaderboards."""

    def __init__(self, database: Database, figures: Figures) -> None:
        self._database = database
        self._figures = figures

    async def GetProgress(
        self, request: rpc.GetProgressRequest, context: Context
    ) -> rpc.GetProgressResponse:
        person_id = check_person_id(request.person_id)
        economy_id = current_call().economy_id
        async with reading(self._database, economy_id, request.minimum_sequence) as snapshot:
            guard_not_gone((await find_profile(snapshot, person_id)).person)
            progress = await queries.find_progress(snapshot, person_id)
            parameters = await read_parameters(
                snapshot, LEVEL_STEP, REPUTATION_MOST, REPUTATION_HALF, FULL_ACTIVITY
            )
            earned = sorted(set(progress.earned().values())) if progress else []
            times = await read_commit_times(snapshot, earned)
            today = number_of(await read_today(snapshot))
        return rpc.GetProgressResponse(
            progress=encode.encode_progress(person_id, progress, today, parameters, times),
            last_sequence=snapshot.last_sequence,
        )

    async def ListAchievements(
        self, request: rpc.ListAchievementsRequest, context: Context
    ) -> rpc.ListAchievementsResponse:
        size = page_size(request)
        (start,) = read_token(request, int) or (0,)
        everything = encode.encode_achievements()
        end = max(start, 0) + size
        return rpc.ListAchievementsResponse(
            achievements=everything[max(start, 0) : end],
            next_page_token=make_token(request, end) if end < len(everything) else "",
        )

    async def ListLeaderboard(
        self, request: rpc.ListLeaderboardRequest, context: Context
    ) -> rpc.ListLeaderboardResponse:
        size, wealth = page_size(request), request.board == rpc.BOARD_WEALTH
        if not wealth and request.board not in _BOARDS:
            raise invalid("board", "is none of the leaderboards")
        token = read_token(request, str, int, int) if wealth else read_token(request, int, str, int)
        behind, passed = ((token[0], token[1]), token[2]) if token else (None, 0)
        if wealth and behind is not None and not (behind[0].isascii() and behind[0].isdecimal()):
            raise Rejection(
                Reason.INVALID_PAGE_TOKEN, "this page token was never issued", field="page_token"
            )
        async with self._figures.reading(request.minimum_sequence) as (snapshot, sequence):
            if wealth:
                rows = await queries.list_wealth(snapshot, behind=behind, limit=size + 1)
            else:
                rows = await self._read_board(snapshot, request.board, behind, size + 1)
            (step,) = (await read_parameters(snapshot, LEVEL_STEP))[LEVEL_STEP.name]
        answer = rpc.ListLeaderboardResponse(
            statistics_sequence=sequence, last_sequence=snapshot.last_sequence
        )
        for rank, row in enumerate(rows[:size], start=passed + 1):
            standing = answer.standings.add(rank=rank, person_id=row.person_id)
            _name(standing, row)
            standing.value = format_wealth(int(row.value)) if wealth else str(row.value)
            if request.board == rpc.BOARD_EXPERIENCE:
                standing.level = level_of(row.value, step)
        if len(rows) > size:
            last = rows[size - 1]
            value = str(int(last.value)) if wealth else last.value
            answer.next_page_token = make_token(request, value, last.place, passed + size)
        return answer

    async def _read_board(
        self, snapshot: Snapshot, board: Any, behind: Any, limit: int
    ) -> Sequence[Any]:
        month = None
        if board == rpc.BOARD_CONTRIBUTION:
            month = month_of(number_of(await read_today(snapshot)))
        return await queries.list_standings(
            snapshot, _BOARDS[board], month=month, behind=behind, limit=limit
        )


def _name(standing: pb.Standing, row: Any) -> None:
    """Tells the name of who shows it, and to whoever may see it anyway."""
    if row.privacy == Privacy.PUBLIC or may_read_private(current_call().caller, row.person_id):
        standing.display_name = row.display_name or ""
