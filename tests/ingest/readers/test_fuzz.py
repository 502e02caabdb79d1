"""Any bytes give papers and skipped records or are refused: nothing else is raised, and nothing hangs."""

from __future__ import annotations

import contextlib
import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.records import Paper
from ingest.readers import READERS, known_suffixes, read_items
from ingest.readers.interface import Item, Skipped
from tests.support.packing import PACKINGS, zipped
from tests.support.paths import SAMPLES

CONTENTS = [path.read_bytes() for path in sorted(SAMPLES.iterdir())]
PIECES = [
    *'{}[]",:;#<>&@=\\$é\n\t\x00\ufeff\ud800\u2028',
    *("\r\n", "\n\n", "title", "abstract", "Eggs", '"title": "Eggs"', '"abstract": "Hens"', "# ", "TY  - JOUR\n"),
    *("TI  - ", "AB  - ", "ER  - \n", "PMID- 1\n", "@article{a,\n", "title = {", "abstract = {", "},\n", "<feed>"),
    *(
        "<entry>",
        "<PubmedArticleSet>",
        "<xml><records><record>",
        "%0 Book\n",
        "%T ",
        "%X ",
        "PT J\n",
        "TI Eggs\n",
        "AB Hens\n",
        "Hens lay eggs when it rains, and they do not when it snows. " * 4,
    ),
]
QUICK = settings(deadline=5_000, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
NAMES = ["papers", *(f"papers{suffix}" for suffix in known_suffixes())]
every_reader = pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.NAME)


def check(name: str, data: bytes) -> None:
    for item in read_or_refused(name, data):
        assert isinstance(item, Paper | Skipped)
        if isinstance(item, Paper):
            assert item.title == " ".join(item.title.split()) != ""
            assert item.abstract.encode()
            assert item.content_hash


def read_or_refused(name: str, data: bytes) -> list[Item]:
    try:
        return list(read_items(name, io.BytesIO(data)))
    except InputError as error:
        said = str(error)
    assert said.startswith(name)
    assert "\n" not in said
    return []


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """A file with parts cut out, repeated or replaced by a few other bytes."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.sampled_from([0, 1, 2, 40, 100_000])))
        data[start:stop] = draw(st.sampled_from([b"", bytes(data[start:stop]) * 2]) | st.binary(max_size=4))
    return bytes(data)


@settings(QUICK, max_examples=300)
@given(st.sampled_from(NAMES), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(name, data):
    check(name, data)


@settings(QUICK, max_examples=300)
@given(st.sampled_from(NAMES), st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=30))
def test_any_text_is_read_or_refused(name, pieces):
    check(name, "".join(pieces).encode("utf-8", "surrogatepass"))


@settings(QUICK, max_examples=500)
@given(st.sampled_from(NAMES), damaged(st.sampled_from(CONTENTS)))
def test_damaged_samples_are_read_or_refused(name, data):
    check(name, data)


@settings(QUICK, max_examples=300)
@given(
    damaged(st.builds(lambda pack, data: pack(data), st.sampled_from([*PACKINGS.values()]), st.sampled_from(CONTENTS)))
)
def test_damaged_packed_samples_are_read_or_refused(data):
    check("papers", data)


@settings(QUICK, max_examples=100)
@given(damaged(st.just(zipped({"a.jsonl": CONTENTS[0], "b": zipped({"c.csv": CONTENTS[-1]})}))))
def test_damaged_zips_are_read_or_refused(data):
    check("papers.zip", data)


@every_reader
@settings(QUICK, max_examples=60)
@given(text=st.lists(st.sampled_from(PIECES) | st.text(max_size=10), max_size=30).map("".join))
def test_each_reader_reads_or_refuses_any_text(reader, text):
    text = text.encode("utf-8", "replace").decode()  # without lone surrogates, as decoding returns it
    reader.recognises(text)
    with contextlib.suppress(InputError):
        assert all(isinstance(item, Paper | Skipped) for item in reader.read(io.StringIO(text)))


@every_reader
@settings(QUICK, max_examples=60)
@given(data=damaged(st.sampled_from(CONTENTS)))
def test_each_reader_reads_or_refuses_damaged_samples(reader, data):
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    reader.recognises(text)
    with contextlib.suppress(InputError):
        assert all(isinstance(item, Paper | Skipped) for item in reader.read(io.StringIO(text)))


JSON_KEYS = st.sampled_from(
    """title titles abstract abstracts abstract_inverted_index authors author creators year date issued venue source
    journal url doi ids externalIds identifier authorships primary_location authors_parsed versions data results message
    items citingPaper itemType extra description descriptions value label text type name note updated-by
    relation""".split()
)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "Eggs", "2020", "10.1/a", "PMID: 1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(JSON_KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(QUICK, max_examples=600)
@given(
    st.dictionaries(JSON_KEYS, JSON_VALUES, max_size=6) | st.lists(JSON_VALUES, max_size=3), st.sampled_from([None, 1])
)
def test_any_json_is_read_or_refused(value, indent):
    check("papers.json", json.dumps(value, indent=indent).encode())
