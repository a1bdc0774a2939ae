"""Presets: styles under a name, of a person or shared by a server."""

from dataclasses import dataclass, field
from datetime import datetime
from sqlite3 import Connection

from bot.core.preferences import OPTIONS, Options
from bot.store.reading import Reading
from bot.store.rows import options_of, upsert
from bot.store.servers import note, person

PRESETS_MAX = 25  # a person's own, and as many a server shares
NAME_MAX = 32
TEXT_MAX = 1_000

PRESET_OPTIONS = tuple(name for name in OPTIONS if name not in {"private", "enhance", "thinking"})
_COLUMNS = ", ".join(PRESET_OPTIONS)


class TooManyPresets(Exception):
    """There are `PRESETS_MAX` already."""


class PresetTaken(Exception):
    """The server shares another one of that name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A style: its text is put around or after the words of a prompt.

    `id` is 0 until it is kept; `shared` ones are a server's, the others a person's own.
    """

    name: str
    text: str = ""
    options: Options = field(default_factory=Options)
    id: int = 0
    shared: bool = False


def folded(name: str) -> str:
    """Write a name as names compare."""
    return " ".join(name.casefold().split())


def presets(discord_id: int, server_id: int | None) -> Reading[list[Preset]]:
    """Read the presets that a person can use in a server, or (None) outside: their own first."""
    rows = yield _READ, (discord_id, server_id)
    return [
        Preset(
            id=number,
            shared=server is not None,
            name=name,
            text=text,
            options=options_of(zip(PRESET_OPTIONS, options, strict=True)),
        )
        for number, server, name, text, *options in rows
    ]


_READ = (
    f"SELECT id, server_id, name, prompt, {_COLUMNS} FROM preset"  # noqa: S608 - names
    " WHERE person_id = (SELECT id FROM person WHERE discord_id = ?) OR server_id = ?"
    " ORDER BY server_id IS NOT NULL, folded"
)


def save(db: Connection, now: datetime, discord_id: int, preset: Preset) -> bool:
    """Keep a person's own preset; tells whether it took the place of one of that name.

    Raises:
        TooManyPresets: when they would have more than `PRESETS_MAX`.
    """
    owner, key = person(db, now, discord_id), folded(preset.name)
    known = "SELECT 1 FROM preset WHERE person_id = ? AND folded = ?"
    replaced = db.execute(known, (owner, key)).fetchone() is not None
    if not replaced:
        _check_room(db, "person_id", owner)
    values = [getattr(preset.options, name) for name in PRESET_OPTIONS]
    db.execute(_SAVE, (owner, key, preset.name, preset.text, *values))
    return replaced


_SAVE = upsert("preset", ["person_id", "folded"], ["name", "prompt", *PRESET_OPTIONS])


def share(db: Connection, now: datetime, preset: Preset, server_id: int, actor: int) -> bool:
    """Make a person's own preset the server's; False when it is gone.

    Raises:
        PresetTaken: when the server shares another one of that name.
        TooManyPresets: when it would share more than `PRESETS_MAX`.
    """
    _check_room(db, "server_id", server_id)
    taken = "SELECT 1 FROM preset WHERE server_id = ? AND folded = ?"
    if db.execute(taken, (server_id, folded(preset.name))).fetchone():
        raise PresetTaken
    moved = db.execute(
        "UPDATE preset SET server_id = ?, person_id = NULL WHERE id = ? AND person_id = ?",
        (server_id, preset.id, person(db, now, actor)),
    )
    if moved.rowcount:
        note(db, now, actor, f"preset {preset.name} of {server_id}", (None, "shared"), "")
    return bool(moved.rowcount)


def delete(
    db: Connection, now: datetime, preset: Preset, server_id: int | None, actor: int
) -> bool:
    """Delete a preset, the actor's own or one that the server shares; False when it is gone."""
    if not preset.shared:
        own = "DELETE FROM preset WHERE id = ? AND person_id = ?"
        return bool(db.execute(own, (preset.id, person(db, now, actor))).rowcount)
    shared = "DELETE FROM preset WHERE id = ? AND server_id = ?"
    gone = bool(db.execute(shared, (preset.id, server_id)).rowcount)
    if gone:
        note(db, now, actor, f"preset {preset.name} of {server_id}", ("shared", None), "")
    return gone


def _check_room(db: Connection, column: str, owner: str | int) -> None:
    counted = f"SELECT count(*) FROM preset WHERE {column} = ?"  # noqa: S608 - names
    if db.execute(counted, (owner,)).fetchone()[0] >= PRESETS_MAX:
        raise TooManyPresets
