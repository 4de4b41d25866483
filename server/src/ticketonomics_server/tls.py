"""The server's certificate: read from files, checked, and read again when the files change."""

import asyncio
import ssl
from pathlib import Path

import grpc
import structlog

POLL_SECONDS = 2.0

log = structlog.get_logger(__name__)

_Signature = tuple[tuple[int, int, int], ...]


class TlsFilesError(Exception):
    """The certificate files cannot be used; the text says why."""


class Certificate:
    """What new connections are shown. Connections that are open keep what they began with.

    Args:
        certificate: PEM file with the certificate and its chain.
        key: PEM file with its private key, not encrypted.
        client_ca: PEM file with the authorities of client certificates, which are then required.

    Raises:
        TlsFilesError: The files cannot be used.
    """

    def __init__(self, certificate: Path, key: Path, client_ca: Path | None) -> None:
        self._certificate = certificate
        self._key = key
        self._client_ca = client_ca
        self._files = [path for path in (certificate, key, client_ca) if path is not None]
        self._problem = ""
        self._current, self._signature = self._read()

    def credentials(self) -> grpc.ServerCredentials:
        """Makes credentials that ask for the newest certificate with each handshake."""
        return grpc.dynamic_ssl_server_credentials(
            self._current,
            lambda: self._current,
            require_client_authentication=self._client_ca is not None,
        )

    def refresh(self) -> bool:
        """Reads the files again if they have changed, and tells whether they are in force now.

        Files that do not fit together, such as a new certificate beside an old key, change nothing,
        and are told once, not with every look.
        """
        try:
            if self._look() == self._signature:
                return False
            self._current, self._signature = self._read()
        except (TlsFilesError, OSError) as error:
            if str(error) != self._problem:
                self._problem = str(error)
                log.warning("the certificate in force is kept", problem=self._problem)
            return False
        self._problem = ""
        log.info("a new certificate is in force", certificate=str(self._certificate))
        return True

    async def watch(self) -> None:
        """Refreshes now and then, for ever."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await asyncio.to_thread(self.refresh)

    def _look(self) -> _Signature:
        states = [path.stat() for path in self._files]
        return tuple((state.st_ino, state.st_ctime_ns, state.st_size) for state in states)

    def _read(self) -> tuple[grpc.ServerCertificateConfiguration, _Signature]:
        try:
            before = self._look()
            self._check()
            chain, key = self._certificate.read_bytes(), self._key.read_bytes()
            roots = self._client_ca.read_bytes() if self._client_ca else None
        except OSError as error:
            # An SSLError is one too, and names no file.
            where = ", ".join(str(path) for path in self._files)
            raise TlsFilesError(f"the TLS files ({where}) cannot be used: {error}") from error
        if self._look() != before:
            raise TlsFilesError("the TLS files changed while they were read")
        return grpc.ssl_server_certificate_configuration([(key, chain)], roots), before

    def _check(self) -> None:
        """Has OpenSSL say what gRPC would only show to clients, as failed handshakes."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Without a password it would ask for one, at the terminal.
        context.load_cert_chain(self._certificate, self._key, password="")
        if self._client_ca is not None:
            context.load_verify_locations(self._client_ca)
