from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SettingsError
from assistant.settings import ABOUT, Settings, overridden, saved


def load(home: Path, toml: str = "", environment: dict[str, str] | None = None, **options) -> Settings:
    (home / "settings.toml").write_text(toml, encoding="utf-8")
    return Settings.load(environment or {}, home=home, **options)


def test_the_defaults_hold_where_nothing_is_set(tmp_path):
    assert Settings.load({}, home=tmp_path) == Settings(home=tmp_path)


def test_the_page_listens_on_this_machine_only_by_default(tmp_path):
    assert Settings.load({}, home=tmp_path).host == "127.0.0.1"


def test_the_folders_are_in_the_home_folder(tmp_path):
    settings = Settings.load({}, home=tmp_path)
    assert (settings.index_folder, settings.cache_folder) == (tmp_path / "index", tmp_path / "cache")
    assert (settings.models_folder, settings.reports_folder) == (tmp_path / "models", tmp_path / "reports")
    assert settings.conversations_file == tmp_path / "conversations.sqlite"


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


def test_a_tilde_is_the_home_folder_of_the_user():
    assert Settings.load({"FOOTNOTE_HOME": "~/no-such-footnote"}).home == Path.home() / "no-such-footnote"


@pytest.mark.parametrize("setting", [one.name for one in fields(Settings) if one.name != "home"])
def test_every_setting_can_be_set_by_the_environment(setting, tmp_path):
    values = {"prompt": "large", "writing": "on", "theme": "dark", "answer_above": "0.25", "context_tokens": "600"}
    value = "{'url': 77}" if setting.endswith("_options") else values.get(setting, "77")
    settings = Settings.load({f"FOOTNOTE_{setting.upper()}": value.replace("'", '"')}, home=tmp_path)
    assert str(getattr(settings, setting)) == value


def test_a_table_of_options_is_read_from_the_file_and_kept_when_another_setting_is_saved(tmp_path):
    settings = load(tmp_path, 'store = "m.n:Store"\n[store_options]\nurl = "http://db"\n[store_options.client]\na = 1')
    assert settings.store_options == {"url": "http://db", "client": {"a": 1}}
    saved(settings, theme="dark")
    again = Settings.load({}, home=tmp_path)
    assert (again.theme, again.store_options) == ("dark", settings.store_options)


@pytest.mark.parametrize("value", ["sk-secret", "[1]", "7", ""])
def test_options_that_are_not_a_table_are_refused_without_showing_them(tmp_path, value):
    with pytest.raises(SettingsError, match=r"model_options in the command line is not a table") as raised:
        Settings.load({}, home=tmp_path, model_options=value)
    assert "sk-secret" not in str(raised.value)


def test_variables_of_other_programs_are_ignored(tmp_path):
    assert Settings.load({"PORT": "1", "FOOTNOTE_NOTHING": "x"}, home=tmp_path) == Settings(home=tmp_path)


@pytest.mark.parametrize("setting", [one.name for one in fields(Settings)])
def test_every_setting_has_help_and_a_default_that_is_allowed(setting):
    about, default = ABOUT[setting], getattr(Settings(), setting)
    assert about.help.endswith(".")
    assert not about.choices or default in about.choices
    assert about.limits is None or about.limits[0] <= default <= about.limits[1]


@pytest.mark.parametrize(
    ("setting", "least", "most"),
    [
        ("port", 1, 65_535),
        ("context_tokens", 512, 1_048_576),
        ("answer_tokens", 0, 32_768),
        ("answer_words", 20, 1_000),
        ("opening_words", 1, 1_000),
        ("answer_above", 0, 1),
        ("gpu_layers", -1, 10_000),
        ("threads", 0, 1_024),
        ("upload_megabytes", 1, 10_000),
    ],
)
def test_a_number_must_lie_within_its_limits(setting, least, most, tmp_path):
    for value in (least, most):
        assert getattr(Settings.load({}, home=tmp_path, **{setting: value}), setting) == value
    for value in (least - 1, most + 1):
        with pytest.raises(SettingsError, match=f"{setting} = .* in the command line is out of range"):
            Settings.load({}, home=tmp_path, **{setting: value})


