"""What a program prints goes into the bucket while it prints it: nothing waits on a disk in between."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from services.backups.store import Store, Upload
from services.errors import ActionError, SourceError
from services.process import Process, start
from services.sources.threads import Threads
from services.text import safe

PART = 16 << 20  # bytes; a store takes 10,000 parts: they grow, and 880 GB fit
GROWS = 1000
TRIES = 3
RETRY_S = 2.0
PART_ENDS_S = 10.0
_SAID = 4096
_FOR_GOOD = ("denied", "config", "missing")


@dataclass
class Meter:
    """How far it is; read by whoever tells it on."""

    doing: str = ""
    size: int = 0
    sha256: str = ""
    hash: hashlib._Hash = field(default_factory=hashlib.sha256, repr=False)

    @property
    def words(self) -> str:
        return f"{self.doing}: {self.size / 1e6:,.1f} MB" if self.size else self.doing

    def add(self, piece: bytes) -> None:
        self.hash.update(piece)
        self.size += len(piece)

    def end(self) -> None:
        self.sha256 = self.hash.hexdigest()


async def poured(
    argv: Sequence[str], env: Mapping[str, str], store: Store, key: str, threads: Threads, meter: Meter
) -> Upload:
    """Every part is in the store, and there is no object yet: that is for `Store.complete`.

    Whatever goes wrong, the upload is aborted. ActionError when the program fails, SourceError when the store does.
    """
    process = await start(argv, env=env, alone=True)
    complaint = asyncio.ensure_future(_tail(process.err))
    upload: Upload | None = None
    try:
        async for body in _parts(process):
            if upload is None:
                upload = await threads.run(lambda: store.begin(key))
            await threads.run(partial(meter.add, body))
            await _put(store, upload, body, threads)
        code = await process.leave()
        if code or upload is None:
            said = (await complaint) or "it printed nothing"
            raise ActionError(f"{safe(argv[0], 100)} ended with exit code {code}: {said}", "run it by hand to see why")
        meter.end()
        return upload
    except BaseException:
        if upload:
            await aborted(store, upload, threads)
        raise
    finally:
        complaint.cancel()
        process.close()


async def aborted(store: Store, upload: Upload, threads: Threads) -> None:
    """Where the store does not answer, it stays: the next backup finds it."""
    try:
        await threads.run(lambda: store.abort(upload.key, upload.id))
    except SourceError:
        return


async def _parts(process: Process) -> AsyncIterator[bytes]:
    number, body = 0, bytearray()
    while piece := await process.out.read(1 << 20):
        body += piece
        if len(body) >= PART * (1 + number // GROWS):
            yield bytes(body)
            number, body = number + 1, bytearray()
    if body:
        yield bytes(body)


async def _put(store: Store, upload: Upload, body: bytes, threads: Threads) -> None:
    """The same part with the same number: doing it twice is doing it once."""
    for left in reversed(range(TRIES)):
        sending = asyncio.ensure_future(threads.run(lambda: store.part(upload, body)))
        try:
            await asyncio.shield(sending)
            return
        except asyncio.CancelledError:
            await asyncio.wait({sending}, timeout=PART_ENDS_S)  # one that arrives after the abort would stay for ever
            raise
        except SourceError as error:
            if not left or error.kind in _FOR_GOOD:
                raise
            await asyncio.sleep(RETRY_S)


async def _tail(pipe: asyncio.StreamReader) -> str:
    """The last thing it complained of; all of it is read, for the program must not wait for us."""
    kept = b""
    while piece := await pipe.read(65_536):
        kept = (kept + piece)[-_SAID:]
    lines = kept.decode(errors="replace").strip().splitlines()
    return safe(lines[-1], 300) if lines else ""
