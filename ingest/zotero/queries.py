"""What can be read from Zotero: a whole library, a collection with those inside it, or a tag.

zotero:                        the personal library
zotero:Collection              a collection, by its name, or by its path: zotero:Parent/Child
zotero:#tag                    the items with a tag
zotero:group:Name              a group, by its name or its number
zotero:group:Name/Collection   a collection of a group, or with /#tag the items with a tag
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.command_line import printable
from assistant.errors import InputError
from assistant.index.source_names import ZOTERO, ZOTERO_ITEMS
from ingest.zotero.client import Collection, Values, Zotero
from ingest.zotero.stored import is_query

_GROUP = f"{ZOTERO}group:"
_NAMES_SHOWN = 12
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_MAXIMUM_DEPTH = 100  # of collections in collections; an untrusted list may contain a ring


@dataclass(frozen=True, slots=True)
class Query:
    """What to read. ``name`` is stored: however a user writes the query, it is the same.

    ``paths``: of the API, whose items together are the result, with the parameters ``values``. ``library``: its prefix.
    """

    name: str
    library: str
    paths: tuple[str, ...]
    values: Values

    @property
    def is_of_whole_library(self) -> bool:
        return self.paths == (self.library,) and not self.values

    def source_name(self, key: str) -> str:
        """The name of the source for an item: the link that opens it in Zotero."""
        place = "library" if self.library.startswith("users/") else self.library
        return f"{ZOTERO_ITEMS}{place}/items/{key}"


def find_query(text: str, zotero: Zotero) -> Query:
    """What a text asks for. Raises InputError if Zotero has no such collection or group."""
    if not is_query(text):
        raise InputError(f"{text} is one item: give zotero: or the name of a collection, as zotero:Name.")
    if text.startswith(_GROUP):
        number, name, rest = _group(text.removeprefix(_GROUP), zotero)
        library, start, whole = f"groups/{number}", f"{_GROUP}{name}/", f"{_GROUP}{name}"
    else:
        library, start, whole, rest = "users/0", ZOTERO, ZOTERO, text.removeprefix(ZOTERO)
    rest = " ".join(_CONTROL_CHARACTERS.sub(" ", rest).split())
    if not rest:
        return Query(whole, library, (library,), {})
    if rest.startswith("#"):
        tag = rest[1:].strip()
        # A minus sign would ask for the items without the tag.
        return Query(f"{start}#{tag}", library, (library,), {"tag": f"\\{tag}" if tag.startswith("-") else tag})
    collections = zotero.collections(library)
    path, found = _collection(rest, collections)
    paths = tuple(f"{library}/collections/{key}" for key in _with_inner(found, collections))
    return Query(f"{start}{path}", library, paths, {})


def _group(text: str, zotero: Zotero) -> tuple[int, str, str]:
    """The number and the name of a group, and what follows it; the longest name counts, since names may hold a /."""
    groups = {number: _plain(name) for number, name in zotero.groups().items()}
    for number, name in sorted(groups.items(), key=lambda item: -len(item[1])):
        for written in (name, str(number)):
            if f"{text}/".casefold().startswith(f"{written}/".casefold()):
                return number, name, text[len(written) + 1 :]
    raise InputError(f"Zotero has no group {text!r}; there are: {_listed(groups.values())}.")


def _collection(text: str, collections: list[Collection]) -> tuple[str, Collection]:
    """The path and the collection that a text names, by its whole path or the end of it."""
    paths = _paths(collections)
    wanted = text.strip("/").casefold()
    exact = [one for one in collections if paths[one.key].casefold() == wanted]
    ending = [one for one in collections if paths[one.key].casefold().endswith(f"/{wanted}")]
    found = exact or ending
    if len(found) == 1:
        return paths[found[0].key], found[0]
    if found:
        names = _listed(paths[one.key] for one in found)
        raise InputError(f"Zotero has {len(found)} collections {text!r}: give the whole path, or rename one ({names}).")
    raise InputError(f"Zotero has no collection {text!r}; there are: {_listed(paths.values())}.")


def _paths(collections: list[Collection]) -> dict[str, str]:
    """The path of each collection, such as Parent/Child, by its key."""
    by_key = {one.key: one for one in collections}
    found: dict[str, str] = {}
    for one in collections:
        names, outer = [_plain(one.name)], by_key.get(one.parent)
        while outer and len(names) < _MAXIMUM_DEPTH:
            names.append(_plain(outer.name))
            outer = by_key.get(outer.parent)
        found[one.key] = "/".join(reversed(names))
    return found


def _with_inner(chosen: Collection, collections: list[Collection]) -> list[str]:
    """The keys of a collection and of all collections inside it."""
    found = {chosen.key: None}
    size = 0
    while size < len(found):
        size = len(found)
        found |= dict.fromkeys(one.key for one in collections if one.parent in found)
    return list(found)


def _plain(name: str) -> str:
    return " ".join(_CONTROL_CHARACTERS.sub(" ", name).split())


def _listed(names: Iterable[str]) -> str:
    shown = sorted(map(printable, names), key=str.casefold)
    more = f" and {len(shown) - _NAMES_SHOWN} more" if len(shown) > _NAMES_SHOWN else ""
    return (", ".join(shown[:_NAMES_SHOWN]) or "none") + more
