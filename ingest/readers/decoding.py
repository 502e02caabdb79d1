"""Decodes the bytes of a file to text in whatever encoding it has, and refuses files that are not text."""

from __future__ import annotations

import codecs
import io

from charset_normalizer import from_bytes

from assistant.errors import InputError
from ingest.readers.unpacking import HEAD

MAXIMUM_LINE = 50_000_000  # characters; a longer line is not a list of papers
MAXIMUM_WHOLE = 200_000_000  # characters, for formats that cannot be read in pieces
_PIECE = 65_536

_EXPORT = "export the titles and abstracts as RIS, BibTeX, CSV or JSON instead"
_NOT_TEXT = {  # first bytes of the file, what that is and what to do about it
    b"%PDF": f"a PDF: {_EXPORT}",
    b"{\\rtf": "a rich-text document: save it as plain text",
    b"\xd0\xcf\x11\xe0": "an old Office document: save it as CSV or plain text",
    b"\x89PNG": f"an image: {_EXPORT}",
    b"\xff\xd8\xff": f"an image: {_EXPORT}",
    b"GIF8": f"an image: {_EXPORT}",
    b"SQLite format 3": f"a database: {_EXPORT}",
    b"PAR1": "a Parquet file: save it as CSV or JSON Lines",
    b"7z\xbc\xaf": "a 7z archive: unpack it, or pack it as zip",
    b"Rar!": "a RAR archive: unpack it, or pack it as zip",
    b"\x28\xb5\x2f\xfd": "packed with zstd: unpack it, or pack it with gzip",
}
_BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark is the beginning of this one
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CHARSETS = """cp1252 cp1250 cp1251 cp1253 cp1254 koi8_r iso8859_2 iso8859_5 iso8859_7 gb18030 big5 shift_jis euc_jp
euc_kr""".split()  # the likeliest first; without this list, two accents suggest any of a hundred rare ones
_CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32)])


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Decodes a byte that is not UTF-8, in a file that otherwise is, as Windows-1252, where it usually comes from."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("footnote-windows", _as_windows)


class DecodedText(io.TextIOWrapper):
    """The text of a file, with \\n line ends and without NULs.

    Reading raises InputError for a line over MAXIMUM_LINE, or a whole over MAXIMUM_WHOLE characters.
    """

    def __init__(self, name: str, stream: io.BufferedReader) -> None:
        encoding, errors = _encoding_of(stream.peek(HEAD))
        super().__init__(stream, encoding=encoding, errors=errors)
        self._name = name

    def read(self, size: int | None = -1, /) -> str:
        if size is None or size < 0:
            return self._read_whole()
        while (text := super().read(size)) and not (kept := text.replace("\x00", "")):
            pass
        return kept if text else ""

    def _read_whole(self) -> str:
        pieces, length = list[str](), 0
        while piece := self.read(_PIECE):
            pieces.append(piece)
            length += len(piece)
            if length > MAXIMUM_WHOLE:
                raise InputError(f"{self._name} is too large for its format: split it, or use JSON Lines or CSV.")
        return "".join(pieces)

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        """The next line; iterating over the text calls this too."""
        line = super().readline(MAXIMUM_LINE + 1 if size < 0 else size)
        if len(line) > MAXIMUM_LINE:
            raise InputError(f"{self._name} has a line of over {MAXIMUM_LINE:,} characters: these are not papers.")
        return line.replace("\x00", "")


def check_is_text(name: str, stream: io.BufferedReader) -> None:
    """Raises InputError, with advice, for a file that is empty or is not text."""
    head = stream.peek(HEAD)
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf\xff\xfe"):
        raise InputError(f"{name} is empty: nothing to read.")
    for magic, what in _NOT_TEXT.items():
        if head.startswith(magic):
            raise InputError(f"{name} is {what}.")
    if head[257:262] == b"ustar":
        raise InputError(f"{name} is a tar archive: unpack it, or pack it as zip.")
    if head.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        raise InputError(f"{name} is a web page: save it as plain text.")
    is_wide = _encoding_of(head)[0].startswith(("utf-16", "utf-32"))
    if not is_wide and len(head.translate(None, _CONTROLS)) < 0.9 * len(head):
        raise InputError(f"{name} is a binary file: {_EXPORT}.")


def _encoding_of(head: bytes) -> tuple[str, str]:
    """The codec for a file that begins with these bytes, and its error handler, which never raises."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            return encoding, "replace"
    if head.count(0) * 3 > len(head):
        return ("utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"), "replace"
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)
    undecodable = text.count("\ufffd")
    if 3 * undecodable <= sum(character > "\x7f" for character in text):
        return "utf-8", "footnote-windows"
    return _guessed(head), "replace"


def _guessed(head: bytes) -> str:
    matches = from_bytes(head, cp_isolation=_CHARSETS, enable_fallback=False)
    best = min(matches, key=lambda match: (match.chaos, _CHARSETS.index(match.encoding)), default=None)
    return best.encoding if best and "cp1252" not in best.could_be_from_charset else "cp1252"
