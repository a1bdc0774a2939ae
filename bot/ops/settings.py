"""Every setting there is: read once, checked whole, and never shown."""

import os
import textwrap
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from zoneinfo import ZoneInfo

from dotenv.parser import parse_stream
from pydantic import Field, PlainValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from bot.core.money import Money
from bot.ops import parse
from bot.ops.parse import Allowlist

CDN_HOSTS: Final = (
    "cdn.discordapp.com,media.discordapp.net,"
    "images-ext-1.discordapp.net,images-ext-2.discordapp.net"
)
S = TypeVar("S", bound="DataSettings")
Secret = Annotated[SecretStr, PlainValidator(parse.secret)]


class BadSettings(Exception):
    """One sentence a variable: its name, what is wrong, what is accepted; never its value."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _setting(default: Any, accepted: str, description: str) -> Any:
    """Declare a setting; a default of `...` means it must be given."""
    return Field(default, description=description, json_schema_extra={"accepted": accepted})


class DataSettings(BaseSettings):
    """Where everything is kept: all that commands need which connect to nothing."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True
    )

    database_url: Annotated[str, PlainValidator(parse.database_url)] = _setting(
        "sqlite:///data/easel.db",
        "sqlite:///PATH (four slashes begin an absolute path)",
        "The database: limits, bills and history.",
    )
    data_dir: Annotated[Path, PlainValidator(parse.folder)] = _setting(
        "data", "a folder", "Where paid pictures, backups and the heartbeat are kept."
    )

    @property
    def database_path(self) -> Path:
        """Give the database's file."""
        return Path(self.database_url.removeprefix(parse.SQLITE))

    @property
    def backups_dir(self) -> Path:
        """Give the folder of the hourly backups."""
        return self.data_dir / "backups"

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # `load` brings the environment, so that one wrong line is one sentence of ours.
        return (init_settings,)


