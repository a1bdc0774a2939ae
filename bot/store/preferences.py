"""Preferences: what people, and managers for a channel or server, chose to be ordered."""

from dataclasses import astuple, replace
from datetime import datetime
from sqlite3 import Connection
from typing import Any

from bot.core.ids import PersonId
from bot.core.job import Place
from bot.core.limits import Scope, ScopeKind, scope, server_scope
from bot.core.preferences import OPTIONS, Options, Preferences, Whose
from bot.store.reading import Reading, read
from bot.store.rows import options_of, upsert
from bot.store.servers import known_person, note, person

_READ = f"SELECT {', '.join(OPTIONS)} FROM preference WHERE scope = ?"  # noqa: S608 - names
_WRITE = upsert("preference", ["scope"], OPTIONS)


def preferences(discord_id: int, place: Place) -> Reading[Preferences]:
    """Read every default that counts for a person in a place."""
    known = yield from known_person(discord_id)
    found = {}
    for whose, of in _scopes(known, place).items():
        found[whose] = yield from _options(str(of))
    return Preferences(found)


def prefer(  # noqa: PLR0917 - who sets what for whom, and where
    db: Connection,
    now: datetime,
    discord_id: int,
    place: Place,
    whose: Whose,
    option: str,
    value: Any,
) -> None:
    """Set one default of a person, or of the place they are in, or unset it with None.

    What others share gets an audit row.
    """
    of = str(_scopes(person(db, now, discord_id), place)[whose])
    before = read(db, _options(of))
    after = replace(before, **{option: value})
    if after == before:
        return
    db.execute(_WRITE, (of, *astuple(after)))
    if whose is not Whose.YOU:
        change = getattr(before, option), value
        note(db, now, discord_id, f"default {of} {option}", change, "")


def _options(of: str) -> Reading[Options]:
    rows = yield _READ, (of,)
    return options_of(zip(OPTIONS, rows[0], strict=True)) if rows else Options()


def _scopes(known: PersonId | None, place: Place) -> dict[Whose, Scope]:
    """Name who may have defaults in a place; a thread is of its channel."""
    found = {Whose.YOU: Scope(ScopeKind.PERSON, subject=known)} if known else {}
    if place.server_id is not None:
        channel = place.parent_id or place.channel_id
        found[Whose.CHANNEL] = scope(ScopeKind.CHANNEL, place.server_id, channel)
        found[Whose.SERVER] = server_scope(place.server_id)
    return found
