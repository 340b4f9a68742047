"""The edge, as far as its certificate goes: a TLS listener, whose certificate can be one that soon runs out."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509  # comes with moto
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ADDRESS = "127.0.0.1"
WHOLE_DAYS = 90.0
AUTHORITY = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Treazr Island demo authority")])
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "edge.treazr-island.example")])


class Edge:
    """Listens in a thread until the process ends. `ca` is the file of the authority that signs for it."""

    def __init__(self, folder: Path) -> None:
        self._files = folder / "edge.pem", folder / "edge.key"
        self._authority = ec.generate_private_key(ec.SECP256R1())
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(self._issue(AUTHORITY, self._authority, WHOLE_DAYS))
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._listening = socket.create_server((ADDRESS, 0))
        self.days = 0.0
        self.renew(WHOLE_DAYS)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        return f"{ADDRESS}:{self._listening.getsockname()[1]}"

    def renew(self, days: float = WHOLE_DAYS) -> None:
        """From now on it shows a certificate that is valid for so long."""
        certificate = self._issue(NAME, self._key, days)
        key = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        for path, data in zip(self._files, (certificate, key), strict=True):
            path.write_bytes(data)
            path.chmod(0o600)
        self._context.load_cert_chain(*self._files)
        self.days = days

    def _issue(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, days: float) -> bytes:
        """For this key, signed by the authority, as PEM."""
        now = datetime.now(UTC)
        issued = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(AUTHORITY)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=WHOLE_DAYS))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(ca=name == AUTHORITY, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(ADDRESS))]), critical=False)
            .sign(self._authority, hashes.SHA256())
        )
        return issued.public_bytes(serialization.Encoding.PEM)

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            connection.settimeout(5)
            with contextlib.suppress(OSError), self._context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1)
