"""The tab of settings."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.components import Component

from assistant.settings import ABOUT, PAGE_SETTINGS
from assistant.web.views.settings import SettingsViews

_LONGEST_SLIDER = 1_000  # a number with a greater limit is typed


def build_settings(views: SettingsViews) -> None:
    """Lay the tab out: one field for each setting that has a label, then the button."""
    with gr.Column(elem_id="settings"):
        form = {name: _field(name, views) for name in PAGE_SETTINGS}
        save = gr.Button("Save", variant="primary", elem_id="save-settings", min_width=120)
        message = gr.HTML(views.hint(), elem_id="settings-message", apply_default_css=False)

    theme = form["theme"]
    save.click(views.save_form, [*form.values()], [message], api_visibility="private").then(
        lambda: views.settings.theme, None, [theme], api_visibility="private"
    ).then(None, [theme], None, js="(theme) => window.footnote.theme(theme)", api_visibility="private")


def _field(name: str, views: SettingsViews) -> Component:
    """The field for a setting: its type, limits and choices decide which one."""
    about = ABOUT[name]
    value = getattr(views.settings, name)
    common: dict[str, Any] = {
        "value": value,
        "label": about.label,
        "info": about.plain_help,
        "elem_id": name.replace("_", "-"),
    }
    if name == "model":
        common["info"] += " Saving loads the model, which can take a while."
        return gr.Dropdown(views.models(), allow_custom_value=True, **common)
    if about.choices:
        return gr.Radio(list(about.choices), **common)
    if not isinstance(value, int | float):
        return gr.Textbox(**common)
    least, greatest = about.limits or (None, None)
    if greatest is None or greatest > _LONGEST_SLIDER:
        return gr.Number(precision=0 if isinstance(value, int) else None, minimum=least, maximum=greatest, **common)
    step = 1 if isinstance(value, int) else 0.01
    return gr.Slider(minimum=least, maximum=greatest, step=step, **common)
