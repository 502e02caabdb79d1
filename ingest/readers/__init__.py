"""Reads files of papers in any known format.

How to add a parser for a format, which this package calls a reader:

1. Write ``ingest/readers/formats/NAME.py`` with the four members of ``interface.Reader``: NAME, SUFFIXES,
   ``recognises`` and ``read``. Give the fields of a record to ``paper_fields.paper_from_fields``, which cleans and
   checks them; never strip tags, entities or TeX yourself. Use ``xml_records`` for XML, ``tagged_lines`` for lines
   that begin with a tag, and ``unread_fields`` to report long text in fields that you ignore.
2. Add the module to READERS in ``detection``: before every looser format that also recognises such files.
3. Put a small file as the tool really exports it, with invented papers, into ``tests/samples``, and write its golden
   file into ``tests/golden``: ``.venv/bin/pytest tests/ingest/readers/test_golden_records.py --write-golden``. Read
   what it contains before you commit it. The tests of all readers (damaged and truncated files, memory, wrong file
   names) then run on the sample too.
4. Add the format to ``docs/formats.md``.
"""

from ingest.readers.detection import READERS, known_suffixes
from ingest.readers.interface import Item, Reader, ReadResult, Retraction, Skipped
from ingest.readers.reading import read_items, read_papers

__all__ = [
    "READERS",
    "Item",
    "ReadResult",
    "Reader",
    "Retraction",
    "Skipped",
    "known_suffixes",
    "read_items",
    "read_papers",
]
