"""A reader of the documents: copies their lines into a shell, in a folder with the `.venv`."""

import ast
import asyncio
import inspect
import os
import pty
import re
import shlex
import signal
import socket
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0

# Lines that only say what later ones mean.
SETTING = re.compile(r"""(export )?[A-Z_]+=("[^"]*"|\$\(.*\)|\S*)""")
# What runs until Ctrl-C, and what it has told when it is under way.
SERVERS = {
    "-gateway serve ": b"serving",
    " serve ": b"operator_key",
    "make run": b"Ctrl-C stops everything",
}
WATCHERS = {" prices watch ": b"pools/iron", " watch ": b"BRONZE", " top ": b"Entries a second"}

# Stands for something in a document's line: a text, or what makes one for each line anew.
Meaning = str | Callable[[str], Awaitable[str]]


def blocks(document: str, language: str) -> list[tuple[int, str]]:
    """Code blocks with the line on which each begins."""
    text = (ROOT / document).read_text()
    return [
        (text[: match.start(1)].count("\n"), match[1])
        for match in re.finditer(rf"^```{language}\n(.*?)^```", text, re.M | re.S)
    ]


async def run(block: str, document: str, line: int, names: dict[str, Any]) -> None:
    """Runs an example of the SDK, padded so that a failure names the document's own line."""
    code = compile("\n" * line + block, document, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    done = eval(code, names)
    if inspect.iscoroutine(done):
        await done


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@dataclass
class Reader:
    """Somebody with a shell.

    Attributes:
        meanings: What placeholders of the document stand for.
        said: Settings of the lines so far.
    """

    folder: Path
    env: dict[str, str]
    meanings: dict[str, Meaning] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    server: asyncio.subprocess.Process | None = None

    @property
    def key_file(self) -> Path:
        return self.folder / ".local/share/ticketonomics/operator-main.key"

    async def copy(self, line: str, *, refused: bool = False) -> str:
        """Carries a line out; returns what it printed, and fails when it failed."""
        for sign, told in (SERVERS | WATCHERS).items():
            if sign in f" {line} ":
                return await self._run_on(await self._meant(line), told, stay=sign in SERVERS)
        line = await self._meant(line)
        if SETTING.fullmatch(line):
            self.said.append(line)
            return ""
        process = await asyncio.create_subprocess_exec(
            *("bash", "-ec", "\n".join([*self.said, line])),
            cwd=self.folder,
            env=self.env,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                # Some ask whether one is sure.
                out, _ = await process.communicate(b"y\n")
        finally:
            await _end(process)
        text = out.decode()
        assert process.returncode == refused, f"{line}\n{text}"
        assert "Traceback" not in text, text
        return text

    async def _meant(self, line: str) -> str:
        for placeholder, meaning in self.meanings.items():
            if placeholder in line:
                value = meaning if isinstance(meaning, str) else await meaning(line)
                line = line.replace(placeholder, value)
        return line

    async def _run_on(self, line: str, told: bytes, *, stay: bool) -> str:
        """Starts what runs until Ctrl-C, and ends it when it is under way, unless it may stay."""
        if stay:
            await self.stop()
        ours, theirs = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            *("bash", "-ec", "\n".join([*self.said, f"exec {_command(line)}"])),
            cwd=self.folder,
            env=self.env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        text = bytearray()
        reading = asyncio.create_task(asyncio.to_thread(_read_all, ours, text))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while told not in text:
                    assert process.returncode is None, f"{line}\n{text.decode()}"
                    await asyncio.sleep(0.02)
        except BaseException:
            print(f"{line}\n{text.decode()}")
            stay = False
            raise
        finally:
            if stay:
                self.server = process
            else:
                await _end(process)
                await reading
        return text.decode()

    async def stop(self) -> None:
        """Ends the server that runs, as Ctrl-C does."""
        process, self.server = self.server, None
        if process is not None:
            await _end(process)


def _command(line: str) -> str:
    """A line that begins with settings for one command is no command that can be `exec`ed."""
    return f"env {line}" if "=" in shlex.split(line)[0] else line


def _read_all(descriptor: int, text: bytearray) -> None:
    try:
        while part := os.read(descriptor, 65_536):
            text += part
    except OSError:
        pass
    os.close(descriptor)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends what runs as Ctrl-C does."""
    if process.returncode is None:
        os.killpg(process.pid, signal.SIGINT)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await process.wait()


@contextmanager
def home() -> Iterator[Reader]:
    """A reader whose home is an empty folder that has the repository's `.venv` in it."""
    # Not pytest's own folder: as root, Postgres runs as a user who may not enter that one.
    with tempfile.TemporaryDirectory(prefix="ticketonomics-reader-") as path:
        folder = Path(path)
        folder.chmod(0o755)
        (folder / ".venv").symlink_to(ROOT / ".venv")
        outer = {k: v for k, v in os.environ.items() if not k.startswith("TICKETONOMICS_")}
        listen = f"127.0.0.1:{free_port()}"
        yield Reader(
            folder,
            {
                **outer,
                "HOME": str(folder),
                "PATH": f"{ROOT / '.venv/bin'}:{outer['PATH']}",
                "TERM": "xterm-256color",
                # For root it would be elsewhere, as README says.
                "TICKETONOMICS_DATA_FOLDER": str(folder / ".local/share/ticketonomics"),
                "TICKETONOMICS_LISTEN": listen,
                "TICKETONOMICS_TARGET": listen,
                "TICKETONOMICS_GATEWAY_SERVER": listen,
                "TICKETONOMICS_GATEWAY_LISTEN": f"127.0.0.1:{free_port()}",
            },
        )
