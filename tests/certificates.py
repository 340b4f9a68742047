"""Certificates for tests: an authority of our own, and servers that show what it or nobody signed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ADDRESS = "127.0.0.1"


def _name(common: str, organisation: str) -> x509.Name:
    parts = ((NameOID.COUNTRY_NAME, "GB"), (NameOID.ORGANIZATION_NAME, organisation), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


@dataclass(frozen=True)
class Issued:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @cached_property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def files(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Its certificate, and its key, as files."""
        paths = folder / f"{name}.pem", folder / f"{name}.key"
        paths[0].write_bytes(self.pem)
        paths[1].write_bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return paths


def issue(
    by: Issued | None = None,
    days: float = 30,
    name: str = "",
    organisation: str = "Example",
    begins: datetime | None = None,
) -> Issued:
    """For our address and for `name`; without `by` it is an authority, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = _name(name or "watchdeck tests", organisation)
    names: list[x509.GeneralName] = [x509.IPAddress(ip_address(ADDRESS))] if not name else [x509.DNSName(name)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(by.key if by else key, hashes.SHA256())
    )
    return Issued(certificate, key)


@asynccontextmanager
async def showing(folder: Path, **issued: Issued) -> AsyncIterator[str]:
    """A TLS server on loopback, and its address. It chooses by the name that it is asked for; the first otherwise."""
    contexts = {}
    for name, one in issued.items():
        contexts[name.replace("_", ".")] = context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*one.files(folder, name))
    first = next(iter(contexts.values()))

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        connection.context = contexts.get(name or "", first)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    first.sni_callback = choose
    server = await asyncio.start_server(silent, ADDRESS, 0, ssl=first)
    try:
        yield f"{ADDRESS}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
