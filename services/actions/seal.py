"""The mark by which a preview is known again when it comes back from outside: a changed plan no longer carries it.

It guards against a plan that was edited, or left where others may write. Who acts is bounded by the database's rights,
not by this: whoever owns the key can preview anything as well.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from contextlib import suppress

from services.actions.journal import Journal
from services.actions.journal_file import JournalFile
from services.actions.plan import Plan
from services.errors import ActionError, Denied
from services.profile import Profile


def sealed(profile: Profile, plan: Plan) -> Plan:
    """The plan with its mark; without one where no key can be kept: such a plan can be looked at, not handed on."""
    with suppress(ActionError):
        return plan.model_copy(update={"seal": _mark(_key(profile), plan)})
    return plan


def insist_unchanged(profile: Profile, plan: Plan) -> None:
    """Denied when the plan is not, word for word, what a preview of ours has made."""
    if not hmac.compare_digest(plan.seal.encode(), _mark(_key(profile), plan).encode()):
        raise Denied(
            f"{plan.title}: the plan is not as the preview made it: it was changed, or made by another account",
            "take a new preview, as the account that carries it out",
        )


def _mark(key: bytes, plan: Plan) -> str:
    return hmac.new(key, plan.model_dump_json(exclude={"seal"}).encode(), hashlib.sha256).hexdigest()


def _key(profile: Profile) -> bytes:
    """One line, for our account alone, made when it is first needed; beside the audit, and as carefully opened."""
    file = JournalFile(Journal.of(profile).path.with_name("seal.key"))
    with file.locked() as descriptor:
        key = file.last_line(descriptor)
        if not key:
            key = secrets.token_hex(32).encode()
            file.append(descriptor, key + b"\n")
    return key
