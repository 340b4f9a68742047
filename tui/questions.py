"""What an action needs to know and the selection does not say, asked for at the bottom of the screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from services.actions.ids import joined
from services.actions.plan import Request, Way
from services.profile import (
    CommandAction,
    ElevationAction,
    FlagAction,
    HttpAction,
    MaintenanceAction,
    SilenceAction,
    VerifyAction,
)
from services.readings import FlagsValues, QueueValues
from tui.request import Lacking, NotHere, request
from tui.selection import Selection

if TYPE_CHECKING:
    from tui.app import Watchdeck


class Questions:
    """Each answers None when the person left without an answer."""

    def __init__(self, app: Watchdeck) -> None:
        self._app = app

    async def about(
        self, action_id: str, selection: Selection, way: Way, known: Mapping[str, str] = MappingProxyType({})
    ) -> Request | None:
        """What the action is about, then how it shall be done; what is `known` is not asked."""
        deck = self._app.deck
        given = dict(known)
        while True:
            try:
                wanted = request(deck, action_id, selection, way, **given)
            except Lacking as lacking:
                action = deck.profile.actions[action_id]
                assert isinstance(action, FlagAction)
                question = f"{action.title}: which {lacking.param}?"
                value = await self._ask(
                    question, _matching(action.params[lacking.param]), known=self._known(action, lacking.param)
                )
                if value is None:
                    return None
                given[lacking.param] = value
            else:
                return await self._settings(wanted, selection)

    def _known(self, action: FlagAction, param: str) -> Sequence[str]:
        """What it may be, as far as that is known: it is offered while the person types."""
        deck = self._app.deck
        if param == "type":
            queue = deck.values("queue", QueueValues)
            return [kind.type for kind in queue.types] if queue else ()
        before, _, after = action.flag.partition(f"{{{param}}}")
        flags = deck.values("flags", FlagsValues)
        names = [flag.name for flag in flags.flags] if flags else []
        fitting = (name for name in names if name.startswith(before) and name.endswith(after))
        return [name.removeprefix(before).removesuffix(after) for name in fitting]

    async def _settings(self, wanted: Request, selection: Selection) -> Request | None:
        """What the action needs beside a selection: a value, and how long a flag shall hold."""
        action = self._app.deck.profile.actions[wanted.action]
        if isinstance(action, CommandAction | HttpAction | VerifyAction):
            return await self._params(wanted, action, dict(selection.labels))
        if isinstance(action, SilenceAction):
            return await self._lasting(wanted, action)
        if isinstance(action, ElevationAction) and action.do == "request":
            return await self._elevation(wanted, action)
        if isinstance(action, MaintenanceAction) and action.do == "reindex" and "ids" not in wanted.args:
            return await self._index(wanted, action, selection)
        return await self._flag(wanted, action) if isinstance(action, FlagAction) else wanted

    async def _index(self, wanted: Request, action: MaintenanceAction, selection: Selection) -> Request | None:
        """Which one, of the table under the cursor or the marked ones, or of all."""
        from services.actions.effects.maintenance.effect import Maintenance

        tables = selection.ids if selection.of == "tables" else ()
        self._app.say("asking which indexes there are …")
        known = await Maintenance(self._app.deck.profile, wanted.action, action).named(tables)
        if not known:
            raise NotHere(f"{action.title}: {', '.join(tables) or 'this database'} has none that it may be about")
        asked = f"{action.title}: which?{' Of ' + ', '.join(tables) if tables else ''}"
        chosen = await self._ask(asked, _one_of(known), known[0], known)
        return None if chosen is None else wanted.model_copy(update={"args": {**wanted.args, "ids": joined((chosen,))}})

    async def _elevation(self, wanted: Request, action: ElevationAction) -> Request | None:
        """For which read, and for how many minutes."""
        from services.profile.restricted import ALL

        restricted = self._app.deck.profile.restricted
        reads = (*restricted.reads, ALL)
        what = await self._ask(
            f"{action.title}: for what? {', '.join(reads)}", _one_of(reads), reads[0] if len(reads) == 2 else "", reads
        )
        if what is None:
            return None
        most = f"{restricted.minutes:g}"
        minutes = await self._ask(f"{action.title}: for how many minutes? {most} at most", _minutes, "15")
        return None if minutes is None else wanted.model_copy(update={"args": {"what": what, "minutes": minutes}})

    async def _params(
        self, wanted: Request, action: CommandAction | HttpAction | VerifyAction, labels: Mapping[str, str]
    ) -> Request | None:
        """Each that was not given with what is selected; what the selected alert is about is proposed."""
        args = dict(wanted.args)
        for name, pattern in action.params.items():
            about = labels.get(name, "")
            value = args.get(name) or await self._chosen(action, name, about if re.fullmatch(pattern, about) else "")
            if value is None:
                return None
            args[name] = value
        return wanted.model_copy(update={"args": args})

    async def _chosen(self, action: CommandAction | HttpAction | VerifyAction, name: str, about: str) -> str | None:
        """From the program's list, where the profile names one; the preview insists on it."""
        known: Sequence[str] = ()
        pattern = action.params[name]
        if isinstance(action, CommandAction) and name in action.choices:
            from services.actions.effects.choices import choices

            self._app.say(f"asking what {name} may be …")
            known = await choices(action, name)
        optional = " (it may stay empty)" if isinstance(action, VerifyAction) and re.fullmatch(pattern, "") else ""
        return await self._ask(f"{action.title}: {name}?{optional}", _matching(pattern), about, known)

    async def _lasting(self, wanted: Request, action: SilenceAction) -> Request | None:
        from services.model import spell_duration

        question = f"{action.title}: for how long? {spell_duration(action.max)} at most"
        lasts = await self._ask(question, _span, spell_duration(action.for_))
        return wanted.model_copy(update={"args": {**wanted.args, "for": lasts}}) if lasts is not None else None

    async def _flag(self, wanted: Request, action: FlagAction) -> Request | None:
        args = dict(wanted.args)
        of = ", ".join(args[param] for param in action.params)
        titled = f"{action.title} ({of})" if of else action.title
        if action.takes_value and "value" not in args:
            value = await self._ask(f"{titled}: how many at once?", _whole)
            if value is None:
                return None
            args["value"] = value
        if (action.takes_value or self._unusual(action)) and "expires" not in args:
            expires = await self._ask(f"{titled}: for how long (30m, 2h)? empty: until undone", _span)
            if expires is None:
                return None
            args |= {"expires": expires} if expires else {}
        return wanted.model_copy(update={"args": args})

    def _unusual(self, action: FlagAction) -> bool:
        """Whether it makes what should come to an end by itself, and does not end it."""
        flags = self._app.deck.values("flags", FlagsValues)
        exceptional = any(flag.name == action.flag and flag.exceptional for flag in (flags.flags if flags else ()))
        return action.enabled is exceptional

    async def _ask(self, question: str, check: object, value: str = "", known: Sequence[str] = ()) -> str | None:
        from widgets.prompt import Prompt

        prompt = Prompt(question, value, check=check, known=known, proposed=True)  # type: ignore[arg-type]
        answer: str | None = await self._app.push_screen_wait(prompt)
        return None if answer is None else answer.strip()


def _matching(pattern: str) -> Callable[[str], str]:
    return lambda text: "" if re.fullmatch(pattern, text.strip()) else f"something matching {pattern}"


def _one_of(known: Sequence[str]) -> Callable[[str], str]:
    return lambda text: "" if text.strip() in known else f"one of {', '.join(known)}"


def _minutes(text: str) -> str:
    """How many at most, the preview says."""
    return "" if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text.strip()) else "a number of minutes"


def _whole(text: str) -> str:
    return "" if text.strip().isdecimal() and len(text.strip()) <= 6 else "a whole number"


def _span(text: str) -> str:
    from services.model import parse_duration

    if not text.strip():
        return ""
    try:
        parse_duration(text.strip())
    except ValueError as error:
        return str(error)
    return ""
