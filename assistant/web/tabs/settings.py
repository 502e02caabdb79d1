"""The tab of settings: changed here, kept in the settings file, and at work at once where that can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

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


def build_settings(views: SettingsViews) -> None:
    """Lay the tab out."""
    settings = views.settings
    with gr.Column(elem_id="settings"):
        model = gr.Dropdown(
            choices=views.models(),
            value=settings.model,
            allow_custom_value=True,
            label="Language model",
            info="The packaged one, a file of the models folder, hf:owner/repository/file.gguf, or the address of a "
            "server (http://host:port/v1). Saving loads it, which can take a while.",
            elem_id="model",
        )
        gpu_layers = gr.Number(
            settings.gpu_layers,
            precision=0,
            minimum=-1,
            label="GPU layers",
            info="Layers of the model to give to a GPU, when llama.cpp was built for one; -1 for all.",
        )
        answer_above = gr.Slider(
            0,
            1,
            settings.answer_above,
            step=0.01,
            label="Answer above",
            info="A question is declined when it is less probable than this that the papers answer it. Higher: fewer "
            "wrong answers, more questions declined.",
            elem_id="answer-above",
        )
        answer_words = gr.Slider(
            20,
            max(400, settings.answer_words),
            settings.answer_words,
            step=5,
            label="Words of evidence",
            info="An answer is filled up with quotations to so many words. Higher: more found, more to read.",
        )
        theme = gr.Radio(["system", "light", "dark"], value=settings.theme, label="Theme", elem_id="theme")
        save = gr.Button("Save", variant="primary", elem_id="save-settings", min_width=120)
        said = gr.HTML(_hint(views), elem_id="settings-said", apply_default_css=False)

    def kept(model: str, gpu_layers: int | None, answer_above: float, answer_words: int, theme: str) -> str:
        return views.save(
            model=str(model or "packaged"),
            gpu_layers=-1 if gpu_layers is None else int(gpu_layers),
            answer_above=float(answer_above),
            answer_words=int(answer_words),
            theme=theme,
        )

    save.click(kept, [model, gpu_layers, answer_above, answer_words, theme], [said], api_visibility="private").then(
        lambda: views.settings.theme, None, [theme], api_visibility="private"
    ).then(None, [theme], None, js="(theme) => window.footnote.theme(theme)", api_visibility="private")


def _said(before: Settings, new: dict[str, Any]) -> list[str]:
    lines = [f"Saved in {before.file}."]
    if new.keys() & {"model", "gpu_layers"}:
        lines.append("The model is loaded and answers from now on.")
    return lines


def _hint(views: SettingsViews) -> str:
    lines = [f"Kept in {views.settings.file}, and at work as soon as they are saved."]
    lines.append(f"Read only when Footnote starts, so change these in the file: {', '.join(_AT_START)}.")
    if hidden := views.hidden_by_environment():
        lines.append(f"The environment sets {', '.join(hidden)}: at the next start it wins over what is saved here.")
    return report_html(" ".join(lines))
