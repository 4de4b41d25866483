"""Shell completion as shells ask for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
# The shell is named, instead of being looked for among the processes above.
NAMED_SHELL = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
PROGRAMS = ["ticketonomics", "ticketonomics-server"]


def run(*command: str, **variables: str) -> str:
    done = subprocess.run(
        command, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def complete(program: str, words: str) -> set[str]:
    """Asks as bash does: the words so far, and which of them is being written."""
    name = f"_{program.replace('-', '_').upper()}_COMPLETE"
    count = len(words.split(" ")) - 1
    variables = {name: "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(count)}
    return set(run(str(BIN / program), **variables).split())


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_program_prints_a_script_for_each_shell(program: str, shell: str) -> None:
    script = run(str(BIN / program), "--show-completion", shell, **NAMED_SHELL)
    assert f"_{program.replace('-', '_').upper()}_COMPLETE" in script
    if shell == "bash":
        run("bash", "-n", "-c", script)


def test_commands_and_options_are_completed() -> None:
    assert {"balance", "balances"} <= complete("ticketonomics", "ticketonomics bal")
    assert complete("ticketonomics", "ticketonomics keys ro") == {"rotate"}
    assert "--memo" in complete("ticketonomics", "ticketonomics transfer --me")
    assert complete("ticketonomics-server", "ticketonomics-server ver") == {"verify"}
    assert complete("ticketonomics-server", "ticketonomics-server keys l") == {"list"}


def test_bash_completes_what_it_was_told() -> None:
    """The whole of it, in a real bash: the script is read, and its function is called."""
    script = run(str(BIN / "ticketonomics"), "--show-completion", "bash", **NAMED_SHELL)
    ask = (
        "COMP_WORDS=(ticketonomics keys re); COMP_CWORD=2; "
        "_ticketonomics_completion ticketonomics re keys; echo ${COMPREPLY[@]}"
    )
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    assert run("bash", "-c", f"{script}\n{ask}", PATH=path).strip() == "revoke"
