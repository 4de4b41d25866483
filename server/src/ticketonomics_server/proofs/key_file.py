"""The private signing key: a PEM file for its owner alone, or a setting. Never in the database."""

from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ticketonomics_server.settings import Settings
from ticketonomics_server.storage.private_file import (
    PrivateFileError,
    read_private_file,
    write_private_file,
)


class SigningKeyError(Exception):
    """There is no usable signing key; the text says why, and what to do."""


def signing_key_id(public_key: bytes) -> str:
    """Names a public key: the first 8 bytes of its SHA-256, in hexadecimal."""
    return sha256(public_key).hexdigest()[:16]


@dataclass(slots=True, frozen=True)
class SigningKey:
    """A private key, with the public one and its name."""

    private: Ed25519PrivateKey = field(repr=False)

    @property
    def public_key(self) -> bytes:
        """32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def signing_key_id(self) -> str:
        return signing_key_id(self.public_key)

    def sign(self, message: bytes) -> bytes:
        """Signs with Ed25519. 64 bytes, always the same for the same message."""
        return self.private.sign(message)


def signing_key_file(settings: Settings) -> Path:
    """Where the key is, unless it is a setting."""
    return settings.signing_key_file or settings.data_folder / "signing.key"


def draft_file(file: Path) -> Path:
    """Where the next key waits while it is being published."""
    return file.with_name(f"{file.name}.new")


def new_key() -> SigningKey:
    """Draws a key."""
    return SigningKey(Ed25519PrivateKey.generate())


def load_key(settings: Settings) -> SigningKey | None:
    """Loads the key that is set, or that of the file; None where there is no file.

    Raises:
        SigningKeyError: It is no Ed25519 key in PEM, or others can read the file.
    """
    if settings.signing_key is not None:
        text = settings.signing_key.get_secret_value().replace("\\n", "\n")
        return _parse(text.encode(), "TICKETONOMICS_SIGNING_KEY")
    return read_key(signing_key_file(settings))


def read_key(file: Path) -> SigningKey | None:
    """Reads a key's file; None where there is none. Raises what `load_key` raises."""
    try:
        content = read_private_file(file)
    except PrivateFileError as error:
        raise SigningKeyError(str(error)) from error
    if content is None:
        return None
    return _parse(content, str(file))


def _parse(content: bytes, source: str) -> SigningKey:
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SigningKeyError(f"{source} is no private key in PEM without a password") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError(f"{source} is no Ed25519 key")
    return SigningKey(key)


def write_key(file: Path, key: SigningKey) -> None:
    """Writes a file that was never readable by anybody else, and is on disk afterwards.

    Raises:
        FileExistsError: There is one.
    """
    pem = key.private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private_file(file, pem)
