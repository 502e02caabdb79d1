"""The question which papers to answer from, asked once the library holds the sample papers and others."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.services import PaperServices
from assistant.web.rendering import counted
from assistant.web.views import Data


@dataclass(frozen=True, slots=True)
class SampleViews:
    """What the question needs."""

    services: PaperServices

    def samples(self, _: Data) -> Data:
        """The ids of the sample papers; none while the library holds nothing else."""
        return {"ids": list(self.services.samples())}

    def remove_samples(self, _: Data) -> str:
        """Removes them; gives what to say."""
        return f"{counted(self.services.remove_samples(), 'sample paper')} removed."
