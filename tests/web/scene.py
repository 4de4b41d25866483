"""A gateway with a community behind it, and a browser that carries out scripts."""

import asyncio
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.gateway.stage import Stage
from tests.web.life import Life

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WEB = ROOT / "clients/web"
SCRIPT_SECONDS = 480


@dataclass
class Scene:
    """A gateway, what is behind it, and a browser to look at it."""

    stage: Stage
    life: Life
    chromium: str

    async def run(self, script: str, **asked: Any) -> dict[str, Any]:
        """Runs a script with the browser, and returns what it tells."""
        given = {"url": self.stage.url, "chromium": self.chromium, **asked}
        process = await asyncio.create_subprocess_exec(
            *("scripts/web", "node", HERE / script, json.dumps(given)),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(SCRIPT_SECONDS):
                out, problems = await process.communicate()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        assert process.returncode == 0, problems.decode()
        told: dict[str, Any] = json.loads(out.decode().strip().splitlines()[-1])
        return told
