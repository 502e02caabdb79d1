from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from assistant.conversations.answer_queue import AnswerQueue
from assistant.errors import ModelError
from assistant.settings import ABOUT, PAGE_SETTINGS, Settings
from assistant.web.views.settings import SettingsViews
from tests.support.html import ParsedHtml


@dataclass
class Changes:
    """Replaces ``Assistant.change``: accepts all settings but those with a missing model."""

    queue: AnswerQueue
    asked: list[Settings] = field(default_factory=list)

    def __call__(self, settings: Settings) -> None:
        assert self.queue._answering.locked(), "parts are exchanged while a question may be answered"
        self.asked.append(settings)
        if settings.model == "missing.gguf":
            raise ModelError("The model missing.gguf cannot be read: check the path.")
        self.queue.assistant.settings = settings


@pytest.fixture
def changes(settings, conversations):
    settings.home.mkdir()
    queue = AnswerQueue(SimpleNamespace(settings=settings), conversations)  # type: ignore[arg-type]
    yield Changes(queue)
    queue.close()


@pytest.fixture
def settings_views(changes) -> SettingsViews:
    return SettingsViews(changes.queue, changes)


def kept_in(settings: Settings) -> Settings:
    """What the next start reads."""
    return Settings.load({}, home=settings.home)


def test_a_changed_setting_is_stored_in_the_file_and_applied_at_once(settings_views, changes, settings):
    message = ParsedHtml(settings_views.save(answer_above=0.9, theme="dark", model=settings.model)).visible_text
    assert message == f"Saved in {settings.file}."
    assert settings_views.settings.answer_above == 0.9
    kept = kept_in(settings)
    assert (kept.answer_above, kept.theme, kept.model) == (0.9, "dark", settings.model)
    assert changes.asked == [settings.changed(answer_above=0.9, theme="dark")]


def test_only_changes_are_written_and_other_lines_of_the_file_stay(settings_views, settings):
    settings.file.write_text("# Ours.\nport = 9999\n", encoding="utf-8")
    settings_views.save(theme="dark", answer_words=settings.answer_words)
    assert settings.file.read_text(encoding="utf-8") == '# Ours.\nport = 9999\ntheme = "dark"\n'


def test_saving_unchanged_settings_says_so_and_writes_nothing(settings_views, changes, settings):
    message = ParsedHtml(settings_views.save(theme=settings.theme, answer_above=settings.answer_above)).visible_text
    assert message == "Nothing was changed."
    assert changes.asked == []
    assert not settings.file.exists()


def test_a_message_says_that_the_new_model_is_loaded(settings_views):
    message = ParsedHtml(settings_views.save(model="other.gguf")).visible_text
    assert message.endswith("The model is loaded and answers the next question.")


def test_a_model_that_does_not_load_changes_nothing_and_is_not_stored(settings_views, settings):
    page = ParsedHtml(settings_views.save(model="missing.gguf", theme="dark"))
    assert page.one(class_="fn-problem").visible_text == "The model missing.gguf cannot be read: check the path."
    assert settings_views.settings == settings
    assert not settings.file.exists()


def test_a_value_out_of_range_is_refused_with_a_message(settings_views, changes, settings):
    page = ParsedHtml(settings_views.save(answer_above=1.5))
    assert "answer_above = 1.5" in page.one(class_="fn-problem").visible_text
    assert changes.asked == []
    assert not settings.file.exists()


def test_an_unwritable_settings_file_is_reported(settings_views, settings):
    settings.file.write_text("port = = 1", encoding="utf-8")
    assert "cannot be changed" in ParsedHtml(settings_views.save(theme="dark")).one(class_="fn-problem").visible_text
    assert settings.file.read_text(encoding="utf-8") == "port = = 1"


def test_a_setting_that_cannot_be_stored_is_undone(settings_views, changes, settings):
    settings.file.mkdir()
    page = ParsedHtml(settings_views.save(model="other.gguf", answer_above=0.9))
    assert "cannot be changed" in page.one(class_="fn-problem").visible_text
    assert settings_views.settings == settings
    assert changes.asked == [settings.changed(model="other.gguf", answer_above=0.9), settings]


def test_settings_that_the_environment_hides_are_named(settings_views, monkeypatch):
    for name in ("MODEL", "THEME", "GPU_LAYERS", "ANSWER_ABOVE", "ANSWER_WORDS"):
        monkeypatch.delenv(f"FOOTNOTE_{name}", raising=False)
    assert settings_views.hidden_by_environment() == []
    monkeypatch.setenv("FOOTNOTE_THEME", "dark")
    assert settings_views.hidden_by_environment() == ["theme"]


def test_an_empty_field_of_the_form_means_the_default(settings_views, settings):
    settings_views.save(gpu_layers=3, theme="dark")
    settings_views.save_form("", None, 60, 30, "on", 0.5, "light")
    assert settings_views.settings == settings.changed(
        answer_above=0.5, answer_words=60, opening_words=30, theme="light", gpu_layers=-1
    )


def test_every_setting_is_either_changed_on_the_page_or_listed_as_read_at_the_start(settings_views):
    hint = ParsedHtml(settings_views.hint()).visible_text
    (listed,) = re.findall(r"change them in the file: ([\w, ]+)\.", hint)
    assert sorted([*PAGE_SETTINGS, *listed.split(", "), "home"]) == sorted(ABOUT)


def test_no_table_has_a_field_on_the_page():
    assert [name for name in PAGE_SETTINGS if isinstance(getattr(Settings(), name), dict)] == []
