"""Settings: what an installation may set, and what is said about a value that can't be used."""

from __future__ import annotations

import stat
from ipaddress import ip_network
from pathlib import Path

import pytest

from config import Settings, SettingsError


def test_without_any_variable_the_embedded_default_is_used() -> None:
    settings = Settings.from_environ({})
    assert settings == Settings()
    assert settings.database_url == "sqlite:///var/siaga.db"
    assert not settings.demo


def test_every_variable_is_read() -> None:
    settings = Settings.from_environ(
        {
            "SIAGA_HTTP_HOST": "0.0.0.0",
            "SIAGA_HTTP_PORT": "8080",
            "SIAGA_AGI_HOST": "10.0.0.1",
            "SIAGA_AGI_PORT": "4574",
            "SIAGA_DATA": "/srv/siaga",
            "SIAGA_CITY": "/srv/city",
            "SIAGA_DEMO": "1",
            "SIAGA_SIMULATOR": "0",
            "SIAGA_SECRET_KEY": "k" * 40,
            "SIAGA_ALLOWED_ORIGINS": "https://a.example, http://b.example:8080",
            "SIAGA_COOKIE_SECURE": "yes",
            "SIAGA_TRUSTED_PROXIES": "2",
            "SIAGA_AGI_MAX_SESSIONS": "50",
            "SIAGA_AGI_SESSION_S": "2.5",
            "SIAGA_AGI_PEERS": "192.0.2.20, 2001:db8::/64",
            "SIAGA_CONNECTIONS_PER_ADDRESS": "50",
            "SIAGA_REQUEST_S": "4",
            "SIAGA_PLAIN_HTTP": "1",
            "SIAGA_SESSION_HOURS": "8",
            "SIAGA_TILE_URL": "https://tiles.example/{z}/{x}/{y}.png",
            "SIAGA_TILE_ATTRIBUTION": "Peta Kota",
            "SIAGA_PUBLIC_URL": "https://siaga.example/",
            "SIAGA_SMS_URL": "https://sms.example/send?v=1",
            "SIAGA_SMS_TOKEN": "hush",
            "SIAGA_SMS_HEADER": "X-Api-Key",
            "SIAGA_SMS_FORMAT": "form",
            "SIAGA_SMS_FIELDS": "msisdn={to}&message={text}&sender=SIAGA",
        }
    )
    assert settings == Settings(
        http_host="0.0.0.0",
        http_port=8080,
        agi_host="10.0.0.1",
        agi_port=4574,
        data_dir=Path("/srv/siaga"),
        database_url="sqlite:////srv/siaga/siaga.db",
        city=Path("/srv/city"),
        demo=True,
        simulator=0.0,
        secret_key="k" * 40,
        allowed_origins=("https://a.example", "http://b.example:8080"),
        cookie_secure=True,
        trusted_proxies=2,
        agi_max_sessions=50,
        agi_session_s=2.5,
        agi_peers=(ip_network("192.0.2.20"), ip_network("2001:db8::/64")),
        connections_per_address=50,
        request_s=4.0,
        plain_http=True,
        session_hours=8.0,
        tile_url="https://tiles.example/{z}/{x}/{y}.png",
        tile_attribution="Peta Kota",
        public_url="https://siaga.example",
        sms_url="https://sms.example/send?v=1",
        sms_token="hush",
        sms_header="X-Api-Key",
        sms_format="form",
        sms_fields=(("msisdn", "{to}"), ("message", "{text}"), ("sender", "SIAGA")),
    )


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_environ({"SIAGA_HTTP_PORT": "", "SIAGA_DEMO": " "}) == Settings()


