"""Detecting the format of a file, decompressing and decoding it. The tests of each format are in ``formats``."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import InputError
from assistant.records import Paper
from ingest.bundled_corpus import CORPUS
from ingest.readers import READERS, Skipped, decoding, known_suffixes, read_items, read_papers, unpacking
from tests.support.packing import PACKINGS, zipped
from tests.support.paths import SAMPLES

WITHOUT_PAPERS = {"retraction_watch.csv", "pubmed.csv", "arxiv_error.atom.xml", "dblp.json", "orcid.json"}
EVERY_SAMPLE = sorted(path for path in SAMPLES.iterdir() if path.name not in WITHOUT_PAPERS)
LINE = b'{"title": "Eggs", "abstract": "Hens lay."}\n'


def titles(data: bytes, name: str = "papers") -> list[str]:
    return [paper.title for paper in read_papers(data, name).papers]


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(InputError) as raised:
        read_papers(data, name)
    return str(raised.value)


every_sample = pytest.mark.parametrize("sample", EVERY_SAMPLE, ids=lambda path: path.name)


@every_sample
def test_format_of_a_sample_is_detected_under_any_file_name(sample):
    result = read_papers(sample.read_bytes(), sample.name)
    assert result.papers
    assert not [skip for skip in result.skipped if skip.is_fault]
    for name in ("papers.txt", "papers", "papers.dat", "papers.csv", "papers.json"):
        assert read_papers(sample.read_bytes(), name) == result


@every_sample
@pytest.mark.parametrize("suffix", PACKINGS)
def test_compressed_sample_gives_the_same_papers(sample, suffix):
    packed = PACKINGS[suffix](sample.read_bytes())
    assert read_papers(packed, f"{sample.name}{suffix}").papers == read_papers(sample.read_bytes(), sample.name).papers
    assert read_papers(packed, "anything").papers == read_papers(sample.read_bytes(), sample.name).papers


@every_sample
@pytest.mark.parametrize(
    "changed",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("utf-32"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("\n", "\r\n", 1).encode(),
        lambda text: text.replace("th", "t\x00h").encode(),
    ],
    ids=["mark", "UTF-16", "UTF-16 without mark", "UTF-32", "CRLF", "CR", "mixed ends", "NULs"],
)
def test_sample_gives_the_same_papers_in_any_encoding(sample, changed):
    text = text_of(sample)
    assert read_papers(changed(text), sample.name).papers == read_papers(text.encode(), sample.name).papers


def text_of(sample: Path) -> str:
    return decoding.DecodedText("sample", unpacking.buffered("sample", io.BytesIO(sample.read_bytes()))).read()


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Größe der Eier – “heavier”", "cp1252"),
        ("Œufs à l’avoine", "cp1252"),
        ("Żółw je łąkę, a ćma śpi gdzieś w źdźble", "cp1250"),
        ("Куры несут яйца, и дождь идёт по крыше", "cp1251"),
        ("雌鶏は卵を産みます。屋根に雨が降る", "shift_jis"),
    ],
)
def test_other_charsets_are_guessed(text, charset):
    (paper,) = read_papers(f'title,abstract\n"{text}","{text}"\n'.encode(charset), "a.csv").papers
    assert (paper.title, paper.abstract) == (text, text)


def test_single_windows_bytes_in_a_utf8_file_are_decoded():
    data = 'title,abstract\nGröße,"Es heißt so: größer als zuvor"\n'.encode() + b"Caf\xe9,Na\xefve\n"
    assert titles(data) == ["Größe", "Café"]


def test_single_windows_byte_late_in_a_file_is_decoded():
    assert titles(LINE * 10_000 + b'{"title": "Caf\xe9", "abstract": "Late."}')[-1] == "Café"


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.txt", "a.txt is empty: nothing to read."),
        (b" \n\r\n\t", "a.jsonl", "a.jsonl is empty: nothing to read."),
        (b"\xff\xfe", "a.csv", "a.csv is empty: nothing to read."),
        (b"\x7fELF\x00\x01\x02", "a.txt", "a.txt is a binary file: export"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "a.pdf", "a.pdf is a PDF: export the titles and abstracts as RIS"),
        (b"\x89PNG\r\n\x1a\n", "a.png", "a.png is an image: "),
        (zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "a.docx", "a.docx is a Word document"),
        (zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "a.xlsx", "a.xlsx is an Excel workbook"),
        (b"<!DOCTYPE html>\n<html><body>Eggs</body></html>", "a.html", "a.html is a web page: save it as plain text."),
        (b"just a few words", "a.txt", "a.txt is in no known format: use JSON"),
        (b"just a few words", "notes", "notes is in no known format"),
        (
            b"just a few words",
            "a.csv",
            "a.csv cannot be read as CSV or TSV (no column of titles among just a few words",
        ),
        (b"just a few words", "a.json", "a.json cannot be read as JSON or JSON Lines (it does not start with { or [)"),
        (b"just a few words", "a.md", "a.md cannot be read as Markdown or text with a title line (no title line with"),
        (gzip.compress(LINE)[:-6], "a.gz", "a.gz is damaged or cut short"),
        (lzma.compress(LINE)[:-6], "a.xz", "a.xz is damaged or cut short"),
        (bz2.compress(LINE)[:-6], "a.bz2", "a.bz2 is damaged or cut short"),
        (zipped({"a.jsonl": LINE})[:-6], "a.zip", "a.zip is damaged or cut short"),
        (zipped({}), "a.zip", "a.zip is empty: nothing to read."),
        (zipped({"a.txt": b"", "b.pdf": b"%PDF"}), "a.zip", "a.zip, a.txt is empty: nothing to read."),
    ],
)
def test_unreadable_file_is_refused_in_one_line_with_its_name(data, name, said):
    assert refusal(data, name).startswith(said)
    assert "\n" not in refusal(data, name)


def test_tar_archive_is_refused_even_when_compressed():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a.jsonl"), io.BytesIO())
    assert refusal(file.getvalue(), "a.tar.gz") == "a.tar.gz is a tar archive: unpack it, or pack it as zip."


def test_every_member_of_a_zip_is_read_and_places_include_its_name():
    data = zipped({"deep/a.jsonl": LINE + b"[1]\n", "b.csv": b"title,abstract\nOats,\n", "c.txt": b"few words"})
    result = read_papers(data, "all.zip")
    assert [paper.title for paper in result.papers] == ["Eggs"]
    assert [(skip.place, skip.kind) for skip in result.skipped] == [
        ("deep/a.jsonl, line 2", "fault"),
        ("b.csv, line 2", "no abstract"),
        ("c.txt", "fault"),
    ]
    assert result.skipped[2].reason.startswith("c.txt is in no known format")


def test_system_files_in_a_zip_are_ignored():
    assert titles(zipped({"a.jsonl": LINE, "__MACOSX/._a.jsonl": b"\x00\x05\x16\x07", ".DS_Store": b"\x00"})) == [
        "Eggs"
    ]


def test_compressed_file_in_a_zip_is_read_and_deeper_nesting_is_refused():
    twice = zipped({"a.jsonl.gz": gzip.compress(LINE)})
    assert titles(twice) == titles(zipped({"b.zip": zipped({"a.jsonl": LINE})})) == ["Eggs"]
    assert refusal(gzip.compress(twice), "a.gz").endswith("compressed more than 2 times: decompress it first.")


def test_zip_with_a_password_is_refused():
    data = bytearray(zipped({"a.jsonl": LINE}, zipfile.ZIP_STORED))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1
    assert "password" in refusal(bytes(data), "a.zip")


def test_zip_from_a_stream_without_seek_is_read():
    class Forwards(io.BytesIO):
        def seekable(self) -> bool:
            return False

    (paper,) = read_items("a.zip", Forwards(zipped({"a.jsonl": LINE})))
    assert isinstance(paper, Paper)


def test_endless_line_is_refused_before_it_fills_the_memory(monkeypatch):
    monkeypatch.setattr(decoding, "MAXIMUM_LINE", 100_000)
    bomb = gzip.compress(LINE + b'{"title": "' + b"A" * 5_000_000)
    items = read_items("a.jsonl.gz", io.BytesIO(bomb))
    assert isinstance(next(items), Paper)
    with pytest.raises(InputError, match=r"^a\.jsonl\.gz has a line of over 100,000 characters"):
        next(items)


def test_text_too_large_for_memory_is_refused(monkeypatch):
    monkeypatch.setattr(decoding, "MAXIMUM_WHOLE", 1_000)
    data = b"Eggs and Oats\n\nHens that eat oats do lay heavier eggs.\n" + b"\nSo they say again.\n" * 100
    assert refusal(data, "a.txt") == "a.txt is too large for its format: split it, or use JSON Lines or CSV."


def test_zip_inside_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(unpacking, "MAXIMUM_INNER_ZIP", 10)
    assert "holds a zip that is too large" in refusal(gzip.compress(zipped({"a.jsonl": LINE})), "a.zip.gz")


class Endless(io.RawIOBase):
    """A stream of ``count`` lines, generated while it is read."""

    def __init__(self, header: bytes, line: bytes, count: int) -> None:
        self._lines: Iterator[bytes] = (header if number == 0 else line for number in range(count + 1))

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = b""
        while len(data) < size - 2_000 and (line := next(self._lines, b"")):
            data += line
        return data


PROSE = b"Hens lay when it rains, and when it does not. " * 30


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (b"\n", b'{"title": "Eggs", "abstract": "%s"}\n' % PROSE),
        (b'{"data": [', b'{"title": "Eggs", "abstract": "%s"},' % PROSE),
        (b"title,abstract\n", b"Eggs,%s\n" % PROSE.replace(b",", b"")),
        (b"# Eggs\n", b"%s\n# Oats\n" % PROSE),
        (b"\n", b"Eggs\n\n%s\n\n" % PROSE),
    ],
    ids=["JSON Lines", "JSON", "CSV", "Markdown", "page"],
)
def test_memory_does_not_grow_with_the_file(header, line):
    count = 4_000
    items = read_items("large", Endless(header, line, count))  # type: ignore[arg-type]
    next(items)
    tracemalloc.start()
    assert sum(isinstance(item, Paper) for item in items) >= count - 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < count * len(line) / 4


def test_papers_before_damage_are_read_and_the_damage_is_reported():
    packed = gzip.compress(b"".join(LINE.replace(b"Eggs", b"Eggs %d" % number) for number in range(50_000)))
    items = read_items("a.gz", io.BytesIO(packed[:-100]))
    assert isinstance(next(items), Paper)
    with pytest.raises(InputError, match="cut short"):
        list(items)


def test_disk_errors_are_not_reported_as_bad_files():
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output error"):
        list(read_items("a.jsonl", Failing()))


def test_content_takes_precedence_over_the_file_name():
    assert titles(LINE, "a.csv") == titles(LINE, "a.bib") == ["Eggs"]


def test_known_suffixes_are_lower_case_and_include_packed_ones():
    suffixes = known_suffixes()
    assert {".jsonl", ".json", ".csv", ".tsv", ".txt", ".md", ".gz", ".xz", ".bz2", ".zip"} <= set(suffixes)
    assert all(suffix.startswith(".") and suffix == suffix.casefold() for suffix in suffixes)
    assert len(set(suffixes)) == len(suffixes)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.NAME)
def test_every_reader_refuses_a_few_words(reader):
    assert not reader.recognises("just a few words")
    with pytest.raises(InputError):
        list(reader.read(io.StringIO("just a few words")))


def test_bundled_corpus_holds_75_papers_verbatim():
    text = CORPUS.read_text(encoding="utf-8").replace(r"\%", "%")
    papers = read_papers(CORPUS.read_bytes(), CORPUS.name).papers
    assert len(papers) == len({paper.paper_id for paper in papers}) == 75
    assert [paper.title for paper in papers if paper.title not in text] == []
    assert [paper.title for paper in papers if paper.abstract not in text] == []
    assert papers[0].title == "Fast Sampling of Diffusion Models with Exponential Integrator"
    assert papers[0].abstract.startswith("The past few years have witnessed the great success of Diffusion")


def test_bundled_corpus_leaves_out_only_five_lines_of_boilerplate():
    skipped = read_papers(CORPUS.read_bytes(), CORPUS.name).skipped
    assert [skip.place for skip in skipped] == ["line 1", "line 3", "line 5", "line 7", "line 9"]
    assert {skip.kind for skip in skipped} == {"boilerplate"}
    assert skipped[2] == Skipped("line 5", "page boilerplate: 'Subscribe'", "boilerplate")
