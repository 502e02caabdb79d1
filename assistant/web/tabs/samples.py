"""The question which papers to answer from, asked once the library holds the sample papers and others."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from assistant.services import PaperServices
from assistant.web.components import Data, part
from assistant.web.rendering import counted


@dataclass(frozen=True, slots=True)
class SampleViews:
    """What the question needs; knows nothing of Gradio."""

    services: PaperServices

    def samples(self, _: Data) -> Data:
        """The ids of the sample papers; none while the library holds nothing else."""
        return {"ids": list(self.services.samples())}

    def remove_samples(self, _: Data) -> str:
        """Removes them; gives what to say."""
        return f"{counted(self.services.remove_samples(), 'sample paper')} removed."


def build_samples(views: SampleViews) -> gr.HTML:
    """Lay the question out. Its ``narrow`` event gives the ids to ask about; a new value makes it look again."""
    return part("samples", 0, [views.samples, views.remove_samples])