def test_postgresql_is_reached_through_the_driver_that_is_installed() -> None:
    settings = Settings.from_environ({"SIAGA_DATABASE_URL": "postgresql://siaga@db/siaga"})
    assert settings.database_url == "postgresql+psycopg://siaga@db/siaga"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SIAGA_HTTP_PORT", "http", "a whole number from 0 to 65535"),
        ("SIAGA_HTTP_PORT", "65536", "a whole number from 0 to 65535"),
        ("SIAGA_HTTP_PORT", "-1", "a whole number from 0 to 65535"),
        ("SIAGA_HTTP_PORT", "٥", "a whole number from 0 to 65535"),
        ("SIAGA_DEMO", "maybe", "0 or 1"),
        ("SIAGA_SIMULATOR", "nan", "a number from 0 to 6000"),
        ("SIAGA_SIMULATOR", "fast", "a number from 0 to 6000"),
        ("SIAGA_DATABASE_URL", "mysql://siaga", "sqlite://"),
        ("SIAGA_DATABASE_URL", "siaga.db", "sqlite://"),
        ("SIAGA_ALLOWED_ORIGINS", "https://a.example/path", "origins such as"),
        ("SIAGA_ALLOWED_ORIGINS", "*", "origins such as"),
        ("SIAGA_TILE_URL", "javascript:alert(1)", "an address such as"),
        ("SIAGA_AGI_SESSION_S", "0", "a number from 0.1 to 600"),
        ("SIAGA_DATA", "a\0b", "NUL"),
        ("SIAGA_PUBLIC_URL", "siaga.example", "an address such as"),
        ("SIAGA_PUBLIC_URL", "https://siaga.example/app", "an address such as"),
        ("SIAGA_SMS_URL", "ftp://sms.example", "an address such as"),
        ("SIAGA_SMS_TOKEN", "a\nb", "on one line"),
        ("SIAGA_SMS_HEADER", "X Key", "the name of an HTTP header"),
        ("SIAGA_SMS_FORMAT", "xml", "json or form"),
        ("SIAGA_SMS_FIELDS", "to={to}", "{text}"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_name_and_what_is_allowed(
    name: str, value: str, said: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environ({name: value})
    assert str(refused.value).startswith(name)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_secret_key_is_never_repeated_in_an_error_or_a_repr() -> None:
    with pytest.raises(SettingsError) as refused:
        Settings.from_environ({"SIAGA_SECRET_KEY": "hush-hush"})
    assert "hush" not in str(refused.value)
    assert "hush" not in repr(Settings.from_environ({"SIAGA_SECRET_KEY": "hush-hush" * 5}))


def test_a_secret_key_is_made_once_for_the_owner_only_and_then_kept(tmp_path: Path) -> None:
    first = Settings(data_dir=tmp_path / "data").with_secret_key()
    second = Settings(data_dir=tmp_path / "data").with_secret_key()
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600


def test_a_given_secret_key_is_used_and_nothing_is_written(tmp_path: Path) -> None:
    given = Settings(data_dir=tmp_path / "data", secret_key="k" * 40).with_secret_key()
    assert given.secret_key == "k" * 40
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="SIAGA_DATA: cannot use"):
        Settings(data_dir=tmp_path / "file" / "data").with_secret_key()


@pytest.mark.parametrize("content", ["", "short\n", "\xff\xfe"])
def test_a_damaged_secret_key_file_is_not_used(tmp_path: Path, content: str) -> None:
    (tmp_path / "secret_key").write_bytes(content.encode("latin-1"))
    with pytest.raises(SettingsError, match="delete it and start again"):
        Settings(data_dir=tmp_path).with_secret_key()


def test_a_geocoder_of_ones_own_is_named_with_its_address() -> None:
    settings = Settings.from_environ({"SIAGA_GEOCODER": "Photon", "SIAGA_GEOCODER_URL": "http://127.0.0.1:2322/"})
    assert (settings.geocoder, settings.geocoder_url, settings.geocoder_s) == ("photon", "http://127.0.0.1:2322", 1.5)
    assert Settings.from_environ({}).geocoder == ""


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"SIAGA_GEOCODER": "google", "SIAGA_GEOCODER_URL": "http://127.0.0.1"}, "SIAGA_GEOCODER="),
        ({"SIAGA_GEOCODER": "photon"}, "SIAGA_GEOCODER_URL="),
        ({"SIAGA_GEOCODER": "photon", "SIAGA_GEOCODER_URL": "127.0.0.1:2322"}, "SIAGA_GEOCODER_URL="),
        ({"SIAGA_GEOCODER": "photon", "SIAGA_GEOCODER_URL": "ftp://127.0.0.1"}, "SIAGA_GEOCODER_URL="),
        ({"SIAGA_GEOCODER": "photon", "SIAGA_GEOCODER_URL": "http://me:secret@127.0.0.1"}, "SIAGA_GEOCODER_URL="),
        ({"SIAGA_GEOCODER_URL": "http://127.0.0.1:2322"}, "SIAGA_GEOCODER="),
        ({"SIAGA_GEOCODER_TIMEOUT": "0"}, "SIAGA_GEOCODER_TIMEOUT="),
        ({"SIAGA_PMTILES": "/nowhere/kota.pmtiles"}, "SIAGA_PMTILES="),
    ],
)
def test_a_geocoder_or_map_file_that_cannot_be_used_is_named(variables: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        Settings.from_environ(variables)


def test_a_map_file_is_taken_where_it_is(tmp_path: Path) -> None:
    file = tmp_path / "kota.pmtiles"
    file.write_bytes(b"PMTiles")
    assert Settings.from_environ({"SIAGA_PMTILES": str(file)}).pmtiles == file