class Settings(DataSettings):
    """The settings, checked. The name of a variable is the field's name in capitals."""

    discord_token: Secret = _setting(
        ..., "the bot's token", "The bot's token, from the Bot page of its Discord application."
    )
    omixa_api_key: Secret = _setting(
        ..., "a gateway key", "The key of the image gateway; everything is paid from its wallet."
    )
    omixa_base_url: Annotated[str, PlainValidator(parse.gateway_url)] = _setting(
        "https://www.omixa.cloud/api/v1",
        "an https address; plain http to this machine only",
        "Where the image gateway answers.",
    )
    omixa_signing_secret: Secret | None = _setting(
        None, "the secret issued with the key", "Signs every request, if the key asks for it."
    )
    guild_allowlist: Annotated[Allowlist, PlainValidator(parse.allowlist)] = _setting(
        "",
        "server ids with commas between them, * for all, or nothing for none",
        "The servers that may spend from the wallet. Left empty, none may.",
    )
    models_file: Annotated[Path, PlainValidator(parse.file)] | None = _setting(
        None, "an existing TOML file", "Further models, or other prices, beside the shipped ones."
    )
    discord_api_url: Annotated[str, PlainValidator(parse.discord_api_url)] | None = _setting(
        None,
        "an https address that ends in /api/v10; plain http to loopback and private addresses only",
        "Another address of Discord's REST API, such as a rate-limiting proxy.",
    )
    discord_gateway_url: Annotated[str, PlainValidator(parse.discord_gateway_url)] | None = (
        _setting(
            None,
            "a wss address; plain ws to loopback and private addresses only",
            "Another address of Discord's gateway.",
        )
    )
    attachment_hosts: Annotated[frozenset[str], PlainValidator(parse.hosts)] = _setting(
        CDN_HOSTS,
        "host names with commas between them",
        "The only hosts that people's pictures are downloaded from.",
    )
    operator_limit_day: Annotated[Money, PlainValidator(parse.money)] = _setting(
        "25", "dollars, such as 25 or 2.50", "What everybody together may spend in a day."
    )
    time_zone: Annotated[ZoneInfo, PlainValidator(parse.zone)] = _setting(
        "UTC",
        "a zone of the tz database, such as Europe/Warsaw",
        "When the operator's day begins; servers choose their own.",
    )
    max_calls: Annotated[int, PlainValidator(parse.whole_between(1, 64))] = _setting(
        "8", "a whole number from 1 to 64", "How many gateway calls may run at once."
    )
    log_level: Annotated[str, PlainValidator(parse.one_of(*parse.LOG_LEVELS))] = _setting(
        "INFO", ", ".join(parse.LOG_LEVELS), "How much is logged."
    )
    log_format: Annotated[str, PlainValidator(parse.one_of("text", "json"))] = _setting(
        "text", "text or json", "How it is logged: for people, or for machines."
    )
    http_port: Annotated[int, PlainValidator(parse.whole_between(1, 65535))] | None = _setting(
        None,
        "a whole number from 1 to 65535",
        "Answers /health and /metrics on every interface, without a password. Off if empty.",
    )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Give the values that no log may show."""
        given = (self.discord_token, self.omixa_api_key, self.omixa_signing_secret)
        return tuple(secret.get_secret_value() for secret in given if secret is not None)


def load(env: Mapping[str, str] | None = None, dotenv: Path | None = None) -> Settings:
    """Read the settings; the environment wins over the file, and an empty value is not given.

    Args:
        env: the variables, or None for the process's own.
        dotenv: a `.env` file, which need not exist.

    Raises:
        BadSettings: with a line for every variable that is wrong.
    """
    return _checked(Settings, env, dotenv)


def load_data(env: Mapping[str, str] | None = None, dotenv: Path | None = None) -> DataSettings:
    """Read as `load` does, but only what tells where everything is kept."""
    return _checked(DataSettings, env, dotenv)


def _checked(kind: type[S], env: Mapping[str, str] | None, dotenv: Path | None) -> S:
    given = _filled(_read(dotenv) if dotenv else {}) | _filled(os.environ if env is None else env)
    values: dict[str, Any] = {name: given.get(name.upper()) for name in kind.model_fields}
    try:
        return kind(**{name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False, include_context=False)
        lines = tuple(_line(str(one["loc"][0]), one["type"], one["msg"]) for one in errors)
    raise BadSettings(lines)  # outside of the except: the error's chain would hold the values


def example() -> str:
    """Write `.env.example`: every setting with its meaning and its default."""
    parts = ["# Copy this file to .env and fill in the two settings that have no # before them.\n"]
    # What must be filled in comes first.
    for name, field in sorted(
        Settings.model_fields.items(), key=lambda one: not one[1].is_required()
    ):
        about = f"{field.description} Accepted: {_accepted(name)}."
        default = field.default if isinstance(field.default, str) else ""
        mark = "" if field.is_required() else "#"
        comment = textwrap.fill(about, 96, initial_indent="# ", subsequent_indent="# ")
        parts.append(f"{comment}\n{mark}{name.upper()}={default}\n")
    return "\n".join(parts)


def _filled(given: Mapping[str, str]) -> dict[str, str]:
    return {name: value.strip() for name, value in given.items() if value.strip()}


def _read(path: Path) -> dict[str, str]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        raise BadSettings(
            (f"{path.name} cannot be read; accepted: a text file in UTF-8.",)
        ) from None
    bindings = list(parse_stream(StringIO(text)))
    lines = tuple(
        f"{path.name} line {binding.original.line} cannot be read; accepted: NAME=value."
        for binding in bindings
        if binding.error
    )
    if lines:
        raise BadSettings(lines)
    return {one.key: one.value for one in bindings if one.key and one.value is not None}


def _line(name: str, kind: str, message: str) -> str:
    wrong = "is missing" if kind == "missing" else message.removeprefix("Value error, ")
    return f"{name.upper()} {wrong}; accepted: {_accepted(name)}."


def _accepted(name: str) -> str:
    extra: Any = Settings.model_fields[name].json_schema_extra
    return str(extra["accepted"])


NAMES: Final = tuple(Settings.model_fields)

if __name__ == "__main__":
    print(example(), end="")  # noqa: T201 - this is the command
