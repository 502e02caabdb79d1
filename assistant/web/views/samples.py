"""The question which papers should answer, asked when the library holds the sample papers and others."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.services import PaperServices
from assistant.web.rendering import counted
from assistant.web.views import Data


@dataclass(frozen=True, slots=True)
class SampleViews:
    """What the question needs. The scripts of the page call its methods."""

    services: PaperServices

    def samples(self, _: Data) -> Data:
        """The ids of the sample papers when the library also holds other papers, else none."""
        return {"ids": list(self.services.samples())}

    def remove_samples(self, _: Data) -> str:
        """Removes the sample papers; gives the message for the user."""
        return f"{counted(self.services.remove_samples(), 'sample paper')} removed."
