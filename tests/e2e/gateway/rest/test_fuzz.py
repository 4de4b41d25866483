"""Whatever is sent by the document, right or wrong: no 5xx, and answers are what it says.

TICKETONOMICS_FUZZ_EXAMPLES looks longer: as many requests of each kind to each operation.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE

import pytest

from tests.conftest import Server
from tests.e2e.gateways import running_gateway
from tests.tidy.repository import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")

EXAMPLES = int(os.environ.get("TICKETONOMICS_FUZZ_EXAMPLES", "1"))


async def test_no_request_breaks_it(ledger: Server) -> None:
    async with running_gateway(
        ledger.target, rate_limit_rps=100_000, key_rate_limit_rps=100_000
    ) as gateway:
        job = {"url": gateway.url, "key": ledger.operator_key, "examples": EXAMPLES}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.e2e.gateway.rest.fuzzing"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=ROOT,
        )
        told, failed = await process.communicate(json.dumps(job).encode())
    assert process.returncode == 0, failed.decode()
    called = json.loads(told)
    assert len(called) > 130
    assert 200 in {code for codes in called.values() for code in codes}
