"""Every error that watchdeck raises on purpose.

WatchdeckError
├── ConfigError      the profile or a preset is wrong: names file, table and key        (exit 2)
├── DeliveryError    a notice did not arrive at its channel                               (said, and tried again)
├── RecordError      what people record cannot be written as they ask                    (exit 1)
├── SourceError      a source could not be read: carries a Fault                         (a reading, never a crash)
└── ActionError      an action was refused or did not happen                             (exit 1)
    ├── Denied       by the gate, or because its plan was changed: recorded              (exit 1)
    └── Unsettled    its outcome is not known yet                                        (exit 4)
"""

from __future__ import annotations

from services.readings import Fault, FaultKind


class WatchdeckError(Exception):
    """What happened, where, and what to do, in words for an operator."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n  -> {self.remedy}" if self.remedy else self.message


class ConfigError(WatchdeckError):
    """The profile, a preset or the settings cannot be used as they are."""

    exit_code = 2


class SourceError(WatchdeckError):
    """A source could not be read this time."""

    def __init__(self, kind: FaultKind, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.kind = kind

    @property
    def fault(self) -> Fault:
        return Fault(self.kind, self.message, self.remedy)


class DeliveryError(WatchdeckError):
    """A notice could not be handed on."""


class RecordError(WatchdeckError):
    """A record cannot go on like this: something is missing, or it has ended."""


class ActionError(WatchdeckError):
    """The action was refused, or nothing was changed."""


class Denied(ActionError):
    """Who asked may not do it, or not like this: the refusal is recorded."""


class Unsettled(ActionError):
    """The action's reply was lost: whether it was applied is not known yet."""

    exit_code = 4
