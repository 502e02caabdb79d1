"""The tab of settings: changed here, kept in the settings file, and at work at once where that can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from assistant.conversations.desk import Desk
from assistant.errors import FootnoteError, SettingsError
from assistant.models.locate import models_in
from assistant.settings import Settings, overridden, saved
from assistant.web.rendering import problem_html, report_html

CHANGED_HERE = ("model", "gpu_layers", "answer_above", "answer_words", "theme")
_AT_START = ("embedding", "verifier", "store", "threads", "context_tokens", "host", "port", "auth", "upload_megabytes")


@dataclass(frozen=True, slots=True)
class SettingsViews:
    """Reads and changes the settings that the assistant works by."""

    desk: Desk
    change: Callable[[Settings], None]
    """Makes the assistant work by other settings; raises ModelError when a model does not load."""

    @property
    def settings(self) -> Settings:
        return self.desk.assistant.settings

    def save(self, **changes: Any) -> str:
        """Keep and apply changes; gives what to say as HTML. Nothing is kept of a model that does not load."""
        with self.desk.paused():  # also for who saves in another tab at the same time
            before = self.settings
            new = {name: value for name, value in changes.items() if getattr(before, name) != value}
            if not new:
                return report_html("Nothing was changed.")
            try:
                self._apply(before, new)
            except FootnoteError as error:
                return problem_html(str(error))
        return report_html(" ".join(_said(before, new)))

    def _apply(self, before: Settings, new: dict[str, Any]) -> None:
        """Change first, for only what works is kept; and back again when it cannot be kept."""
        self.change(before.changed(**new))
        try:
            saved(before, **new)
        except SettingsError:
            self.change(before)
            raise

    def models(self) -> list[str]:
        """The language models that can be chosen by name."""
        files = [str(path) for path in models_in(self.settings.models_folder)]
        return list(dict.fromkeys(["packaged", *files, self.settings.model]))

    def hidden_by_environment(self) -> list[str]:
        return [name for name in CHANGED_HERE if overridden(name)]

    def hint(self) -> str:
        """Where settings are stored, which ones need a restart, and which the environment overrides; HTML."""
        lines = [f"Kept in {self.settings.file}, and at work as soon as they are saved."]
        lines.append(f"Read only when Footnote starts, so change these in the file: {', '.join(_AT_START)}.")
        if hidden := self.hidden_by_environment():
            lines.append(
                f"The environment sets {', '.join(hidden)}: at the next start it wins over what is saved here."
            )
        return report_html(" ".join(lines))


def _said(before: Settings, new: dict[str, Any]) -> list[str]:
    lines = [f"Saved in {before.file}."]
    if new.keys() & {"model", "gpu_layers"}:
        lines.append("The model is loaded and answers from now on.")
    return lines