@pytest.mark.parametrize("value", ["many", "7.5", "nan"])
def test_a_variable_that_is_not_a_whole_number_is_refused_by_name_and_source(value, tmp_path):
    with pytest.raises(SettingsError, match=f"port = '{value}' in the environment is not a whole number"):
        Settings.load({"FOOTNOTE_PORT": value}, home=tmp_path)


def test_nan_is_not_a_probability(tmp_path):
    with pytest.raises(SettingsError, match="answer_above"):
        Settings.load({"FOOTNOTE_ANSWER_ABOVE": "nan"}, home=tmp_path)


@pytest.mark.parametrize("value", ["[1]", "inf", "nan", "7860.5", "true", '"many"', "{}"])
def test_a_value_in_the_file_that_is_not_a_whole_number_is_refused_by_name_and_source(value, tmp_path):
    with pytest.raises(SettingsError, match=r"port = .* in .*settings\.toml is not a whole number"):
        load(tmp_path, f"port = {value}")


def test_an_unknown_name_is_refused_with_a_list_of_the_known_ones(tmp_path):
    with pytest.raises(SettingsError, match=r"settings\.toml sets 'prot', which is not a setting: use one of .*port"):
        load(tmp_path, "prot = 8000")


def test_an_unknown_prompt_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="use auto, small or large"):
        load(tmp_path, 'prompt = "huge"')


@pytest.mark.parametrize("theme", ["system", "light", "dark"])
def test_a_theme_can_be_chosen(theme, tmp_path):
    assert load(tmp_path, f'theme = "{theme}"').theme == theme


def test_an_unknown_theme_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"theme = 'pink' in the environment .* use system, light or dark"):
        load(tmp_path, environment={"FOOTNOTE_THEME": "pink"})


def test_text_in_place_of_a_probability_is_not_a_number(tmp_path):
    with pytest.raises(SettingsError, match=r"answer_above = 'high' in .*settings\.toml is not a number"):
        load(tmp_path, 'answer_above = "high"')


@pytest.mark.parametrize("setting", ["port", "theme"])
@pytest.mark.parametrize("value", ["true", "false"])
def test_a_truth_value_is_shown_as_toml_writes_it(setting, value, tmp_path):
    with pytest.raises(SettingsError, match=f"^{setting} = {value} in "):
        load(tmp_path, f"{setting} = {value}")


def test_a_number_in_place_of_text_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"model = 7 in .*settings\.toml is not text"):
        load(tmp_path, "model = 7")


def test_a_path_in_place_of_text_is_accepted(tmp_path):
    assert Settings.load({}, home=tmp_path, model=tmp_path / "model.gguf").model == str(tmp_path / "model.gguf")


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


def test_a_setting_is_overridden_where_the_environment_sets_it():
    environment = {"FOOTNOTE_PORT": "8001", "FOOTNOTE_HOST": ""}
    assert [overridden(name, environment) for name in ("port", "host", "theme")] == [True, False, False]


def test_the_programs_own_environment_overrides_where_none_is_given(monkeypatch):
    monkeypatch.setenv("FOOTNOTE_THEME", "dark")
    assert overridden("theme")


def test_a_saved_change_applies_now_and_at_the_next_start(tmp_path):
    settings = Settings.load({}, home=tmp_path)
    changed = saved(settings, theme="dark", answer_above=0.5, port=8000)
    assert changed == replace(settings, theme="dark", answer_above=0.5, port=8000)
    assert Settings.load({}, home=tmp_path) == changed


def test_saving_makes_the_home_folder_where_there_is_none(tmp_path):
    saved(Settings.load({}, home=tmp_path / "new" / "home"), theme="dark")
    assert Settings.load({}, home=tmp_path / "new" / "home").theme == "dark"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_saving_keeps_comments_and_order_of_the_file(end, tmp_path):
    lines = ["# mine", "theme = 'light'  # by day", "", "# the port", "port = 8000", ""]
    file = tmp_path / "settings.toml"
    file.write_bytes(end.join(lines).encode())
    saved(Settings.load({}, home=tmp_path), theme="dark", port=8001)
    lines[1], lines[4] = 'theme = "dark"  # by day', "port = 8001"
    assert file.read_bytes() == end.join(lines).encode()


