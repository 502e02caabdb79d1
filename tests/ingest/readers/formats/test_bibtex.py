from __future__ import annotations

import io
import logging
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import InputError
from assistant.export import as_bibtex
from ingest.readers.bibtex_fields import MAXIMUM_JOINED
from ingest.readers.formats import bibtex
from ingest.readers.interface import Skipped
from ingest.readers.markup.latex_to_text import as_text
from tests.support.mutations import LITTLE_TIME, SAMPLES, items, mutated, papers, reads_or_refuses, sample, skipped

ZOTERO, JABREF = sample("zotero.bib"), sample("jabref.bib")
INCOMPLETE = "incomplete: a brace, a quotation mark or a comma is missing or one too many"


def entry(key: str = "k", **fields: str) -> str:
    written = {"title": "{A Title}", "abstract": "{An abstract.}", **fields}
    return f"@article{{{key},\n" + ",\n".join(f"  {name} = {value}" for name, value in written.items()) + "\n}\n\n"


def paper_of(**fields: str):
    (paper,) = papers(bibtex, entry(**fields))
    return paper


def test_a_biblatex_entry_is_a_paper_with_all_its_fields():
    paper = papers(bibtex, ZOTERO)[0]
    assert paper.title == "Slow Rivers and Fast Boats"
    assert paper.authors == ("Ferrymann, Otto", "van der Delta, Ria", "River Study Group")
    assert (paper.year, paper.venue) == (2020, "Journal of Inland Waters")
    assert (paper.doi, paper.url) == ("10.5555/jiw.2020.17", "https://example.org/jiw/17")
    assert paper.abstract == (
        "Boats go faster on slow rivers, by 5% & more. We show this with thirty boats—in ∼40 hours—and call it "
        "the “slow” effect."
    )


def test_the_title_includes_the_subtitle_and_a_letter_between_dollars_is_that_letter():
    assert papers(bibtex, ZOTERO)[1].title == "Anchors as Memory: A Study of α-Anchors"


def test_an_entry_without_an_abstract_is_not_a_fault():
    assert skipped(bibtex, ZOTERO) == [
        Skipped("entry ferrymannCompleteFerryman1999", "no abstract for 'The Complete Ferryman'", "no abstract")
    ]


def test_accents_macros_and_escapes_of_a_bibtex_entry_are_resolved():
    paper = papers(bibtex, JABREF)[0]
    assert paper.title == "BERT and the Łódź Tide: Twice in One Day"
    assert paper.authors == ("Kurt Gödel-Müller", "Éva Erdős", "Straßer, Čeněk")
    assert (paper.year, paper.venue, paper.doi) == (2019, "Journal of Tidal Computing", "10.5555/jtc_2019.1")
    assert paper.url == "https://example.org/~eva/a--b"
    assert paper.abstract == (
        "We watch the tide at Łódź, a town without a sea. It rises by 5% in α-weeks & falls by 5% in others. "
        "A second paragraph, with {braces} of its own."
    )


def test_texts_in_quotation_marks_are_joined():
    paper = papers(bibtex, JABREF)[1]
    assert paper.title == "A Plain Entry in Quotes"
    assert paper.abstract == 'It has quotes "inside" and Gödel, too.'


def test_comments_preambles_and_macros_are_not_papers():
    assert len(items(bibtex, JABREF)) == 2


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"eprint": "{2401.01234v2}", "archivePrefix": "{arXiv}"}, "2401.01234v2"),
        ({"eprint": "{2401.01234}", "eprinttype": "{arxiv}"}, "2401.01234"),
        ({"eprint": "{hep-th/9901001}"}, "hep-th/9901001"),
        ({"eprint": "{2401.01234}", "eprinttype": "{jstor}"}, ""),
        ({"eprint": "{https://example.org/a.pdf}"}, ""),
        ({"journal": "{CoRR}", "volume": "{abs/2401.01234}"}, "2401.01234"),
        ({"journal": "{arXiv preprint arXiv:2401.01234}"}, "2401.01234"),
        ({"doi": "{10.48550/arXiv.2401.01234}"}, "2401.01234"),
    ],
)
def test_an_arxiv_id_is_found_wherever_tools_put_it(fields, found):
    assert paper_of(**fields).arxiv_id == found


