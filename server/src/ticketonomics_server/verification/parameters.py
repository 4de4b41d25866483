"""Replays what entries say of parameters, and compares the rows with it."""

from ticketonomics_server.ledger.model import EntryKind as LedgerKind
from ticketonomics_server.parameters.model import EntryKind, parse_setting
from ticketonomics_server.verification.comparing import RollForward
from ticketonomics_server.verification.entry import ReplayedEntry
from ticketonomics_server.verification.journal import JournalReader
from ticketonomics_server.verification.report import Findings, Invariant

_VALUES = "SELECT name, setting, set_sequence, set_by FROM parameter_values WHERE economy_id = $1"
_CHANGES = (
    "SELECT sequence, name, previous_setting, setting, set_by, reason FROM parameter_changes"
    " WHERE economy_id = $1"
)


class ParametersReplay:
    """Every parameter that was ever set, and every setting."""

    # What the Parliament sets, the end of its proposal tells.
    kinds = frozenset((*map(int, EntryKind), int(LedgerKind.DEPOSIT_RETURNED)))
    invariant = Invariant.PARAMETERS_MATCH_JOURNAL

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._values: dict[str, tuple[str, int, str]] = {}
        self._changes: dict[int, tuple[str, str, str, str, str]] = {}

    def define(self, entry: ReplayedEntry) -> None:
        """Replays a setting."""
        if entry.kind == LedgerKind.DEPOSIT_RETURNED:
            proposal_id, _, _, _, name, previous, setting, *_ = entry.fields
            by, reason = f"proposals/{proposal_id}", ""
            if not name:
                return
        else:
            name, previous, setting, by, reason = entry.fields
        before = self._values.get(name)
        if before is not None and before[0] != previous:
            self._tell(f"entry {entry.sequence} changes {name} from {previous}, not {before[0]}")
        parse_setting(setting)
        self._values[name] = setting, entry.sequence, by
        self._changes[entry.sequence] = name, previous, setting, by, reason

    async def compare(self, reader: JournalReader, roll_forward: RollForward) -> None:
        """Compares values and history as of one moment."""
        async with reader.snapshot():
            head = await reader.head()
            values = {name: tuple(rest) for name, *rest in await reader.fetch(_VALUES)}
            changes = {sequence: tuple(rest) for sequence, *rest in await reader.fetch(_CHANGES)}
        await roll_forward(head)
        for name in sorted(values.keys() | self._values.keys()):
            if values.get(name) != self._values.get(name):
                self._tell(
                    f"{name} is {values.get(name)}, its entries say {self._values.get(name)}"
                )
        for sequence in sorted(changes.keys() | self._changes.keys()):
            if changes.get(sequence) != self._changes.get(sequence):
                self._tell(f"the history of entry {sequence} is not what the entry says")

    def _tell(self, detail: str) -> None:
        self._findings.add(self.invariant, detail)
