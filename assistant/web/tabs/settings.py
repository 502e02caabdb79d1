"""The tab of settings."""

from __future__ import annotations

from typing import Any

import gradio as gr

from assistant.settings import ABOUT
from assistant.web.views.settings import SettingsViews


def build_settings(views: SettingsViews) -> None:
    """Lay the tab out. Help, limits and choices come from the settings themselves."""
    settings = views.settings
    with gr.Column(elem_id="settings"):
        model = gr.Dropdown(
            choices=views.models(),
            value=settings.model,
            allow_custom_value=True,
            label="Language model",
            info=f"{ABOUT['model'].plain_help} Saving loads the model, which can take a while.",
            elem_id="model",
        )
        gpu_layers = gr.Number(settings.gpu_layers, precision=0, label="GPU layers", **_limits("gpu_layers"))
        answer_above = gr.Slider(
            value=settings.answer_above,
            step=0.01,
            label="Answer above",
            elem_id="answer-above",
            **_limits("answer_above"),
        )
        answer_words = gr.Slider(
            value=settings.answer_words, step=5, label="Words of evidence", **_limits("answer_words")
        )
        theme = gr.Radio(list(ABOUT["theme"].choices), value=settings.theme, label="Theme", elem_id="theme")
        save = gr.Button("Save", variant="primary", elem_id="save-settings", min_width=120)
        message = gr.HTML(views.hint(), elem_id="settings-message", apply_default_css=False)

    save.click(
        views.save_form, [model, gpu_layers, answer_above, answer_words, theme], [message], api_visibility="private"
    ).then(lambda: views.settings.theme, None, [theme], api_visibility="private").then(
        None, [theme], None, js="(theme) => window.footnote.theme(theme)", api_visibility="private"
    )


def _limits(name: str) -> dict[str, Any]:
    """The arguments of a number's component that the setting itself says."""
    about = ABOUT[name]
    least, greatest = about.limits or (None, None)
    return {"minimum": least, "maximum": greatest, "info": about.plain_help}
