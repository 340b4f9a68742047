"""What the tests of retention share: a real object store that fails on demand, rows that point into it, and runs."""

from __future__ import annotations

import io
import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.actions.grants import roles_sql
from services.actions.journal import Journal
from services.profile import parse
from tests.actions import Bench, profile_of
from tests.conftest import Database

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
BUCKET = "kept-data"
_REFUSAL = "<Error><Key>{key}</Key><Code>{code}</Code><Message>object is locked</Message></Error>"


@dataclass
class Store:
    """moto's S3 over HTTP. `failing`: how many deleting requests go well before the store breaks down."""

    application: Application
    url: str = ""
    failing: int | None = None
    refused: set[str] = field(default_factory=set)  # keys that it will not delete,
    code: str = "AccessDenied"  # and what it says to that; nothing: that they are deleted
    before: Callable[[list[str]], None] = lambda keys: None  # called with the keys of each deleting request
    asked: list[str] = field(default_factory=list)  # keys that it was asked to delete

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and environ["QUERY_STRING"].startswith("delete"):
            return self._delete(environ, start)
        if self.failing is not None and self.failing <= 0:
            return self._broken(start)
        return self.application(environ, start)

    def _broken(self, start: Callable[..., Any]) -> Iterable[bytes]:
        start("503 Service Unavailable", [("Content-Type", "application/xml"), ("Connection", "close")])
        return [b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"]

    def _delete(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode()
        keys = re.findall(r"<Key>(.*?)</Key>", body)
        self.before(keys)
        if self.failing is not None:
            self.failing -= 1
            if self.failing < 0:
                return self._broken(start)
        self.asked += keys
        held = [key for key in keys if key in self.refused]
        for key in held:
            body = re.sub(rf"<Object><Key>{re.escape(key)}</Key>.*?</Object>", "", body)
        told = body.encode()
        environ |= {"wsgi.input": io.BytesIO(told), "CONTENT_LENGTH": str(len(told))}
        if not held:
            return self.application(environ, start)
        answered = (
            self.application(environ, lambda *_: None) if len(held) < len(keys) else [b"<DeleteResult></DeleteResult>"]
        )
        errors = "".join(_REFUSAL.format(key=key, code=self.code) for key in held if self.code)
        answer = b"".join(answered).replace(b"</DeleteResult>", f"{errors}</DeleteResult>".encode())
        start("200 OK", [("Content-Type", "application/xml"), ("Content-Length", str(len(answer)))])
        return [answer]

    # ---- by the back door: nothing of it goes over the wire

    @property
    def _backend(self) -> Any:
        from moto.core.models import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends

        return s3_backends[DEFAULT_ACCOUNT_ID]["aws"]

    def put(self, keys: Iterable[str], content: bytes = b"x" * 50, bucket: str = BUCKET) -> None:
        for key in keys:
            self._backend.put_object(bucket, key, content)

    def keys(self, bucket: str = BUCKET) -> set[str]:
        return set(self._backend.get_bucket(bucket).keys)

    def checksum(self, *keys_and_content: str | bytes) -> None:
        """Written again by somebody who has the store keep the SHA-256."""
        import boto3

        client = boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
        )
        *keys, content = keys_and_content
        for key in keys:
            client.put_object(Bucket=BUCKET, Key=str(key), Body=content, ChecksumAlgorithm="SHA256")

    def remove(self, key: str) -> None:
        self._backend.get_bucket(BUCKET).keys.pop(key)

    def versions(self) -> int:
        """How many are kept in all; markers that something was deleted are none."""
        every = self._backend.get_bucket(BUCKET).keys.iterlists()
        return sum(hasattr(each, "etag") for _, versions in every for each in versions)

    def turn_on_versions(self) -> None:
        self._backend.put_bucket_versioning(BUCKET, "Enabled")

    def empty(self, versioned: bool = False) -> None:
        """An empty bucket, whatever was in it."""
        if BUCKET in self._backend.buckets:
            self._backend.get_bucket(BUCKET).keys.clear()
            self._backend.delete_bucket(BUCKET)
        self._backend.create_bucket(BUCKET, "us-east-1")
        if versioned:
            self.turn_on_versions()
        self.failing, self.refused, self.before, self.asked = None, set(), lambda keys: None, []
        self.code = "AccessDenied"


@contextmanager
def serving() -> Iterator[Store]:
    from moto.server import create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.1"

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    store = Store(create_backend_app("s3"))
    server = make_server("127.0.0.1", 0, store, threaded=True, request_handler=Handler)
    store.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield store
    server.shutdown()
    thread.join()


@dataclass(frozen=True)
class Kept:
    """A bucket and tables that belong together."""

    store: Store
    bench: Bench
    database: Database

    def expired(self, count: int, of: str = "artifacts", age: str = "1 hour", first: int = 1) -> list[str]:
        """Rows that are due, each with its object; half a million could be made like this."""
        prefix, columns = ("raw", "session_id") if of == "artifacts" else ("datasets", "run_id")
        rows = self.database.execute(
            f"INSERT INTO {of} ({columns}, owner_user_id, object_key, bytes, expires_at) "
            f"SELECT i, 1, '{prefix}/' || i || '.fit', 50, now() - interval '{age}' "
            f"FROM generate_series({first}, {first + count - 1}) i RETURNING object_key"
        )
        keys = [str(key) for (key,) in rows]
        self.store.put(keys)
        return keys

    def keys_of_rows(self) -> list[str]:
        return [str(key) for (key,) in self.database.execute("SELECT object_key FROM artifacts ORDER BY id")]

    def rows(self, of: str = "artifacts") -> int:
        ((count,),) = self.database.execute(f"SELECT count(*) FROM {of}")
        return int(str(count))

    def session(self, session: int, published: bool = True) -> None:
        """One session with a raw artifact, a run and two datasets, as its owner left it."""
        content = f"data of {session}".encode()
        self.database.execute(
            f"INSERT INTO sessions (id, owner_user_id, size_class, format_family) VALUES ({session}, 1, 'S', 'fit');"
            f"INSERT INTO processing_runs (id, session_id, owner_user_id, size_class, published_at)"
            f" VALUES ({session}, {session}, 1, 'S', {'now()' if published else 'NULL'});"
            f"INSERT INTO jobs (run_id, owner_user_id, type) VALUES ({session}, 1, 'fuse');"
            f"INSERT INTO artifacts (session_id, owner_user_id, object_key, bytes)"
            f" VALUES ({session}, 1, 'raw/s{session}.fit', 50);"
            f"INSERT INTO datasets (run_id, owner_user_id, object_key, bytes, sha256)"
            f" SELECT {session}, 1, 'datasets/s{session}/' || n, {len(content)}, '{sha256(content).hexdigest()}'"
            f" FROM generate_series(1, 2) n"
        )
        self.store.put([f"raw/s{session}.fit"])
        self.store.put([f"datasets/s{session}/1", f"datasets/s{session}/2"], content)

    def request(self, session: int) -> None:
        self.database.execute(f"INSERT INTO deletion_requests (session_id, owner_user_id) VALUES ({session}, 1)")


def kept(
    store: Store, database: Database, folder: Path, api: str = "http://127.0.0.1:9", port: int = 0, **changes: str
) -> Kept:
    """`port`: by way of a proxy. `changes`: what stands in the profile -> what shall stand there."""
    credentials = folder / "credentials"
    credentials.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    credentials.chmod(0o600)
    dsn = database.cluster.dsn(dbname=database.name, port=port) if port else database.dsn
    text = profile_of(dsn).replace("${MRE_S3:-}", store.url).replace("${MRE_BUCKET:-mre}", BUCKET)
    text = text.replace("${MRE_S3_CREDENTIALS:-}", str(credentials)).replace("${MRE_API:-http://127.0.0.1:3000}", api)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "watchdeck.toml").write_text(text)
    profile = parse(text, "test")
    database.execute(roles_sql(profile))
    return Kept(store, Bench(database, profile, Journal.of(profile), folder), database)
