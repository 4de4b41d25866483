"""Where keys come from that all servers of an economy share: a setting, or a private file."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import SecretStr

from ticketonomics_server.engine.rejection import Rejection
from ticketonomics_server.storage.private_file import (
    PrivateFileError,
    read_private_file,
    write_private_file,
)

Keys = TypeVar("Keys")


@dataclass(slots=True, frozen=True, kw_only=True)
class KeySource(Generic[Keys]):
    """A setting or a file that holds keys. Its methods block.

    Attributes:
        setting: The setting's value; None where it is not set, and the file counts.
        name: The setting's name.
        parse: Reads keys from a text; told where the text is from, so that a refusal can say so.
        refuse: Builds the refusal of what this server lacks the keys for.
    """

    setting: SecretStr | None
    name: str
    file: Path
    parse: Callable[[str, str], Keys]
    refuse: Callable[[str], Rejection]

    def read(self) -> Keys | None:
        """Reads the keys as they are now; None where there are none."""
        if self.setting is not None:
            return self.parse(self.setting.get_secret_value(), f"the setting {self.name}")
        try:
            content = read_private_file(self.file)
        except PrivateFileError as error:
            raise self.refuse(str(error)) from error
        if content is None:
            return None
        return self.parse(content.decode("ascii", "replace"), str(self.file))

    def make(self, key: bytes) -> Keys:
        """Writes the very first key, unless another server was faster; returns what is there."""
        try:
            with suppress(FileExistsError):
                write_private_file(self.file, key + b"\n")
        except OSError as error:
            raise self.refuse(f"the key cannot be written: {error}") from error
        keys = self.read()
        assert keys is not None, "it was written"
        return keys
