"""An archive may come from anybody: what is not exactly an archive is refused in one line, and nothing is changed."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import InputError
from ingest.archiving import reading
from ingest.archiving.manifest import CONVERSATIONS, MANIFEST, PAPERS, VECTORS
from tests.support.archives import everything, import_, members_of, with_manifest, write_archive
from tests.support.fakes import DIMENSION


def refused(settings, path, said):
    """The import is refused in one line, and leaves nothing in a home that was empty."""
    with pytest.raises(InputError, match=said) as raised:
        import_(settings, path)
    assert "\n" not in str(raised.value)
    assert [one for one in settings.home.rglob("*") if one.is_file()] == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "its end is missing"),
        (b"Title\n\nAbstract.", "not an exported library"),
        (b"PK\x05\x06" + bytes(18), "not a library that Footnote exported"),
    ],
)
def test_another_file_is_refused(here, tmp_path, content, said):
    path = tmp_path / "other.zip"
    path.write_bytes(content)
    refused(here, path, said)


def test_a_missing_file_is_refused(here, tmp_path):
    refused(here, tmp_path / "gone.zip", "gone.zip cannot be read")
    refused(here, tmp_path, "cannot be read")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_file_is_refused(here, archive, share):
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * share)])
    refused(here, archive, "its end is missing")


def test_any_changed_byte_is_noticed(here, archive):
    content = archive.read_bytes()
    with zipfile.ZipFile(archive) as opened:
        infos = opened.infolist()
    for info in infos:
        changed = bytearray(content)
        changed[info.header_offset + 120 + info.compress_size // 2] ^= 0x40
        archive.write_bytes(changed)
        refused(here, archive, "damaged")


@pytest.mark.parametrize("name", [PAPERS, VECTORS, CONVERSATIONS])
def test_a_member_with_another_hash_is_refused(here, archive, name):
    members = members_of(archive)
    content = members[name]
    write_archive(archive, {**members, name: content[:-1] + bytes([content[-1] ^ 1])}, is_consistent=False)
    refused(here, archive, f"{name} is not what was exported")


@pytest.mark.parametrize("name", [PAPERS, VECTORS, CONVERSATIONS])
def test_a_missing_member_is_refused(here, archive, name):
    members = members_of(archive)
    del members[name]
    write_archive(archive, members, is_consistent=False)
    refused(here, archive, f"{name} is missing")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "has version 2 of the format, and this Footnote reads 1: update Footnote"),
        ({"version": None}, "has version None"),
        ({"format": "other"}, "not a library that Footnote exported"),
        ({"dimension": "many"}, "its manifest"),
        ({"dimension": 0}, "impossible dimension"),
        ({"dimension": DIMENSION - 1}, "vectors are packed, or not whole|say different things"),
        ({"embedding": "other"}, "say different things"),
        ({"members": {}}, "does not list the files"),
        ({"members": {"../../evil": {"bytes": 1, "sha256": ""}}}, "does not list the files"),
        ({"counts": None}, "its manifest"),
    ],
)
def test_a_manifest_that_is_wrong_is_refused(here, archive, change, said):
    refused(here, with_manifest(archive, lambda manifest: manifest.update(change)), said)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"[" * 100_000, b"\xff\xfe", b'{"format": "footnote-library"}'])
def test_a_manifest_that_is_not_one_is_refused(here, archive, content):
    write_archive(archive, {**members_of(archive), MANIFEST: content}, is_consistent=False)
    refused(here, archive, "manifest is not JSON|not a library that Footnote exported|has version None")


@pytest.mark.parametrize("name", ["../../evil.py", "/etc/passwd", "C:\\evil", "readme.txt", "papers.sqlite/x"])
def test_a_member_that_does_not_belong_to_an_archive_is_refused(here, archive, name):
    write_archive(archive, {**members_of(archive), name: b"evil"}, is_consistent=False)
    refused(here, archive, "members that do not belong")
    assert not [*archive.parent.rglob("evil*")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", [MANIFEST, PAPERS])
def test_two_members_of_one_name_are_refused(here, archive, name):
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(name, b"other")
    refused(here, archive, "two of its members have one name")


def test_a_size_that_does_not_fit_on_the_disk_is_refused_before_anything_is_unpacked(here, archive):
    """The sizes in the list of the zip file and in the manifest agree, and are far greater than the content."""
    huge = 2**31

    def change(manifest):
        manifest["members"][PAPERS]["bytes"] = huge

    with_manifest(archive, change)
    with zipfile.ZipFile(archive) as opened:
        size = opened.getinfo(PAPERS).file_size
    content = archive.read_bytes()
    where = content.rindex(PAPERS.encode()) - 46 + 24  # the size in the entry of the central directory
    assert content[where : where + 4] == size.to_bytes(4, "little")
    archive.write_bytes(content[:where] + huge.to_bytes(4, "little") + content[where + 4 :])
    refused(here, archive, "damaged")


def test_an_archive_that_needs_more_than_the_free_disk_is_refused(here, archive, monkeypatch):
    monkeypatch.setattr(reading, "_SPARE_BYTES", shutil.disk_usage(archive.parent).free)
    refused(here, archive, "and 0 MB are free: make room")


def test_a_zip_bomb_is_read_up_to_the_size_that_the_manifest_says(here, archive):
    members = members_of(archive)
    bomb = bytes(50_000_000)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in {**members, PAPERS: bomb}.items():
            opened.writestr(name, content)
    assert archive.stat().st_size < 1_000_000
    refused(here, archive, "has another size than the manifest says")


def test_packed_vectors_are_refused(here, archive):
    with zipfile.ZipFile(archive) as opened:
        members = {info.filename: opened.read(info) for info in opened.infolist()}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    refused(here, archive, "its vectors are packed")


def changed_database(archive: Path, name: str, *statements: str) -> Path:
    """An archive with a changed database, whose hash is right."""
    members = members_of(archive)
    path = archive.with_suffix(".sqlite")
    path.write_bytes(members[name])
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return write_archive(archive, {**members, name: path.read_bytes()})


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW more AS SELECT * FROM records",
        "CREATE TRIGGER evil AFTER INSERT ON records BEGIN DELETE FROM records; END",
        "CREATE TABLE more (x)",
        "DROP TABLE retractions",
        "DELETE FROM facts",
        "UPDATE facts SET value = x'ff'",
    ],
)
def test_other_tables_than_those_of_an_archive_are_refused(here, archive, statement):
    refused(here, changed_database(archive, PAPERS, statement), "damaged|different")


def test_a_file_that_is_not_a_database_is_refused(here, archive):
    write_archive(archive, {**members_of(archive), PAPERS: b"garbage " * 600})
    refused(here, archive, "damaged")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET fields = 'x'",
        "UPDATE records SET fields = 7",
        """UPDATE records SET fields = '{"paper_id": "a", "title": "A", "abstract": 7}'""",
        """UPDATE records SET fields = '{"paper_id": "", "title": "A", "abstract": "b"}'""",
        """UPDATE records SET fields = '{"paper_id": "a", "title": " ", "abstract": "b"}'""",
        "UPDATE records SET fields = json_set(fields, '$.year', 100000000000000000000)",
        "UPDATE records SET source = x'00'",
        "UPDATE records SET paper_id = NULL",
        "UPDATE records SET read_at = 'now'",
        "INSERT INTO retractions VALUES (1, 2)",
    ],
)
def test_records_that_cannot_be_read_are_refused(here, archive, statement):
    refused(here, changed_database(archive, PAPERS, statement), "damaged")


@pytest.mark.parametrize("statement", ["UPDATE chunks SET row = 1000000", "UPDATE chunks SET row = 'x'"])
def test_a_vector_that_is_not_there_is_damage(here, archive, statement):
    refused(here, changed_database(archive, PAPERS, statement), "it lacks vectors")


@pytest.mark.parametrize("value", [np.nan, np.inf, 0, 100])
def test_vectors_that_are_not_of_length_1_are_computed_instead(here, there, archive, value):
    members = members_of(archive)
    rows = np.frombuffer(members[VECTORS], dtype="<f2").copy()
    rows[:DIMENSION] = value
    write_archive(archive, {**members, VECTORS: rows.tobytes()})
    assert import_(here, archive).computed == 1
    assert everything(here)["vectors"] == everything(there)["vectors"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE exchanges SET answer = '{}'",
        "UPDATE exchanges SET answer = x'00'",
        "UPDATE exchanges SET paper_ids = '7'",
        "UPDATE exchanges SET made_with = '['",
        "UPDATE conversations SET title = x'ff'",
        "CREATE VIEW evil AS SELECT 1",
        "CREATE TRIGGER evil AFTER INSERT ON exchanges BEGIN DELETE FROM exchanges; END",
        "DROP TABLE exchanges",
    ],
)
def test_conversations_that_cannot_be_read_are_refused(here, archive, statement):
    refused(here, changed_database(archive, CONVERSATIONS, statement), "conversations|cannot be read")


def test_conversations_of_a_later_version_are_refused(here, archive):
    later = changed_database(archive, CONVERSATIONS, "PRAGMA user_version = 99")
    refused(here, later, "by a later version of Footnote")


def test_an_exchange_of_no_conversation_is_left_out(here, archive):
    changed_database(archive, CONVERSATIONS, "UPDATE exchanges SET conversation_id = 'gone' WHERE number = 1")
    assert import_(here, archive).conversations["exchanges"] == 1


def test_the_manifest_says_what_is_in_the_archive(archive):
    manifest = json.loads(members_of(archive)[MANIFEST])
    assert (manifest["format"], manifest["version"], manifest["embedding"]) == ("footnote-library", 1, "word-count")
    assert manifest["counts"] == {
        "papers": 3,
        "records": 3,
        "sources": 1,
        "notices": 0,
        "vectors": 13,
        "conversations": 1,
        "exchanges": 2,
    }
