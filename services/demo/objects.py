"""The smallest S3 client: put, get and delete, for the demo's workers, who need neither signatures nor retries."""

from __future__ import annotations

import http.client
import re
from html import unescape
from urllib.parse import quote, urlsplit

# The store checks no signature, but takes a request without this header for an anonymous one.
_SCOPE = "Credential=demo/20260101/us-east-1/s3/aws4_request"
_HEADERS = {"Authorization": f"AWS4-HMAC-SHA256 {_SCOPE}, SignedHeaders=host, Signature=0"}

_ENCRYPTION = """<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>
<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>
</Rule></ServerSideEncryptionConfiguration>"""


class StorageError(Exception):
    """The store refused or did not answer."""


class Objects:
    """One bucket over one kept connection; not for use from several threads."""

    def __init__(self, endpoint: str, bucket: str, timeout: float = 2.0) -> None:
        self._bucket = bucket
        self._connection = http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=timeout)

    def put(self, key: str, body: bytes) -> None:
        self._ask("PUT", key, body)

    def get(self, key: str) -> bytes:
        return self._ask("GET", key)

    def delete(self, key: str) -> None:
        self._ask("DELETE", key)

    def keys(self, prefix: str) -> list[str]:
        """The first thousand below the prefix."""
        listed = self._ask("GET", "", query=f"?list-type=2&prefix={quote(prefix)}").decode()
        return [unescape(key) for key in re.findall(r"<Key>([^<]*)</Key>", listed)]

    def encrypt(self) -> None:
        """From now on the store encrypts what it writes, unless it is told otherwise."""
        self._ask("PUT", "", _ENCRYPTION.encode(), "?encryption")

    def _ask(self, method: str, key: str, body: bytes | None = None, query: str = "") -> bytes:
        try:
            self._connection.request(method, f"/{self._bucket}/{quote(key)}{query}", body, _HEADERS)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise StorageError(f"{method} {key}: {type(error).__name__}: {error}") from error
        if answer.status >= 300:
            raise StorageError(f"{method} {key}: HTTP {answer.status} {answer.reason}")
        return content

    def close(self) -> None:
        self._connection.close()