def test_a_pmid_is_found_as_an_eprint_of_pubmed():
    assert paper_of(eprint="{31234567}", eprinttype="{pubmed}").pmid == "31234567"


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("{Ada Brannock AND Bo\n   Cray and others}", ("Ada Brannock", "Bo Cray")),
        ("{{Barnes and Noble} and Dee, Di}", ("Barnes and Noble", "Dee, Di")),
        ("{J.~R. Dee and {\\'A}lvarez, Jos{\\'e}}", ("J. R. Dee", "Álvarez, José")),
        ("{family=Gogh, given=Vincent, prefix=van, useprefix=true}", ("van Gogh, Vincent")),
        ("{}", ()),
    ],
)
def test_authors_are_the_names_between_and(author, names):
    assert paper_of(author=author).authors == ((names,) if isinstance(names, str) else names)


def test_an_undefined_macro_stands_for_its_name():
    assert paper_of(journal="jacm", month="jan").venue == "jacm"


def test_the_first_of_a_repeated_field_counts():
    (paper,) = papers(bibtex, entry().replace("@article{k,", "@article{k,\n  title = {First},"))
    assert paper.title == "First"


@pytest.mark.parametrize(
    "broken",
    [
        entry("bad", title="{No {last brace}"),
        entry("bad", title="{One too} many}"),
        entry("bad", title="{One too many}}"),
        entry("bad", title='"No last mark'),
        entry("bad", title="{No comma}\n  year = 2020"),
        entry("bad", note="{No comma}\n  year = {2020}"),
        entry("bad").rstrip().removesuffix("}"),
    ],
)
def test_a_broken_entry_is_reported_and_those_after_it_are_read(broken):
    first, fault, last = items(bibtex, entry("a", title="{A}") + broken + "\n" + entry("b", title="{B}"))
    assert (first.title, last.title) == ("A", "B")
    assert fault == Skipped("entry bad", INCOMPLETE)


def test_a_broken_macro_is_reported_by_line_and_a_broken_comment_is_ignored():
    broken = '@string{jtc = "Journal of {Tides"\n@comment{of {no end\n'
    fault, paper = items(bibtex, broken + entry(journal="jtc"))
    assert fault == Skipped("line 1", INCOMPLETE)
    assert paper.venue == "jtc"


def test_entries_before_a_truncated_entry_are_read():
    first, fault = items(bibtex, (entry("a") + entry("b"))[:-20])
    assert first.title == "A Title"
    assert fault == Skipped("entry b", INCOMPLETE)


def test_a_repeated_key_is_a_fault_only_with_the_same_title():
    first, second, fault = items(bibtex, entry() + entry(title="{Another}") + entry("K", title="{{A} title}"))
    assert (first.title, second.title) == ("A Title", "Another")
    assert fault == Skipped("entry K", "a second entry with this key and title; the first was kept")


def test_reported_faults_are_not_logged_too(caplog):
    with caplog.at_level(logging.DEBUG):
        items(bibtex, "@article{bad, title = {A\n" + entry())
    assert caplog.records == []


def test_exported_papers_can_be_read_back():
    text = as_bibtex(papers(bibtex, JABREF)).replace("\tdoi =", "\tabstract = {An abstract.},\n\tdoi =")
    paper = papers(bibtex, JABREF)[0]
    read = papers(bibtex, text)[0]
    assert (read.title, read.venue, read.year, read.doi) == (paper.title, paper.venue, paper.year, paper.doi)


@pytest.mark.parametrize("text", ["", "words", "a@b.org {c}", "TY  - JOUR\nTI  - A\nER  - \n"])
def test_a_file_without_an_entry_is_refused(text):
    with pytest.raises(InputError):
        items(bibtex, text)


