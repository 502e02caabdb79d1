"""The section where a library is written to a file, or the library of such a file is added."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from assistant.errors import FootnoteError, InputError
from assistant.services import PaperServices
from assistant.system.progress import Progress
from assistant.web.rendering import problem_html, report_html
from assistant.web.views.work import Work


def _work() -> Work[str]:
    return Work(
        "moving",
        stopped="Stopped. The papers added so far stay. Import the same file again to continue.",
        busy="The library is being exported or imported: wait until that is done.",
    )


@dataclass
class MovingViews:
    """Exports and imports in a separate thread, one at a time, while questions are answered.

    ``folder``: where exported files are until they are downloaded; the server deletes them a day later.
    """

    services: PaperServices
    folder: Path
    _work: Work[str] = field(default_factory=_work)

    def export(self) -> Iterator[tuple[str, Path | None]]:
        """The progress as HTML, then what was exported, with the file to download."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = Path(mkdtemp(dir=self.folder)) / f"footnote-library-{datetime.now(UTC).date()}.zip"
        except OSError as error:
            yield problem_html(f"{self.folder} cannot be written ({error.strerror}): make its disk writable."), None
            return
        try:
            running = self._work.begin(partial(self.services.export_library, path))
            for progress in running.progress():
                yield progress, None
            yield report_html(f"Download the file below. It has {running.result()}"), path
        except FootnoteError as error:
            shutil.rmtree(path.parent, ignore_errors=True)
            yield problem_html(str(error)), None

    def import_file(self, file: Path | None) -> Iterator[tuple[str, bool]]:
        """The progress as HTML, then what was added; each with whether the file is done with."""
        try:
            if not file:
                raise InputError("Choose an exported file first.")
            running = self._work.begin(partial(self._import, file))
            for progress in running.progress():
                yield progress, False
            yield report_html(running.result()), True
        except FootnoteError as error:
            yield problem_html(str(error)), False

    def cancel(self) -> None:
        self._work.cancel()

    def _import(self, file: Path, progress: Progress) -> str:
        summary = self.services.import_library(file, progress)
        with suppress(OSError):
            file.unlink()  # the server's copy of the upload
        return summary
