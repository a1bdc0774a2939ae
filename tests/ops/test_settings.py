"""A wrong setting is one sentence with its name in it, and never its value."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.core.money import Money
from bot.ops.parse import Allowlist
from bot.ops.settings import NAMES, BadSettings, Settings, example, load

ROOT = Path(__file__).parents[2]
CANARY = "canary-9f8e7d6c"
NEEDED = {"DISCORD_TOKEN": "a.token", "OMIXA_API_KEY": "a-key"}
LAW = {
    "DISCORD_TOKEN",
    "OMIXA_API_KEY",
    "OMIXA_BASE_URL",
    "OMIXA_SIGNING_SECRET",
    "DATABASE_URL",
    "DATA_DIR",
    "GUILD_ALLOWLIST",
    "MODELS_FILE",
    "DISCORD_API_URL",
    "DISCORD_GATEWAY_URL",
    "ATTACHMENT_HOSTS",
    "OPERATOR_LIMIT_DAY",
    "TIME_ZONE",
    "MAX_CALLS",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "HTTP_PORT",
}


def with_(**values: str) -> Settings:
    return load(NEEDED | values)


def refused(**values: str) -> str:
    with pytest.raises(BadSettings) as caught:
        with_(**values)
    (line,) = caught.value.lines
    (name,) = values
    assert line.startswith(f"{name} ")
    assert "; accepted: " in line
    return line


def test_there_are_these_settings_and_no_other() -> None:
    assert {name.upper() for name in NAMES} == LAW


def test_two_are_needed_and_the_rest_has_defaults() -> None:
    settings = load(NEEDED)
    assert settings.discord_token.get_secret_value() == "a.token"
    assert settings.omixa_base_url == "https://www.omixa.cloud/api/v1"
    assert settings.omixa_signing_secret is None
    assert settings.database_path == Path("data/easel.db")
    assert settings.data_dir == Path("data")
    assert settings.guild_allowlist == Allowlist()
    assert settings.discord_api_url is None
    assert "cdn.discordapp.com" in settings.attachment_hosts
    assert len(settings.attachment_hosts) == 4
    assert settings.operator_limit_day == Money.parse("25")
    assert settings.time_zone.key == "UTC"
    assert (settings.max_calls, settings.http_port) == (8, None)
    assert (settings.log_level, settings.log_format) == ("INFO", "text")


def test_every_missing_or_wrong_variable_has_its_line() -> None:
    with pytest.raises(BadSettings) as caught:
        load({"MAX_CALLS": "0", "OMIXA_API_KEY": " "})
    lines = caught.value.lines
    assert [line.split()[0] for line in lines] == ["DISCORD_TOKEN", "OMIXA_API_KEY", "MAX_CALLS"]
    assert str(caught.value) == "\n".join(lines)
    assert "DISCORD_TOKEN is missing" in lines[0]


@pytest.mark.parametrize("name", ["DISCORD_TOKEN", "OMIXA_API_KEY", "OMIXA_SIGNING_SECRET"])
def test_a_secret_is_never_shown(name: str) -> None:
    settings = with_(**{name: CANARY})
    shown = [str(settings), repr(settings), f"{settings}", f"{settings!r:>9}"]
    assert not any(CANARY in text for text in shown)
    assert CANARY in settings.secrets


@pytest.mark.parametrize("name", sorted(LAW))
def test_no_refusal_repeats_the_value(name: str) -> None:
    wrong = f"http://{CANARY} \x01@?#"
    with pytest.raises(BadSettings) as caught:
        load(NEEDED | {name: wrong, "MAX_CALLS": CANARY})
    chain: BaseException | None = caught.value
    while chain is not None:
        assert CANARY not in str(chain) + repr(chain)
        assert not isinstance(chain, ValidationError)
        chain = chain.__cause__ or chain.__context__


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load(NEEDED).max_calls = 9


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("*", [1, 10**18], []),
        ("1, 2,", [1, 2], [3]),
        ("", [], [1]),
    ],
)
def test_servers_spend_when_they_are_allowed(
    text: str, inside: list[int], outside: list[int]
) -> None:
    allowed = with_(GUILD_ALLOWLIST=text).guild_allowlist
    assert all(server in allowed for server in inside)
    assert not any(server in allowed for server in outside)


@pytest.mark.parametrize("text", ["x", "1;2", "-1", "0", "*,1", "1.5"])
def test_a_server_is_an_id(text: str) -> None:
    assert "no server id" in refused(GUILD_ALLOWLIST=text)


@pytest.mark.parametrize(
    "url",
    ["https://gate.example/v1/", "http://localhost:9/v1", "http://127.0.0.1", "http://[::1]:9"],
)
def test_the_key_travels_encrypted_or_not_at_all(url: str) -> None:
    assert with_(OMIXA_BASE_URL=url).omixa_base_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://gate.example/v1",
        "http://10.0.0.5/v1",
        "http://localhost.example",
        "ftp://localhost",
        "gate.example",
        "https://",
        "https://user:word@gate.example",
        "https://@gate.example",
        "https://gate.example?key=1",
        "https://gate.example#x",
        "https://gate.example:port",
        "https://[gate",
    ],
)
def test_an_address_that_would_leak_the_key_is_refused(url: str) -> None:
    refused(OMIXA_BASE_URL=url)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DISCORD_API_URL", "https://proxy.example/api/v10"),
        ("DISCORD_API_URL", "http://192.168.1.5:8080/api/v10"),
        ("DISCORD_API_URL", "http://localhost:1/api/v10"),
        ("DISCORD_GATEWAY_URL", "wss://proxy.example"),
        ("DISCORD_GATEWAY_URL", "ws://10.0.0.5:8080"),
    ],
)
def test_discord_may_be_behind_a_proxy(name: str, url: str) -> None:
    assert getattr(with_(**{name: url}), name.lower()) == url


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DISCORD_API_URL", "https://proxy.example"),
        ("DISCORD_API_URL", "http://proxy.example/api/v10"),
        ("DISCORD_API_URL", "http://8.8.8.8/api/v10"),
        ("DISCORD_GATEWAY_URL", "https://proxy.example"),
        ("DISCORD_GATEWAY_URL", "ws://proxy.example"),
    ],
)
def test_a_token_does_not_travel_in_clear(name: str, url: str) -> None:
    refused(**{name: url})


@pytest.mark.parametrize(
    ("url", "path"), [("sqlite:///a/b.db", "a/b.db"), ("sqlite:////srv/b.db", "/srv/b.db")]
)
def test_the_database_is_a_file(url: str, path: str) -> None:
    assert with_(DATABASE_URL=url).database_path == Path(path)


@pytest.mark.parametrize(
    "url",
    ["postgresql://x/y", "a.db", "sqlite:///", "sqlite:///:memory:", "sqlite:///a.db?mode=ro"],
)
def test_the_database_is_nothing_else(url: str) -> None:
    refused(DATABASE_URL=url)


def test_folders_and_files_are_what_they_should_be(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.touch()
    assert with_(MODELS_FILE=str(file)).models_file == file
    assert with_(DATA_DIR=str(tmp_path / "new")).data_dir == tmp_path / "new"
    refused(MODELS_FILE=str(tmp_path))
    refused(MODELS_FILE="a" * 5000)
    refused(MODELS_FILE="a\0b")
    refused(DATA_DIR=str(file))


def test_hosts_are_names_with_or_without_a_port() -> None:
    hosts = with_(ATTACHMENT_HOSTS="CDN.example, 127.0.0.1:8801").attachment_hosts
    assert hosts == {"cdn.example", "127.0.0.1:8801"}


@pytest.mark.parametrize("text", [",", "https://cdn.example", "a b", "a/b", "*.example", "user@a"])
def test_hosts_are_nothing_else(text: str) -> None:
    refused(ATTACHMENT_HOSTS=text)


@pytest.mark.parametrize("text", ["-1", "1,50", "ten", "1e3", "0.0000001", "NaN"])
def test_an_amount_is_exact(text: str) -> None:
    refused(OPERATOR_LIMIT_DAY=text)


@pytest.mark.parametrize("text", ["Mars/Base", "../etc/passwd", "Europe", "utc+1"])
def test_a_zone_must_exist(text: str) -> None:
    assert with_(TIME_ZONE="Europe/Warsaw").time_zone.key == "Europe/Warsaw"
    refused(TIME_ZONE=text)


@pytest.mark.parametrize("text", ["0", "65", "-1", "8.0", "eight", "٨"])
def test_calls_are_counted_in_whole_numbers(text: str) -> None:
    assert [with_(MAX_CALLS=ends).max_calls for ends in ("1", "64")] == [1, 64]
    refused(MAX_CALLS=text)


def test_words_are_read_in_any_case() -> None:
    settings = with_(LOG_LEVEL="debug", LOG_FORMAT="JSON", HTTP_PORT="9100")
    assert (settings.log_level, settings.log_format) == ("DEBUG", "json")
    assert settings.http_port == 9100
    refused(LOG_LEVEL="loud")


@pytest.mark.parametrize(
    "body",
    [
        b"DISCORD_TOKEN=a.token\nOMIXA_API_KEY=a-key",
        b"\xef\xbb\xbfDISCORD_TOKEN=a.token\r\nOMIXA_API_KEY=a-key\r\n",
        b"DISCORD_TOKEN = 'a.token'   # mine\n\n# a comment\nexport OMIXA_API_KEY=\"a-key\"\n",
        b"DISCORD_TOKEN=  a.token  \nOMIXA_API_KEY=a-key # paid\nMAX_CALLS=\nUNKNOWN\n",
    ],
)
def test_a_file_may_be_written_in_many_ways(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / ".env"
    path.write_bytes(body)
    assert load({}, path) == load(NEEDED)


def test_a_dollar_in_a_secret_is_a_dollar(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("DISCORD_TOKEN=a${HOME}b\nOMIXA_API_KEY=a-key\n")
    assert load({}, path).discord_token.get_secret_value() == "a${HOME}b"


def test_the_environment_wins_unless_it_is_empty(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("DISCORD_TOKEN=of-the-file\nOMIXA_API_KEY=a-key\nMAX_CALLS=3\n")
    settings = load({"DISCORD_TOKEN": "", "MAX_CALLS": "4"}, path)
    assert settings.discord_token.get_secret_value() == "of-the-file"
    assert settings.max_calls == 4


def test_the_process_environment_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in LAW:
        monkeypatch.delenv(name, raising=False)
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)
    assert load(dotenv=tmp_path / "none") == load(NEEDED)


def test_a_line_that_cannot_be_read_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(f"DISCORD_TOKEN=a.token\nOMIXA_API_KEY='{CANARY}\n")
    with pytest.raises(BadSettings, match=r"\.env line 2") as caught:
        load({}, path)
    assert CANARY not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes("DISCORD_TOKEN=a.token\n".encode("utf-16"))
    with pytest.raises(BadSettings, match="UTF-8"):
        load(NEEDED, path)
    with pytest.raises(BadSettings, match="cannot be read"):
        load(NEEDED, tmp_path)


def test_the_example_is_up_to_date() -> None:
    assert (ROOT / ".env.example").read_text() == example()


def test_the_example_names_every_setting_and_runs_when_filled_in(tmp_path: Path) -> None:
    assert set(re.findall(r"^#?([A-Z_]+)=", example(), re.MULTILINE)) == LAW
    path = tmp_path / ".env"
    filled = re.sub(r"^(DISCORD_TOKEN|OMIXA_API_KEY)=$", r"\1=x", example(), flags=re.MULTILINE)
    path.write_text(filled.replace("\n#", "\n"))  # defaults written out are the defaults
    wrong = [line for line in path.read_text().splitlines() if "=" not in line or " " in line]
    path.write_text("\n".join(line for line in path.read_text().splitlines() if line not in wrong))
    assert load({}, path) == load({"DISCORD_TOKEN": "x", "OMIXA_API_KEY": "x"})


def test_the_page_about_settings_has_a_row_for_each() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert set(re.findall(r"^\| `([A-Z_]+)`", page, re.MULTILINE)) == LAW
    for name, field in Settings.model_fields.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name.upper()}`"))
        if isinstance(field.default, str) and field.default:
            assert f"`{field.default}`" in row.replace("`, `", ",")
