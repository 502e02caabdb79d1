"""The keys with which programs on other machines use the API: made, listed, revoked and checked.

A key is 32 random bytes, so that a plain hash keeps it secret: it cannot be guessed, and only its SHA-256 is stored. A
running server reads the file for each request, so that a revoked key ends at once.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant.errors import InputError, NotFound, StoreError

_PREFIX = "fn_"
_NAME_CHARACTERS = 60
_TABLE = """CREATE TABLE IF NOT EXISTS keys (
    key_id TEXT PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL, sha256 TEXT NOT NULL UNIQUE)"""
_SECONDS_TO_WAIT = 10  # for another process that is writing


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. ``created`` is ISO 8601 in UTC."""

    key_id: str
    name: str
    created: str


@dataclass(frozen=True, slots=True)
class KeyStore:
    """The keys in one file, which only its owner can read. Every method raises StoreError if it cannot be used."""

    path: Path

    def add(self, name: str) -> tuple[Key, str]:
        """A new key, and its secret, which is not stored. Raises InputError for a name that cannot be shown."""
        name = " ".join(name.split())
        if not name or len(name) > _NAME_CHARACTERS or not name.isprintable():
            raise InputError(f"A key needs a name of 1 to {_NAME_CHARACTERS} printable characters.")
        key = Key(secrets.token_hex(4), name, datetime.now(UTC).isoformat(timespec="seconds"))
        secret = _PREFIX + secrets.token_urlsafe(32)
        with self._open(makes_file=True) as connection:
            connection.execute("INSERT INTO keys VALUES (?, ?, ?, ?)", (key.key_id, name, key.created, _hash(secret)))
        return key, secret

    def all(self) -> list[Key]:
        """The keys in the order in which they were made."""
        if not self.path.exists():
            return []
        with self._open() as connection:
            return [Key(*row) for row in connection.execute("SELECT key_id, name, created FROM keys ORDER BY rowid")]

    def revoke(self, key_id: str) -> None:
        """Delete a key. Raises NotFound if there is none with this id."""
        if self.path.exists():
            with self._open() as connection:
                if connection.execute("DELETE FROM keys WHERE key_id = ?", [key_id]).rowcount:
                    return
        raise NotFound(f"There is no key {key_id!r}: `footnote key list` prints the ids.")

    def holder_of(self, secret: str) -> Key | None:
        """The key with this secret, if there is one."""
        if not secret.startswith(_PREFIX) or not self.path.exists():
            return None
        with self._open() as connection:
            found = connection.execute("SELECT key_id, name, created FROM keys WHERE sha256 = ?", [_hash(secret)])
            row = found.fetchone()
        return Key(*row) if row else None

    @contextmanager
    def _open(self, *, makes_file: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection, in a transaction."""
        try:
            if makes_file:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.touch(mode=0o600)
            with closing(sqlite3.connect(self.path, timeout=_SECONDS_TO_WAIT)) as connection, connection:
                connection.execute(_TABLE)
                yield connection
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{self.path} cannot be used ({error}): make it writable, or delete it.") from error


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
