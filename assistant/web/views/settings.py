"""The tab of settings: stores changes in the settings file and applies them at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.conversations.answer_queue import AnswerQueue
from assistant.errors import FootnoteError, SettingsError
from assistant.models.locate import models_in
from assistant.settings import ABOUT, PAGE_SETTINGS, Settings, overridden, saved
from assistant.web.rendering import problem_html, report_html

_READ_AT_START = tuple(name for name in ABOUT if name not in (*PAGE_SETTINGS, "home"))


@dataclass(frozen=True, slots=True)
class SettingsViews:
    """Reads and changes the settings of the assistant."""

    queue: AnswerQueue
    change: Callable[[Settings], None]
    """Applies other settings to the assistant; raises ModelError when a model does not load."""

    @property
    def settings(self) -> Settings:
        return self.queue.assistant.settings

    def save(self, **changes: Any) -> str:
        """Apply and store changes; gives a message as HTML. When a model does not load, nothing is stored."""
        with self.queue.paused():  # which also makes two browser tabs save one after the other
            before = self.settings
            new = {name: value for name, value in changes.items() if getattr(before, name) != value}
            if not new:
                return report_html("Nothing was changed.")
            try:
                self._apply(before, new)
            except FootnoteError as error:
                return problem_html(str(error))
        return report_html(" ".join(_summary(before, new)))

    def save_form(self, *values: str | float | None) -> str:
        """As ``save``, with the values of the form's fields in the order of ``PAGE_SETTINGS``.

        An empty field means the default.
        """
        default = Settings()
        given = {
            name: getattr(default, name) if value in (None, "") else type(getattr(default, name))(value)
            for name, value in zip(PAGE_SETTINGS, values, strict=True)
        }
        return self.save(**given)

    def _apply(self, before: Settings, new: dict[str, Any]) -> None:
        """Apply the changes, then store them; when they cannot be stored, undo them."""
        self.change(before.changed(**new))
        try:
            saved(before, **new)
        except SettingsError:
            self.change(before)
            raise

    def models(self) -> list[str]:
        """The names of the language models to choose from."""
        files = [str(path) for path in models_in(self.settings.models_folder)]
        return list(dict.fromkeys(["packaged", *files, self.settings.model]))

    def hidden_by_environment(self) -> list[str]:
        return [name for name in PAGE_SETTINGS if overridden(name)]

    def hint(self) -> str:
        """Where settings are stored, which ones need a restart, and which the environment overrides; HTML."""
        lines = [f"Settings are stored in {self.settings.file} and take effect when you save them."]
        lines.append(f"These are read only at the start, so change them in the file: {', '.join(_READ_AT_START)}.")
        if hidden := self.hidden_by_environment():
            lines.append(
                f"The environment sets {', '.join(hidden)}: at the next start it overrides what is saved here."
            )
        return report_html(" ".join(lines))


def _summary(before: Settings, new: dict[str, Any]) -> list[str]:
    lines = [f"Saved in {before.file}."]
    if new.keys() & {"model", "gpu_layers"}:
        lines.append("The model is loaded and answers the next question.")
    return lines
