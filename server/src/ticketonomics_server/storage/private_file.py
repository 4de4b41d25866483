"""Files that hold a secret: for their owner alone, and on disk before anybody relies on them."""

import os
from pathlib import Path

_LONGEST_BYTES = 10_000


class PrivateFileError(Exception):
    """The file cannot be used; the text says why, and what to do."""


def read_private_file(file: Path) -> bytes | None:
    """Reads a file, None where there is none.

    Raises:
        PrivateFileError: Others can read it, or nobody can.
    """
    try:
        with file.open("rb") as opened:
            if os.fstat(opened.fileno()).st_mode & 0o077:
                raise PrivateFileError(f"{file} can be read by others: chmod 600 {file}")
            return opened.read(_LONGEST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PrivateFileError(f"{file} cannot be read: {error.strerror}") from error


def write_private_file(file: Path, content: bytes) -> None:
    """Writes a file that was never readable by anybody else, and is on disk afterwards.

    Raises:
        FileExistsError: There is one.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(draft, file)
    finally:
        draft.unlink()
