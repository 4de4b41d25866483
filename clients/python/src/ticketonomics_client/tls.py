"""Certificates of a client's own: whom it trusts, and what it shows."""

import ssl
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import grpc

File = str | PathLike[str]


@dataclass(slots=True, frozen=True, kw_only=True)
class TlsFiles:
    """PEM files for TLS. They are read when the client is made.

    Attributes:
        ca: Authorities that the server's certificate may come from; the usual ones when None.
        certificate: A certificate to show to servers that ask for one, with its chain.
        key: The certificate's private key, not encrypted.
    """

    ca: File | None = None
    certificate: File | None = None
    key: File | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        """Reads the files.

        Raises:
            ValueError: A file is missing or unusable, or the certificate and key do not fit.
        """
        if (self.certificate is None) != (self.key is None):
            raise ValueError("a client certificate and its key go together")
        try:
            self._check()
            return grpc.ssl_channel_credentials(
                _read(self.ca),
                private_key=_read(self.key),
                certificate_chain=_read(self.certificate),
            )
        except OSError as error:
            named = [str(file) for file in (self.ca, self.certificate, self.key) if file]
            raise ValueError(
                f"the TLS files ({', '.join(named)}) cannot be used: {error}"
            ) from error

    def _check(self) -> None:
        """Has OpenSSL say what gRPC would only show as failed handshakes."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.ca is not None:
            context.load_verify_locations(self.ca)
        if self.certificate is not None:
            # Without a password it would ask for one, at the terminal.
            context.load_cert_chain(self.certificate, self.key, password="")


def _read(file: File | None) -> bytes | None:
    return None if file is None else Path(file).read_bytes()
