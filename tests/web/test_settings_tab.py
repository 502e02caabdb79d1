from __future__ import annotations

from types import SimpleNamespace

import gradio as gr
import pytest

from assistant.settings import ABOUT, PAGE_SETTINGS, Settings
from assistant.web.tabs import settings as tab


@pytest.fixture
def views(tmp_path):
    def save(*values):
        return values

    return SimpleNamespace(
        settings=Settings(home=tmp_path), models=lambda: ["packaged", "hen.gguf"], save_form=save, hint=lambda: "hint"
    )


def test_the_tab_has_one_labelled_field_per_setting_in_order(views):
    with gr.Blocks() as page:
        tab.build_settings(views)
    shown = [block for block in page.blocks.values() if getattr(block, "label", None)]
    assert [block.label for block in shown] == [ABOUT[name].label for name in PAGE_SETTINGS]
    assert [block.value for block in shown] == [getattr(views.settings, name) for name in PAGE_SETTINGS]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("model", gr.Dropdown),
        ("theme", gr.Radio),
        ("answer_above", gr.Slider),
        ("answer_words", gr.Slider),
        ("port", gr.Number),
        ("auth", gr.Textbox),
    ],
)
def test_the_type_of_a_setting_decides_its_field(name, kind, views):
    field = tab._field(name, views)
    assert type(field) is kind
    if ABOUT[name].limits:
        assert (field.minimum, field.maximum) == ABOUT[name].limits