def test_any_text_can_be_saved(tmp_path):
    odd = 'C:\\models\\"größe"\n# [x].gguf'
    saved(Settings.load({}, home=tmp_path), model=odd)
    assert Settings.load({}, home=tmp_path).model == odd


def test_a_value_equal_to_the_default_is_written_too(tmp_path):
    saved(load(tmp_path), port=7860)
    assert (tmp_path / "settings.toml").read_text(encoding="utf-8") == "port = 7860\n"


def test_only_the_changes_are_written(tmp_path):
    saved(load(tmp_path, environment={"FOOTNOTE_PORT": "8001"}, host="::1"), theme="dark")
    assert (tmp_path / "settings.toml").read_text(encoding="utf-8") == 'theme = "dark"\n'


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("port", 0, "port = 0 in the change is out of range"),
        ("port", None, "port = None in the change is not a whole number"),
        ("theme", "pink", "theme = 'pink' in the change is unknown"),
        ("store", None, "store = None in the change is not text"),
        ("prot", 8000, "'prot', which is not a setting"),
        ("home", "/elsewhere", "home .* set FOOTNOTE_HOME"),
        ("model", "\udcff", r"settings\.toml cannot be changed"),
    ],
)
def test_nothing_is_saved_when_one_change_is_wrong(name, value, message, tmp_path):
    settings = load(tmp_path, "threads = 2")
    with pytest.raises(SettingsError, match=message):
        saved(settings, threads=4, **{name: value})
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]
    assert (tmp_path / "settings.toml").read_text(encoding="utf-8") == "threads = 2"


@pytest.mark.parametrize("content", [b"port: 8000", b"\xff\xfe\x00", b'host = "caf\xe9"'])
def test_a_file_that_cannot_be_parsed_is_not_written_over(content, tmp_path):
    settings = load(tmp_path)
    settings.file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"settings\.toml cannot be changed"):
        saved(settings, theme="dark")
    assert settings.file.read_bytes() == content


def test_a_home_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match=r"settings\.toml cannot be changed"):
        saved(Settings.load({}, home=tmp_path / "file" / "home"), theme="dark")


def test_a_failure_while_saving_leaves_the_old_file_unchanged(tmp_path, monkeypatch):
    def fail(*_: object) -> None:
        raise OSError("disk full")

    settings = load(tmp_path, "threads = 2")
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(SettingsError, match="disk full"):
        saved(settings, threads=4)
    assert [path.name for path in tmp_path.iterdir()] == ["settings.toml"]
    assert Settings.load({}, home=tmp_path).threads == 2


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_saving_keeps_the_mode_of_the_file(tmp_path):
    settings = load(tmp_path)
    settings.file.chmod(0o600)
    saved(settings, theme="dark")
    assert settings.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_saving_replaces_the_file_behind_a_link(tmp_path):
    (tmp_path / "settings.toml").symlink_to(tmp_path / "elsewhere.toml")
    saved(Settings.load({}, home=tmp_path), port=8000)
    assert (tmp_path / "settings.toml").is_symlink()
    assert (tmp_path / "elsewhere.toml").read_text(encoding="utf-8") == "port = 8000\n"


def test_changes_saved_at_the_same_time_are_all_kept(tmp_path):
    settings = load(tmp_path)
    changes: dict[str, Any] = {
        "port": 8000,
        "threads": 2,
        "gpu_layers": 3,
        "answer_words": 50,
        "theme": "dark",
        "prompt": "large",
    }
    with ThreadPoolExecutor(len(changes)) as pool:
        list(pool.map(lambda change: saved(settings, **dict([change])), changes.items()))
    assert Settings.load({}, home=tmp_path) == replace(settings, **changes)
