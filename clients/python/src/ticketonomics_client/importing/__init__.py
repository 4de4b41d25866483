"""Brings files of opening balances and past transactions into an economy.

`reading` makes rows of a file, `checking` compares all of them with the economy before anything is
sent, and `sending` carries the import out, in the file's order.
"""

from ticketonomics_client.importing.checking import Plan, check_rows
from ticketonomics_client.importing.reading import read_assets, read_rows
from ticketonomics_client.importing.rows import (
    AssetRow,
    BadLine,
    FileError,
    Leg,
    Naming,
    Row,
    RowFile,
)
from ticketonomics_client.importing.sending import Result, carry_out

__all__ = [
    "AssetRow",
    "BadLine",
    "FileError",
    "Leg",
    "Naming",
    "Plan",
    "Result",
    "Row",
    "RowFile",
    "carry_out",
    "check_rows",
    "read_assets",
    "read_rows",
]