def test_only_files_that_begin_with_a_block_are_recognised():
    recognised = {path.name for path in SAMPLES.iterdir() if bibtex.recognises(path.read_text("utf-8", "replace"))}
    assert recognised == {"acm.bib", "ads.bib", "inheriting.bib", "jabref.bib", "mendeley.bib", "zotero.bib"}
    assert bibtex.recognises("Scopus\nEXPORT DATE: 1 May 2024\n\n@ARTICLE{A2024,\n author={B}}")
    assert bibtex.recognises("@article{ WOS:000123,\nTitle = {{A}},\n}")
    assert not bibtex.recognises('title,abstract\nA,"To cite it:\n@article{a,\n title = {A}}"\n')
    assert not bibtex.recognises("# Notes\n\n```\n@article{a,\n title = {A}}\n```\n")
    assert not bibtex.recognises("Cite it as\n\n" + "a line\n" * 10 + entry())
    assert not bibtex.recognises("@media (print) { a { color: black } }")


def test_a_long_file_is_read_in_pieces():
    text = io.StringIO(entry() * 1_000)
    next(bibtex.read(text))
    assert text.tell() < 1_000


def test_the_length_of_nested_macros_is_limited():
    doubled = "".join(f"@string{{m{number + 1} = m{number} # m{number}}}\n" for number in range(60))
    (paper,) = papers(bibtex, '@string{m0 = "ha"}\n' + doubled + entry(abstract=" # ".join(["m60"] * 100)))
    assert len(paper.abstract) == MAXIMUM_JOINED


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (
            r"{\'E}tude, G{\"o}del, \v{C}apek, fa\c{c}ade, Erd\H os, \'{\i}, \^\i{}, \'{\^e}, \~n",
            "Étude, Gödel, Čapek, façade, Erdős, í, î, ế, ñ",
        ),
        (r"Stra{\ss}e, \O{}rsted, {\L}{\'o}d{\'z}, {\aa}, \ae", "Straße, Ørsted, Łódź, å, æ"),
        (r"{B}races, {{Double}}, \textit{slanted}, {\em old}, \unknown{kept}", "Braces, Double, slanted, old, kept"),
        (r"R\&D, 5\%, \$3, a\_b, \#1, \{x\}, C{\#}", "R&D, 5%, $3, a_b, #1, {x}, C#"),
        ("R&D, 5% of all, ~5 g, a_b, #1", "R&D, 5% of all, ~5 g, a_b, #1"),
        (
            r"1--2 --- ``quoted'' Fig.~1 {\textendash} \textless{}p\textgreater{} a\\b",
            "1–2 — “quoted” Fig. 1 – <p> a b",
        ),
        (r"$\mathcal{O}(n^{2})$ and \(\alpha\), \ensuremath{\beta}", r"$\mathcal{O}(n^{2})$ and \(\alpha\), β"),
        (r"from $5 to $10, {\'e}", "from $5 to $10, é"),
        (r"see \cite{a}, \href{https://e.org}{this} \url{https://e.org/a_b}", "see , this https://e.org/a_b"),
        ("\\", "\\"),
        (r"it's \'{} and {", "it's ' and"),
    ],
)
def test_latex_becomes_text(latex, text):
    assert as_text(latex) == text


def processor_seconds(latex: str) -> float:
    """The shortest of three runs, to exclude the influence of other programs."""
    seconds = []
    for _ in range(3):
        started = time.process_time()
        as_text(latex)
        seconds.append(time.process_time() - started)
    return min(seconds)


@pytest.mark.parametrize(
    "piece", ["{", "\\'", "\\(", "$a", "$ a", "``", "~", "\\cite{", "\\href{a", "{\\a ", "\\[", "\\[ a"]
)
def test_latex_ten_times_as_long_takes_about_ten_times_as_long(piece):
    short = processor_seconds(piece * 4_000)
    assert processor_seconds(piece * 40_000) < 30 * short + 0.05  # 100 times, if time grew with the square


@LITTLE_TIME
@given(st.sampled_from([ZOTERO, JABREF]).flatmap(mutated))
def test_a_damaged_file_is_read_or_refused(text):
    assert reads_or_refuses(bibtex, text)


