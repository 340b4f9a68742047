"""What the console's memory owes to the allocator: 94 MB become 89 on glibc, and nothing happens elsewhere."""

from __future__ import annotations

import gc
import sys
from typing import Any

SETTLED_S = 6.0  # by then every driver is imported and every source has answered or failed
_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h


def _libc() -> Any:
    """None where it is not glibc."""
    if sys.platform != "linux":
        return None
    import ctypes

    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None


def one_heap() -> None:
    """Threads share a heap: with one each, what a driver's import leaves free in its own stays there (5 MB)."""
    if libc := _libc():
        libc.mallopt(_ARENA_MAX, 1)


def settle() -> None:
    """Once, when what stays has been made: throw away what starting left, and let the collector pass the rest by.

    A collection of everything takes 50 ms, in which no key is answered; after this there is hardly anything to look at.
    """
    gc.collect()
    gc.freeze()
    if libc := _libc():
        libc.malloc_trim(0)
