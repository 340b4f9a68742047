"""Replication from the rows of the server: who follows it, and whom it follows."""

from __future__ import annotations

from collections.abc import Sequence

from services.database import Row
from services.readings import AtLeast, Estimate, Figure, Receiver, Replication, Slot, Standby, Unknown, number
from services.sources.postgres_lag import Positions
from services.text import safe

SILENT_S = 35.0  # a standby speaks every 10 s, or when it is asked after half of wal_sender_timeout
GRACE_S = 5.0
_NO_STANDBY = Unknown("not configured", "no standby is connected; `replicas` in the profile says how many should be")
_NO_LIMIT = Unknown("not configured", "max_slot_wal_keep_size sets no limit")


def replication(
    here: Row,
    is_standby: bool,
    standbys: Sequence[Row],
    slots: Sequence[Row],
    expected: int | None,
    past: Positions,
    hidden: Unknown,
) -> Replication:
    """`past` has been told of this poll already. `hidden` is the reason where the server does not show us enough."""
    told = tuple(_standby(row, here, past) for row in standbys)
    unseen = any(row["hidden"] for row in standbys)
    kept = tuple(_slot(row) for row in slots)
    streaming = sum(one.state == "streaming" for one in told)
    missing: Figure = hidden if unseen else _missing(streaming, expected)
    if here["hidden"] if is_standby else unseen:
        figures: dict[str, Figure] = dict.fromkeys(("streaming", "lag_s", "lag_bytes"), hidden)
    elif is_standby:
        figures = {"streaming": int(here["status"] == "streaming"), **_own(here, past)}
    else:
        figures = {"streaming": streaming, **_worst(told, missing)}
    return Replication(
        role="standby" if is_standby else "primary",
        missing=missing,
        standbys=hidden if unseen else told,
        slots=kept,
        retained_bytes=max((number(slot.retained_bytes) or 0.0 for slot in kept), default=0.0),
        receiver=_receiver(here, hidden) if is_standby else None,
        **figures,
    )


# ---- seen from the server that sends


def _standby(row: Row, here: Row, past: Positions) -> Standby:
    age = row["reply_age_s"]
    behind = here["known"] - row["replayed"] if row["replayed"] is not None else None
    return Standby(
        pid=row["pid"],
        name=safe(row["name"]),
        client=safe(row["client"]),
        state=safe(row["state"]),
        sync=safe(row["sync"]),
        lag_s=_lag(row, behind, here, past),
        lag_bytes=Unknown("no data yet", "it has not said how far it is") if behind is None else max(0, behind),
        reply_age_s=Unknown("no data yet", "it has not replied yet") if age is None else max(0.0, age),
    )


def _lag(row: Row, behind: int | None, here: Row, past: Positions) -> Figure:
    if behind is None:
        return Unknown("no data yet", f"{safe(row['name'])} has not said how far it is")
    if behind > 0:
        return past.lag(row["replayed"], here["clock"], row["replay_lag_s"])
    if row["reply_age_s"] is None or row["reply_age_s"] > SILENT_S:
        return Unknown("failed", f"{safe(row['name'])} has not replied for {row['reply_age_s'] or 0:.0f} s")
    return 0.0


def _missing(streaming: int, expected: int | None) -> Figure:
    if expected is None:
        return Unknown("not configured", "`replicas` in the profile says how many standbys should stream from here")
    return max(0, expected - streaming)


def _worst(told: Sequence[Standby], missing: Figure) -> dict[str, Figure]:
    """Of all standbys. While one is missing or cannot be told, the others' figures are no more than a lower bound."""
    if not told and not number(missing):
        return dict.fromkeys(("lag_s", "lag_bytes"), _NO_STANDBY)
    gone = number(missing) or 0.0
    unknown = Unknown("failed", f"{gone:.0f} standbys missing: how far behind is not known") if gone else None
    return {name: _largest([getattr(one, name) for one in told], unknown) for name in ("lag_s", "lag_bytes")}


def _largest(figures: Sequence[Figure], unknown: Unknown | None) -> Figure:
    reason = next((figure for figure in figures if isinstance(figure, Unknown)), unknown)
    worst = max(figures, key=lambda figure: number(figure) or 0.0, default=0)
    if reason is None:
        return worst
    known = int(number(worst) or 0)
    return AtLeast(known) if known >= 1 else reason


def _slot(row: Row) -> Slot:
    return Slot(
        name=safe(row["name"]),
        kind=row["kind"],
        active=row["active"],
        wal_status=row["wal_status"],
        retained_bytes=Unknown("not recorded", "it reserves nothing")
        if row["retained_bytes"] is None
        else max(0.0, row["retained_bytes"]),
        safe_bytes=_NO_LIMIT if row["safe_bytes"] is None else row["safe_bytes"],
    )


# ---- seen from a standby


def heard(here: Row) -> bool:
    """Whether the primary can be taken to be there: an idle one is silent until half of the patience is over."""
    limit = (here["patience_s"] / 2 or 30.0) + GRACE_S
    return here["status"] == "streaming" and here["message_age_s"] is not None and here["message_age_s"] <= limit


def _own(here: Row, past: Positions) -> dict[str, Figure]:
    behind = max(0, here["known"] - here["replayed"])
    if heard(here):
        lag = _pending(here, past) if behind else 0.0
        return {"lag_s": lag, "lag_bytes": behind}
    said = f"{here['status'] or 'no receiver'}" if here["status"] != "streaming" else "silent"
    lost = Unknown("failed", f"nothing comes from the primary ({safe(said)}): how far it is by now is not known")
    lag = _pending(here, past)
    known = number(lag)
    return {"lag_s": lost if known is None else Estimate(known), "lag_bytes": lost}


def _pending(here: Row, past: Positions) -> Figure:
    """The age of what has been replayed last: nothing newer can be missing for longer."""
    _, most = past.behind(here["replayed"], here["clock"])
    ages = [age for age in (most, here["replayed_age_s"]) if age is not None]
    return max(0.0, min(ages)) if ages else Unknown("no data yet", "it has replayed no transaction yet")


def _receiver(here: Row, hidden: Unknown) -> Receiver:
    none = Unknown("failed", "there is no receiver: it does not follow a primary now")
    message, replayed = here["message_age_s"], here["replayed_age_s"]
    return Receiver(
        status=safe(here["status"]),
        sender=safe(here["sender"]),
        message_age_s=hidden if here["hidden"] else none if message is None else max(0.0, message),
        paused=here["paused"],
        replayed_age_s=Unknown("no data yet", "no transaction replayed yet")
        if replayed is None
        else max(0.0, replayed),
    )