# Inheritance and journal macros

PARENT = "@proceedings{roofs, editor = {Lund, Ove}, title = {Roof Days}, year = {2018}, doi = {10.5555/roofs}}\n"
CHILD = "@inproceedings{lichen, author = {Voss, P.}, title = {Lichen}, abstract = {An abstract.}, crossref = {Roofs}}\n"


@pytest.mark.parametrize("text", [CHILD + PARENT, PARENT + CHILD], ids=["parent after", "parent before"])
def test_an_entry_inherits_year_and_venue_but_no_identifier(text):
    (paper,) = papers(bibtex, text)
    assert (paper.title, paper.year, paper.venue, paper.doi) == ("Lichen", 2018, "Roof Days", "")


def test_an_entry_keeps_its_own_fields():
    (paper,) = papers(bibtex, CHILD.replace("crossref", "year = {2019}, booktitle = {Own}, crossref") + PARENT)
    assert (paper.year, paper.venue) == (2019, "Own")


def test_an_article_inherits_the_title_of_its_periodical():
    text = CHILD.replace("inproceedings", "article") + PARENT.replace("proceedings", "periodical")
    assert papers(bibtex, text)[0].venue == "Roof Days"


def test_a_chapter_inherits_the_author_of_its_book():
    text = CHILD.replace("author = {Voss, P.},", "").replace("inproceedings", "inbook")
    (paper,) = papers(bibtex, text + PARENT.replace("proceedings", "book").replace("editor", "author"))
    assert paper.authors == ("Lund, Ove",)


def test_data_entries_pass_on_all_their_fields_and_are_not_papers():
    data = "@xdata{press, publisher = {Roof Press}, xdata = {days}}\n@xdata{days, year = {2017}, journal = {Roofs}}\n"
    child = "@article{a, title = {A}, abstract = {An abstract.}, xdata = {press, other}}\n"
    assert [(item.year, item.venue) for item in items(bibtex, data + child)] == [(2017, "Roofs")]
    assert [(item.year, item.venue) for item in items(bibtex, child + data)] == [(2017, "Roofs")]


def test_fields_are_inherited_from_grandparents_and_circular_references_are_ignored():
    ring = "@book{a, title = {A}, crossref = {b}}\n@book{b, title = {B}, year = {2016}, crossref = {a}}\n"
    papers_read = papers(bibtex, ring + CHILD.replace("Roofs", "a"))
    assert [paper.year for paper in papers_read] == [2016]


def test_an_entry_whose_parent_is_not_in_the_file_is_read():
    assert [paper.title for paper in papers(bibtex, CHILD)] == ["Lichen"]


@pytest.mark.parametrize(
    ("journal", "venue"),
    [
        (r"{\mnras}", "MNRAS"),
        (r"{\apjl{}}", "ApJL"),
        (r"{{\aap}}", "A&A"),
        (r'"\prd"', "PhRvD"),
        (r"{\nojrnl}", "nojrnl"),
    ],
)
def test_journal_macros_of_ads_become_names(journal, venue):
    assert paper_of(journal=journal).venue == venue


def test_long_text_in_an_ignored_field_is_reported():
    prose = "We photographed slate roofs in nine villages every month for six years and counted the lichens. " * 3
    (fault,) = items(bibtex, f"@article{{k, title = {{A}}, annote = {{{prose}}}}}\n")
    assert (fault.kind, fault.unread_field) == ("unread", "annote")


def test_many_entries_that_inherit_from_each_other_take_little_time():
    keys = [f"k{number}" for number in range(12)]
    ring = "".join(f"@xdata{{{key}, xdata = {{{', '.join(keys)}}}}}\n" for key in keys)
    child = f"@article{{a, title = {{A}}, abstract = {{An abstract.}}, xdata = {{{', '.join(keys)}}}}}\n"
    started = time.perf_counter()
    assert [paper.title for paper in papers(bibtex, ring + child)] == ["A"]
    assert time.perf_counter() - started < 2.0
