from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from assistant.errors import SettingsError
from assistant.settings import Settings


def load(home: Path, toml: str = "", environment: dict[str, str] | None = None, **options) -> Settings:
    (home / "settings.toml").write_text(toml, encoding="utf-8")
    return Settings.load(environment or {}, home=home, **options)


def test_the_defaults_hold_where_nothing_is_set(tmp_path):
    assert Settings.load({}, home=tmp_path) == Settings(home=tmp_path)


def test_the_page_listens_on_this_machine_alone_unless_told_otherwise(tmp_path):
    assert Settings.load({}, home=tmp_path).host == "127.0.0.1"


def test_the_folders_lie_in_the_home_folder(tmp_path):
    settings = Settings.load({}, home=tmp_path)
    assert (settings.index_folder, settings.cache_folder) == (tmp_path / "index", tmp_path / "cache")


def test_the_file_overrides_the_defaults(tmp_path):
    assert load(tmp_path, "port = 8000").port == 8000


def test_the_environment_overrides_the_file(tmp_path):
    assert load(tmp_path, "port = 8000", {"FOOTNOTE_PORT": "8001"}).port == 8001


def test_options_override_the_environment(tmp_path):
    assert load(tmp_path, "port = 8000", {"FOOTNOTE_PORT": "8001"}, port=8002).port == 8002


def test_an_option_left_out_and_an_empty_variable_change_nothing(tmp_path):
    assert load(tmp_path, "port = 8000", {"FOOTNOTE_PORT": ""}, port=None).port == 8000


def test_the_environment_says_where_the_file_is(tmp_path):
    (tmp_path / "settings.toml").write_text("port = 8000", encoding="utf-8")
    settings = Settings.load({"FOOTNOTE_HOME": str(tmp_path)})
    assert (settings.home, settings.port) == (tmp_path, 8000)


def test_an_option_says_where_the_file_is_before_the_environment(tmp_path):
    assert Settings.load({"FOOTNOTE_HOME": "/nowhere"}, home=tmp_path).home == tmp_path


def test_a_tilde_is_the_persons_folder():
    assert Settings.load({"FOOTNOTE_HOME": "~/no-such-footnote"}).home == Path.home() / "no-such-footnote"


@pytest.mark.parametrize("setting", [one.name for one in fields(Settings) if one.name != "home"])
def test_every_setting_can_be_set_by_the_environment(setting, tmp_path):
    value = {"prompt": "large", "answer_above": "0.25", "context_tokens": "600"}.get(setting, "77")
    settings = Settings.load({f"FOOTNOTE_{setting.upper()}": value}, home=tmp_path)
    assert str(getattr(settings, setting)) == value


def test_variables_of_others_are_left_alone(tmp_path):
    assert Settings.load({"PORT": "1", "FOOTNOTE_NOTHING": "x"}, home=tmp_path) == Settings(home=tmp_path)


@pytest.mark.parametrize(
    ("setting", "least", "most"),
    [
        ("port", 1, 65_535),
        ("context_tokens", 512, 1_048_576),
        ("answer_tokens", 16, 8_192),
        ("answer_words", 20, 1_000),
        ("answer_above", 0, 1),
        ("gpu_layers", -1, 10_000),
        ("threads", 0, 1_024),
    ],
)
def test_a_number_must_lie_within_its_limits(setting, least, most, tmp_path):
    for value in (least, most):
        assert getattr(Settings.load({}, home=tmp_path, **{setting: value}), setting) == value
    for value in (least - 1, most + 1):
        with pytest.raises(SettingsError, match=f"{setting} = .* in the command line is out of range"):
            Settings.load({}, home=tmp_path, **{setting: value})


@pytest.mark.parametrize("value", ["many", "7.5", "nan"])
def test_a_variable_that_is_no_number_is_refused_by_name_and_source(value, tmp_path):
    with pytest.raises(SettingsError, match=f"port = '{value}' in the environment is not a number"):
        Settings.load({"FOOTNOTE_PORT": value}, home=tmp_path)


def test_no_probability_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="answer_above"):
        Settings.load({"FOOTNOTE_ANSWER_ABOVE": "nan"}, home=tmp_path)


@pytest.mark.parametrize("value", ["[1]", "inf", "nan", "7860.5", "true", '"many"', "{}"])
def test_a_value_in_the_file_that_is_no_number_is_refused_by_name_and_source(value, tmp_path):
    with pytest.raises(SettingsError, match=r"port = .* in .*settings\.toml is not a number"):
        load(tmp_path, f"port = {value}")


def test_an_unknown_name_is_refused_with_the_names_there_are(tmp_path):
    with pytest.raises(SettingsError, match=r"settings\.toml sets 'prot', which is no setting: use one of .*port"):
        load(tmp_path, "prot = 8000")


def test_an_unknown_prompt_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="use auto, small or large"):
        load(tmp_path, 'prompt = "huge"')


def test_a_file_that_is_not_toml_is_refused_by_its_path(tmp_path):
    with pytest.raises(SettingsError, match=r"settings\.toml cannot be read"):
        load(tmp_path, "port: 8000")


def test_a_file_that_is_not_text_is_refused_by_its_path(tmp_path):
    (tmp_path / "settings.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match=r"settings\.toml cannot be read"):
        Settings.load({}, home=tmp_path)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    (tmp_path / "settings.toml").mkdir()
    with pytest.raises(SettingsError, match=r"settings\.toml cannot be read"):
        Settings.load({}, home=tmp_path)


def test_a_home_in_the_file_does_not_move_the_home(tmp_path):
    assert load(tmp_path, 'home = "/elsewhere"').home == tmp_path
