"""Certificates as servers show them: how long they last, whose they are, and whether they would be trusted."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from services.address import Address, address
from services.clock import Clock
from services.errors import SourceError
from services.profile.sources.reach import HTTPS, TlsSource
from services.readings import NO_DATA_YET, Certificate, Fault, TlsValues, Unknown
from services.sources import tls_certificate
from services.sources.dial_faults import of_error
from services.text import safe

if TYPE_CHECKING:
    from services.sources import Parts

DAY_S = 86_400.0


def make(name: str, spec: TlsSource, parts: Parts) -> Certificates:
    return Certificates(name, spec, parts.clock)


class Certificates:
    def __init__(self, name: str, spec: TlsSource, clock: Clock) -> None:
        self.name = name
        self.interval_s = spec.interval
        self.timeout_s = spec.timeout
        self._spec = spec
        self._addresses = tuple(address(said, HTTPS) for said in spec.addresses)
        self._clock = clock

    async def fetch(self) -> TlsValues:
        """SourceError only when no address showed a certificate; otherwise each carries its own fault."""
        trusting = await asyncio.to_thread(trusted_by, self._spec.ca_file)  # read anew: authorities are replaced too
        found = await asyncio.gather(*(self._looked_at(at, trusting) for at in self._addresses))
        faults = [each.fault for each in found if each.fault]
        if len(faults) == len(found):
            more = f" (and {len(faults) - 1} more, the same way or another)" if len(faults) > 1 else ""
            raise SourceError(faults[0].kind, f"{faults[0].message}{more}", faults[0].remedy)
        return TlsValues(tuple(found))

    async def close(self) -> None:
        """Every connection ends with its look."""

    async def _looked_at(self, at: Address, trusting: ssl.SSLContext) -> Certificate:
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._shown(at, trusting)
        except (OSError, EOFError, UnicodeError) as error:
            return _unread(at, of_error(error, str(at), self.timeout_s))
        except ValueError as error:
            return _unread(at, Fault("protocol", f"{at}: what it shows is no certificate: {error}", "see the server"))

    async def _shown(self, at: Address, trusting: ssl.SSLContext) -> Certificate:
        """One that is refused is asked for again without verification, only to read it: nothing is sent."""
        said = ""
        try:
            der = await self._der(at, trusting)
        except ssl.SSLCertVerificationError as error:
            said = safe(error.verify_message or error, 200)
            der = await self._der(at, _indifferent())
        dated = tls_certificate.read(der)
        days = (dated.not_after - self._clock.wall()) / DAY_S
        return Certificate(str(at), days, dated.not_after, int(not said), dated.subject, dated.issuer, said)

    async def _der(self, at: Address, context: ssl.SSLContext) -> bytes:
        name = self._spec.server_name or at.host
        _, writer = await asyncio.open_connection(at.host, at.port, ssl=context, server_hostname=name)
        try:
            shown: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        finally:
            writer.transport.abort()  # a closing handshake would wait for a server that does not answer it
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        if not shown:
            raise ValueError("it shows none")
        return shown


def trusted_by(ca_file: str) -> ssl.SSLContext:
    """What this machine trusts, and the authority in `ca_file`. SourceError when that cannot be read."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(Path(ca_file).expanduser())
        except OSError as error:  # ssl.SSLError is one
            why = error.strerror or "no certificates in PEM form"
            raise SourceError("config", f"{safe(ca_file, 200)}: {safe(why)}", "see `ca_file` of the source") from error
    return context


def _indifferent() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # a weak key is to be read as well
    return context


def _unread(at: Address, fault: Fault) -> Certificate:
    why = Unknown("failed", fault.message)
    return Certificate(str(at), why, why, NO_DATA_YET, fault=fault)
