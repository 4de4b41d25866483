"""Keys for the faces of a local economy: each application has what it needs and no more."""

import os
from pathlib import Path

from ticketonomics_client.sync import Client

# What a person may do through an application that acts for him.
PEOPLE = (
    *("ledger.transfer", "identity.act_for", "spending.consent", "amm.swap"),
    *("queues.play", "rewards.claim", "parliament.take_part"),
)
APPLICATIONS: dict[str, tuple[str, ...]] = {
    "gateway-people": (*PEOPLE, "rewards.report"),
    "gateway-sign-in": ("identity.people",),
    "bot": (*PEOPLE, "identity.people", "identity.link", "rewards.report", "ledger.private"),
}
# The faces serve many people each.
CALLS_A_SECOND = 100_000


def make_keys(target: str, operator_key_file: Path, folder: Path) -> dict[str, Path]:
    """Makes the applications and their keys that have no key file yet, and tells all files.

    A file is written before anything calls with its key, and only for its owner. When one was lost,
    a new application takes its place.
    """
    files = {name: folder / f"{name}.key" for name in APPLICATIONS}
    missing = [name for name, file in files.items() if not file.exists()]
    if missing:
        key = operator_key_file.read_text().strip()
        with Client(target, api_key=key) as operator:
            for name in missing:
                application = operator.create_application(
                    name=name, scopes=APPLICATIONS[name], rate_limit_rps=CALLS_A_SECOND
                )
                secret = operator.create_api_key(application.application_id).secret
                _write(files[name], secret)
    return files


def _write(file: Path, secret: str) -> None:
    draft = file.with_suffix(".tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(secret + "\n")
    draft.replace(file)
