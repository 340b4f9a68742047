"""An object store for tests: moto's, over HTTP, with a bucket of each test's own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import make_server

from services.demo.s3 import Fault, Faulty

NUMBER = count()


@dataclass
class Bucket:
    url: str
    faulty: Faulty
    name: str
    credentials: Path

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.url, aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1"
        )

    @property
    def keys(self) -> list[str]:
        return sorted(one["Key"] for one in self.client.list_objects_v2(Bucket=self.name).get("Contents", ()))

    @property
    def uploads(self) -> list[str]:
        return [one["UploadId"] for one in self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", ())]

    def get(self, key: str) -> bytes:
        body: bytes = self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
        return body

    def put(self, key: str, body: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=key, Body=body)


@contextmanager
def serving() -> Iterator[tuple[str, Faulty]]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    faulty = Faulty(create_backend_app("s3"), "secret")  # type: ignore[arg-type]
    httpd = make_server("127.0.0.1", 0, faulty, threaded=True)
    threading.Thread(target=httpd.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}", faulty
    httpd.shutdown()
    httpd.server_close()


@contextmanager
def bucket(server: tuple[str, Faulty], folder: Path) -> Iterator[Bucket]:
    credentials = folder / "credentials"
    credentials.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    credentials.chmod(0o600)
    made = Bucket(*server, f"bucket-{next(NUMBER)}", credentials)
    made.client.create_bucket(Bucket=made.name)
    yield made
    made.faulty.fault = Fault()
