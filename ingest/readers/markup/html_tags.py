"""Tells tags and entities from literal text: abstracts also contain "p < 0.05", "<5 years", "R&D" and "<mask>".

A tag has the syntax of HTML or XML, with a value for each attribute. It counts as markup if it

- has a namespace (``<jats:p>``) or an attribute, or is empty (``<graphic/>``), or
- has a name that publishers use in abstracts (``<sup>``, ``<italic>``), or
- has any other name and an end tag, and the words between them have no white space at either edge, as in
  ``<foo>word</foo>``, or a line break at both, as in indented XML.

Everything else is text: "the tokens <s> and </s>", "<think>...</think>", "a <mask> token".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from html import unescape
from html.entities import html5

_TAG = re.compile(
    r"""<(?P<closes>/)?(?P<name>[A-Za-z][\w.-]*+(?::[A-Za-z][\w.-]*+)?)
    (?P<attributes>(?:\s++[\w:.-]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>=`]++))*+)\s*+(?P<empty>/)?>""",
    re.VERBOSE | re.ASCII,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]\w{1,30});", re.ASCII)
_ESCAPED_TWICE = re.compile(r"&(?:amp;|#0{0,5}38;|#x0{0,5}26;)+", re.IGNORECASE)
_MARK = re.compile(rf"<|{_ENTITY.pattern}|&", re.ASCII)
_DECLARATION = re.compile(r"<(?:\?[a-zA-Z][^<>]*+|!(?:doctype|DOCTYPE)[^<>]*+)>")
_MAXIMUM_ROUNDS = 6  # levels of escaping; more than two are rare, and each takes linear time

PARAGRAPHS = frozenset(
    """p div sec section article abstract body blockquote disp-quote list ol ul dl li list-item def-list def-item dd dt
    table tr table-wrap caption boxed-text hr trans-abstract statement""".split()
)
HEADINGS = frozenset("title h1 h2 h3 h4 h5 h6".split())
FORMULAS = frozenset("inline-formula disp-formula alternatives semantics".split())
MATHML = frozenset(
    """math mrow mi mn mo ms mtext mspace mstyle msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr
    mlabeledtr mtd mfenced mpadded mphantom merror menclose mmultiscripts mprescripts none semantics""".split()
)
_INLINE = frozenset(
    """sup sub inf b i u em strong small big tt font span br a sc italic bold underline overline monospace roman
    sans-serif strike nobr center xref ext-link named-content styled-content email uri img script style fn label
    inline-graphic related-article html head tex-math annotation annotation-xml""".split()
)
_KNOWN = PARAGRAPHS | HEADINGS | FORMULAS | MATHML | _INLINE
# SGML's names of Greek letters (ISO 8879, grk1): old records contain them, HTML does not define them.
_GREEK = dict(
    zip(
        "agr bgr ggr dgr egr zgr eegr thgr igr kgr lgr mgr ngr xgr ogr pgr rgr sgr tgr ugr phgr khgr psgr ohgr".split(),
        "αβγδεζηθικλμνξοπρστυφχψω",
        strict=True,
    )
)
_GREEK |= {name[0].upper() + name[1:]: letter.upper() for name, letter in _GREEK.items()}


def decoded(text: str) -> str:
    """The text with all entities decoded, also those of decoded text. Tags stay: a DOI may contain "<1:A>"."""
    for _ in range(_MAXIMUM_ROUNDS if "&" in text else 0):
        text, before = _ENTITY.sub(_character, _ESCAPED_TWICE.sub("&", text)), text
        if text == before:
            break
    return text


def escaped(text: str) -> str:
    """Markup that an HTML parser reads as intended: each ``<`` and ``&`` that is literal text is escaped.

    Comments, declarations and the delimiters of CDATA are removed.
    """
    if "<!" in text or "<?" in text:
        text = _replaced(text, "<!--", "-->", lambda _: "")
        text = _replaced(text, "<![CDATA[", "]]>", lambda inner: inner.replace("<", "&lt;"))
        text = _DECLARATION.sub("", text)
    if "&" in text:
        text = _ESCAPED_TWICE.sub("&", text)
    tags = set(_places_of_tags(text)) if "<" in text else set()
    return _MARK.sub(lambda found: _as_markup(found, tags), text)


def _as_markup(found: re.Match[str], tags: set[int]) -> str:
    mark = found.group()
    if mark == "<":
        return mark if found.start() in tags else "&lt;"
    return "&amp;" if mark == "&" else _character(found).translate({38: "&amp;", 60: "&lt;"})


def _character(entity: re.Match[str]) -> str:
    """The character of an entity; the entity itself if it is unknown."""
    name = entity.group()[1:]
    is_known = name[0] == "#" or name in html5
    return unescape(entity.group()) if is_known else _GREEK.get(name[:-1], entity.group())


def _replaced(text: str, begins: str, ends: str, written: Callable[[str], str]) -> str:
    """The text with each part between two delimiters replaced by ``written`` of it, and without the delimiters."""
    pieces, start = list[str](), 0
    while (opened := text.find(begins, start)) >= 0 and (closed := text.find(ends, opened + len(begins))) >= 0:
        pieces += [text[start:opened], written(text[opened + len(begins) : closed])]
        start = closed + len(ends)
    return "".join([*pieces, text[start:]])


def _places_of_tags(text: str) -> Iterator[int]:
    """The positions of the tags that count as markup."""
    opened: defaultdict[str, list[re.Match[str]]] = defaultdict(list)
    for tag in _TAG.finditer(text):
        name = tag["name"].casefold()
        if ":" in name or tag["attributes"] or tag["empty"] or name in _KNOWN:
            yield tag.start()
        if not tag["closes"]:
            opened[name].append(tag)
        elif opened[name] and _encloses_words(text, opening := opened[name].pop(), tag):
            yield from (opening.start(), tag.start())


def _encloses_words(text: str, opening: re.Match[str], closing: re.Match[str]) -> bool:
    """Do two tags enclose words, by the rule above? Examines at most 200 characters, to stay linear."""
    start, end = opening.end(), closing.start()
    if opening["attributes"]:
        return True
    edges = text[start : start + 1], text[max(start, end - 1) : end]
    return all(edge == "\n" or not edge.isspace() for edge in edges) and any(
        map(str.isalnum, text[start : min(end, start + 200)])
    )
