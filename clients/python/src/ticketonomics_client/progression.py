"""Calls about what people have done: levels, achievements, leaderboards."""

from collections.abc import AsyncIterator

from ticketonomics.progression.v1.progress_pb2 import Achievement, Progress, Standing
from ticketonomics.progression.v1.progression_service_pb2 import (
    Board,
    GetProgressRequest,
    ListAchievementsRequest,
    ListLeaderboardRequest,
)

from ticketonomics_client.calling import Caller


class ProgressionCalls(Caller):
    """Levels, reputation, achievements and leaderboards; all of them public."""

    async def progress(self, person_id: str, *, minimum_sequence: int = 0) -> Progress:
        """Reads what a person has done: level, reputation with its parts, streak, achievements."""
        request = GetProgressRequest(person_id=person_id, minimum_sequence=minimum_sequence)
        return (await self.call(self.progression.GetProgress, request)).progress

    async def achievements(self, *, page_size: int = 0) -> AsyncIterator[Achievement]:
        """Yields the achievements that there are."""
        request = ListAchievementsRequest(page_size=page_size)
        async for page in self.pages(self.progression.ListAchievements, request):
            for achievement in page.achievements:
                yield achievement

    async def leaderboard(
        self, board: Board, *, page_size: int = 0, minimum_sequence: int = 0
    ) -> AsyncIterator[Standing]:
        """Yields the first people of a board, best first.

        Args:
            board: Experience, wealth, contribution or reputation.
            page_size: People a call, 1–1,000; 0 leaves it to the server.
            minimum_sequence: The board includes that entry, or UnavailableError after 2 s.
        """
        request = ListLeaderboardRequest(
            board=board, page_size=page_size, minimum_sequence=minimum_sequence
        )
        async for page in self.pages(self.progression.ListLeaderboard, request):
            for standing in page.standings:
                yield standing
