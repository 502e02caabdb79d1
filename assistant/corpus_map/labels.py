"""Labels each cluster of the map with the words and phrases that its titles contain more often than other titles.

A term is a word or a phrase. Terms are counted in titles (``_titles_by_term``), weighted for each cluster by
class-based TF-IDF (``_weights``), and written in their usual spelling (``_usual_forms``).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.records import Paper
from assistant.text.stemming import stem
from assistant.text.tokens import is_stop_word

Term = tuple[str, ...]
"""A word or a phrase, as the stems of its words."""

_TERMS_PER_LABEL = 3
_WORDS_PER_TERM = 4
_LEAST_SHARE = 0.02  # a term is in a label only if at least this share of the cluster's titles contain it
_FRAGMENT_SHARE = 0.7  # a term is left out if one longer phrase is in at least this share of its titles
_ABSTRACTS_READ = 4_000  # at most, to find the usual spelling of words

# A word that starts with a letter, or any other character except white space, which ends a phrase.
_PIECE = re.compile(r"(?<!\w)[^\W\d_](?:\w|[.-](?=\w))*\+*|\S")
# Words in titles on any topic, and function words of other languages that titles are often written in.
_GENERAL_WORDS = frozenset(
    """approach approaches based better comprehensive effective efficient enhancing exploring framework improved
    help helps improving investigating leveraging method methods mitigating new novel toward towards use using via
    au aux avec ce ces dans de del della der des die du el en es et la las le les los ou par pour que qui se sur un
    una une und von y zu zur""".split()
)


def cluster_labels(papers: Sequence[Paper], cluster_of: NDArray[np.int16]) -> list[str]:
    """The label of each cluster: up to three of its most distinctive terms, separated by commas.

    A term is in at most one label. ``cluster_of``: the cluster of each paper, -1 for none. A cluster without a
    distinctive term is labelled with the title of its first paper.
    """
    if cluster_of.max(initial=-1) < 0:
        return []
    titles = [paper.title for paper in papers]
    titles_by_term = _titles_by_term(titles)
    forms = _usual_forms(papers)
    labels = []
    for cluster, terms in enumerate(_distinctive_terms(titles_by_term, cluster_of)):
        spellings = [_spelling(term, (titles[place] for place in titles_by_term[term])) for term in terms]
        written = [" ".join(forms.get(word, word) for word in spelling.split()) for spelling in spellings]
        labels.append(", ".join(written) or titles[int(np.argmax(cluster_of == cluster))])
    return labels


def _distinctive_terms(titles_by_term: dict[Term, list[int]], cluster_of: NDArray[np.int16]) -> list[list[Term]]:
    """For each cluster, its terms with the greatest weights. A term counts only in the cluster where it weighs most."""
    terms = list(titles_by_term)
    counts = _counts(titles_by_term, cluster_of)
    weights = _weights(terms, counts)
    weights *= np.arange(counts.shape[1]) == weights.argmax(axis=1)[:, np.newaxis]
    is_common = counts >= np.maximum(2, _LEAST_SHARE * np.bincount(cluster_of))
    return [_heaviest_terms(terms, *columns) for columns in zip(weights.T, is_common.T, strict=True)]


def _titles_by_term(titles: Sequence[str]) -> dict[Term, list[int]]:
    """The terms of titles, each with the indices of the titles that contain it.

    A phrase is a term if at least two titles contain it. A fragment, which occurs mostly within one longer phrase, is
    left out: ``answering`` in ``question answering``.
    """
    found: dict[Term, list[int]] = defaultdict(list)
    for place, title in enumerate(titles):
        for term in dict.fromkeys(stems for stems, _ in _phrases(title)):
            found[term].append(place)
    phrases = {term: len(places) for term, places in found.items() if len(term) > 1 and len(places) > 1}
    fragments = {
        part
        for phrase, count in phrases.items()
        for part in (phrase[1:], phrase[:-1])
        if count >= _FRAGMENT_SHARE * len(found[part])
    }
    return {
        term: places for term, places in found.items() if (len(term) == 1 or term in phrases) and term not in fragments
    }


def _phrases(text: str) -> Iterator[tuple[Term, str]]:
    """Every sequence of one to four content words, as stems and as written."""
    run: list[tuple[str, str]] = []
    for piece in _PIECE.findall(unicodedata.normalize("NFKC", text)):
        if not _is_content_word(piece):
            run = []
            continue
        run = [*run, (stem(piece.lower().replace("-", "")), piece)][-_WORDS_PER_TERM:]
        for first in range(len(run)):
            stems, words = zip(*run[first:], strict=True)
            yield stems, " ".join(words)


def _is_content_word(piece: str) -> bool:
    word = piece.lower()
    return len(word) > 1 and word[0].isalpha() and not is_stop_word(word) and word not in _GENERAL_WORDS


def _counts(titles_by_term: dict[Term, list[int]], cluster_of: NDArray[np.int16]) -> NDArray[np.int64]:
    """How many papers of each cluster contain each term: ``(terms, clusters)``."""
    clusters = int(cluster_of.max()) + 1
    rows = [np.bincount(cluster_of[places], minlength=clusters) for places in titles_by_term.values()]
    return np.array(rows, dtype=np.int64).reshape(-1, clusters)


def _weights(terms: Sequence[Term], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """How distinctive a term is for a cluster, ``(terms, clusters)``: class-based TF-IDF, tf * log(1 + A / f).

    Grootendorst (2022), "BERTopic: Neural topic modeling with a class-based TF-IDF procedure": tf is the term's share
    of the cluster's terms, f its count in all clusters and A the number of terms in an average cluster. Two
    changes: the square root of tf, as with the option ``reduce_frequent_words`` of his program, so that terms that are
    frequent everywhere do not win; and each occurrence of a phrase counts once for each of its words.
    """
    words = np.array([len(term) for term in terms]).reshape(-1, 1)
    shares = counts * words / np.maximum(1, counts.sum(axis=0))
    frequencies = counts.sum(axis=1, keepdims=True)
    weights: NDArray[np.float64] = np.sqrt(shares) * np.log1p(counts.sum() / counts.shape[1] / frequencies)
    return weights


def _heaviest_terms(terms: Sequence[Term], weights: NDArray[np.float64], is_common: NDArray[np.bool]) -> list[Term]:
    """The terms of one cluster with the greatest weights, without similar ones. Only common terms, if there are any.

    ``is_common``: whether enough of the cluster's titles contain a term.
    """
    common = np.flatnonzero(weights * is_common)
    candidates = common if len(common) else np.flatnonzero(weights)
    chosen: list[Term] = []
    for place in candidates[np.argsort(-weights[candidates], kind="stable")]:
        if len(chosen) < _TERMS_PER_LABEL and not any(_is_similar(terms[place], other) for other in chosen):
            chosen.append(terms[place])
    return chosen


def _is_similar(term: Term, other: Term) -> bool:
    """Do terms share a word or a word family, or is one the other's acronym?

    ``summaries`` and ``summarization`` are of one family.
    """
    return (
        any(_is_family(word, other_word) for word in term for other_word in other)
        or "".join(word[0] for word in term) == "".join(other)
        or "".join(word[0] for word in other) == "".join(term)
    )


def _is_family(word: str, other: str) -> bool:
    """Does one stem begin with the other one without its last two letters? At least four letters must agree."""
    letters = max(4, min(len(word), len(other)) - 2)
    return word[:letters] == other[:letters]


def _spelling(term: Term, titles: Iterable[str]) -> str:
    """The most frequent spelling of a term in these titles, in lower case: ``models`` rather than ``model``."""
    spellings = Counter(written.lower() for title in titles for stems, written in _phrases(title) if stems == term)
    ((spelling, _),) = spellings.most_common(1)
    return spelling


def _usual_forms(papers: Sequence[Paper]) -> dict[str, str]:
    """Words in lower case, each with its usual form: ``BERT``, ``Arabic``, ``model``.

    The usual form is lower case if at least a quarter of all occurrences have it, because many words also start
    sentences and names. Occurrences are counted in at most 4,000 abstracts, and in titles except for words that may be
    capitalised only because they are in a title.
    """
    read = papers[:: 1 + len(papers) // _ABSTRACTS_READ]
    counts = Counter(word for paper in read for word in _PIECE.findall(paper.abstract))
    counts.update(word for paper in papers for word in _PIECE.findall(paper.title) if not _may_be_title_case(word))
    variants: dict[str, list[str]] = defaultdict(list)
    for word in counts:
        variants[word.lower()].append(word)
    return {
        word: word if 4 * counts[word] >= sum(counts[form] for form in forms) else max(forms, key=counts.__getitem__)
        for word, forms in variants.items()
    }


def _may_be_title_case(word: str) -> bool:
    """May a word be in title case? ``Multi-Hop`` and ``Multi-hop`` may, ``BERT`` and ``model`` may not."""
    return not word.islower() and all(part[1:] == part[1:].lower() for part in word.split("-"))
