"""The conversation of a client process with its driver: lines on stdin and stdout."""

import asyncio
import gc
import sys


class Gate:
    """The driver's words, in turn."""

    def __init__(self) -> None:
        """Talk to the process that started us."""
        self._words: asyncio.StreamReader | None = None

    async def read(self) -> str:
        """Return the driver's next line.

        Raises:
            EOFError: The driver has gone.
        """
        if self._words is None:
            self._words = words = asyncio.StreamReader(limit=1 << 20)
            await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(words), sys.stdin
            )
        line = await self._words.readline()
        if not line:
            raise EOFError("the driver has gone")
        return line.decode().strip()

    async def pass_when_ready(self) -> None:
        """Say that all is prepared, and wait for the word to begin."""
        # What was prepared stays: the collector need not walk over it while the clock runs.
        gc.collect()
        gc.freeze()
        print("ready", flush=True)
        await self.read()
