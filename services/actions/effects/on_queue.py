"""An effect on what a queue's mapping describes: its rows, or its flags."""

from __future__ import annotations

from services.actions.effects.by_function import ByFunction
from services.profile import Profile, QueueSource


class OnQueue(ByFunction):
    """`_queue` is the source that has the mapping."""

    def __init__(self, profile: Profile, action_id: str, queue: str) -> None:
        source = profile.sources[queue]
        assert isinstance(source, QueueSource)  # or the profile would not have been valid
        super().__init__(profile, action_id, source.database)
        self._queue = source
