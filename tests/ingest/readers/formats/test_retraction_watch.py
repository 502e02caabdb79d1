"""The table of Retraction Watch gives the papers that are retracted now."""

from __future__ import annotations

import gzip
import io
import tracemalloc
from contextlib import closing

import pytest

from assistant.errors import InputError
from assistant.index.opening import open_for_writing
from ingest.pipeline import ingest_sources
from ingest.readers import Retraction, read_items
from ingest.sources import Source
from tests.support.fakes import WordCountEmbedding
from tests.support.papers import no_progress
from tests.support.paths import SAMPLES

SAMPLE = SAMPLES / "retraction_watch.csv"
HEADER = SAMPLE.read_text(encoding="utf-8").split("\n", 1)[0]


def row(nature: str, date: str, doi: str, pmid: str = "0") -> str:
    return f'1,"A Title",,,,,,,,,{date} 0:00,,0,1/1/2010 0:00,{doi},{pmid},{nature},,No,,'


def bom(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode()


def packed(text: str) -> bytes:
    return gzip.compress(text.encode())


def keys(*rows: str, name: str = "rw.csv") -> list[str]:
    items = read_items(name, io.BytesIO("\n".join([HEADER, *rows]).encode()))
    return [item.key for item in items if isinstance(item, Retraction)]


def test_only_retractions_that_were_not_taken_back_count():
    with SAMPLE.open("rb") as stream:
        found = [item.key for item in read_items(SAMPLE.name, stream) if isinstance(item, Retraction)]
    assert found == ["doi:10.5555/moss.1", "pmid:90000001", "doi:10.5555/swans.1", "pmid:90000006"]


@pytest.mark.parametrize("is_reversed", [True, False])
def test_the_last_row_of_a_paper_by_date_counts_in_any_order_of_rows(is_reversed):
    rows = [row("Retraction", "9/1/2019", "10.1/a", "7"), row("Reinstatement", "10/1/2019", "10.1/A")]
    assert keys(*(rows[::-1] if is_reversed else rows)) == []
    rows.append(row("Retraction", "1/1/2020", "10.1/a"))
    assert keys(*(rows[::-1] if is_reversed else rows)) == ["doi:10.1/a"]


def test_a_row_that_cannot_be_read_is_skipped_and_the_others_are_read():
    items = [*read_items("rw.csv", io.BytesIO("\n".join([HEADER, "1,2", row("Retraction", "x", "10.1/a")]).encode()))]
    assert items[0].place == "line 2"
    assert items[1] == Retraction("doi:10.1/a")


def test_a_table_without_a_column_that_is_needed_is_refused():
    with pytest.raises(InputError, match="no column RetractionDate"):
        [
            *read_items(
                "rw.csv", io.BytesIO(b"Record ID,RetractionNature,OriginalPaperDOI,OriginalPaperPubMedID\n1,,,\n")
            )
        ]


def test_60_000_rows_are_read_in_bounded_memory():
    """The rows are 30 megabytes; only the identifiers and dates of retractions are held."""

    class Rows(io.RawIOBase):
        left = 60_000
        rest = HEADER.encode() + b"\n"

        def readable(self):
            return True

        def readinto(self, buffer):
            while self.left and len(self.rest) < len(buffer):
                self.left -= 1
                self.rest += (
                    row("Retraction", "1/1/2020", f"10.1/{self.left}").replace("A Title", "T" * 500).encode() + b"\n"
                )
            sent, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
            buffer[: len(sent)] = sent
            return len(sent)

    tracemalloc.start()
    try:
        assert sum(1 for _ in read_items("rw.csv", io.BufferedReader(Rows()))) == 60_000
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_a_later_table_takes_a_notice_back(settings, tmp_path):
    papers = tmp_path / "a.jsonl"
    papers.write_text('{"title": "Hens", "abstract": "Hens lay eggs.", "DOI": "10.1/a"}\n')
    embedding = WordCountEmbedding()
    with closing(open_for_writing(settings, embedding)) as writer:

        def read(*sources):
            return ingest_sources(sources, writer, embedding, no_progress, is_mirror=True)

        def table(*rows):
            return Source("rw.csv", lambda: io.BytesIO("\n".join([HEADER, *rows]).encode()))

        report = read(Source.of_file(papers), table(row("Retraction", "1/1/2020", "10.1/a")))
        assert "1 retraction notice; " in report.summary()
        assert len(writer.library.retracted_ids()) == 1
        read(table(row("Retraction", "1/1/2020", "10.1/a"), row("Reinstatement", "1/1/2021", "10.1/a")))
        assert writer.library.retracted_ids() == set()


@pytest.mark.parametrize("name", ["rw.txt", "rw", "rw.json", "rw.csv.gz"])
@pytest.mark.parametrize("encode", [str.encode, lambda text: text.replace("\n", "\r\n").encode("utf-16"), bom, packed])
def test_the_table_is_known_by_its_header_under_any_name_and_in_any_encoding(name, encode):
    content = encode("\n".join([HEADER, row("Retraction", "1/1/2020", "10.1/a")]))
    items = read_items(name, io.BytesIO(content))
    assert [*items] == [Retraction("doi:10.1/a")]
