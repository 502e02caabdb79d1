"""The tab of settings."""

from __future__ import annotations

import gradio as gr

from assistant.web.views.settings import SettingsViews


def build_settings(views: SettingsViews) -> None:
    """Lay the tab out."""
    settings = views.settings
    with gr.Column(elem_id="settings"):
        model = gr.Dropdown(
            choices=views.models(),
            value=settings.model,
            allow_custom_value=True,
            label="Language model",
            info="`packaged`, a GGUF file in the models folder, hf:owner/repository/file.gguf, or the address "
            "of a model server (http://host:port/v1). Saving loads the model, which can take a while.",
            elem_id="model",
        )
        gpu_layers = gr.Number(
            settings.gpu_layers,
            precision=0,
            minimum=-1,
            label="GPU layers",
            info="Layers of the model to run on a GPU, if llama.cpp was built with support for it; -1 for all.",
        )
        answer_above = gr.Slider(
            0,
            1,
            settings.answer_above,
            step=0.01,
            label="Answer above",
            info="A question is declined when the estimated probability that the papers answer it is lower. A higher "
            "value gives fewer wrong answers and declines more questions.",
            elem_id="answer-above",
        )
        answer_words = gr.Slider(
            20,
            max(400, settings.answer_words),
            settings.answer_words,
            step=5,
            label="Words of evidence",
            info="Quotations are added to an answer until it has this many words. A higher value gives longer answers.",
        )
        theme = gr.Radio(["system", "light", "dark"], value=settings.theme, label="Theme", elem_id="theme")
        save = gr.Button("Save", variant="primary", elem_id="save-settings", min_width=120)
        message = gr.HTML(views.hint(), elem_id="settings-message", apply_default_css=False)

    def store(model: str, gpu_layers: int | None, answer_above: float, answer_words: int, theme: str) -> str:
        return views.save(
            model=str(model or "packaged"),
            gpu_layers=-1 if gpu_layers is None else int(gpu_layers),
            answer_above=float(answer_above),
            answer_words=int(answer_words),
            theme=theme,
        )

    save.click(store, [model, gpu_layers, answer_above, answer_words, theme], [message], api_visibility="private").then(
        lambda: views.settings.theme, None, [theme], api_visibility="private"
    ).then(None, [theme], None, js="(theme) => window.footnote.theme(theme)", api_visibility="private")
