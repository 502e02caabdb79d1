"""The section that moves the library to another machine."""

from __future__ import annotations

import zipfile

import pytest

from tests.support.browser import NEEDS_CHROMIUM, open_tab

pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


def test_an_exported_library_is_downloaded_and_imported_again(page, tmp_path):
    open_tab(page, "Settings")
    page.locator("#export-library").click()
    page.locator("#moved", has_text="Download the file below. It has").wait_for(timeout=60_000)
    with page.expect_download() as download:
        page.locator("#download-library").click()
    path = tmp_path / "library.zip"
    download.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {"manifest.json", "papers.sqlite", "vectors.f16"} <= {*archive.namelist()}
    page.locator("#library-file input[type=file]").set_input_files(path)
    page.locator("#library-file", has_text="library").wait_for(timeout=10_000)
    page.locator("#import-library").click()
    page.locator("#moved", has_text="0 papers new, 0 changed").wait_for(timeout=60_000)
