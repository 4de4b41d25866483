"""What `doctor` tells of each thing that it looked at."""

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "note", "bad"]


@dataclass(slots=True, frozen=True)
class Check:
    """What a check found. A note is nothing wrong, but worth knowing."""

    name: str
    state: State
    finding: str
    advice: str = ""
