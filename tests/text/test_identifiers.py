from __future__ import annotations

import pytest

from assistant.text.identifiers import (
    arxiv_address,
    doi_address,
    find_doi,
    find_marked_arxiv_id,
    find_marked_pmid,
    find_pmid,
    first_identifier,
    key_of,
    name_of_key,
    parse_arxiv_id,
    pubmed_address,
)

SICI = "10.1002/(sici)1097-4679(199907)55:7<785::aid-jclp1>3.0.co;2-#"


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.1234/AbC", "10.1234/abc"),
        ("https://doi.org/10.1234/abc", "10.1234/abc"),
        ("http://dx.doi.org/10.1234/abc.", "10.1234/abc"),
        ("doi:10.1/x", "10.1/x"),
        ("10.1000.10/123456", "10.1000.10/123456"),
        ("10.1016/s0140-6736(05)67394-1", "10.1016/s0140-6736(05)67394-1"),
        ("(see 10.1016/0140-6736(91)90001-x).", "10.1016/0140-6736(91)90001-x"),
        ("<https://doi.org/10.1234/abc>", "10.1234/abc"),
        ('"10.1234/abc"', "10.1234/abc"),
        (SICI.upper(), SICI),
        ("10.1234/a{b}", "10.1234/a"),
        ("10.1234", ""),
        ("110.1234/x", ""),
        ("n/a", ""),
    ],
)
def test_doi_is_found_in_lower_case_and_without_the_punctuation_of_the_sentence(text, doi):
    assert find_doi(text) == doi


@pytest.mark.parametrize(
    ("field", "arxiv_id"),
    [
        ("2001.00001", "2001.00001"),
        ("0704.0001v2", "0704.0001v2"),
        ("arXiv:2001.00001v12 [cs.CL]", "2001.00001v12"),
        ("https://arxiv.org/pdf/2001.00001v1.pdf", "2001.00001v1"),
        ("https://arxiv.org/html/2001.00001", "2001.00001"),
        ("10.48550/arXiv.2001.00001", "2001.00001"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("math.GT/0309136v1", "math.GT/0309136v1"),
        ("cond-mat.mtrl-sci/0301001", "cond-mat.mtrl-sci/0301001"),
        ("http://arxiv.org/abs/cs/0104012", "cs/0104012"),
        ("2013.00001", ""),  # there is no month 13
        ("2001.000001", ""),
        ("2001.00001.5", ""),
        ("hens/9901001", ""),
        ("none", ""),
        ("https://example.org/2001.00001", ""),
    ],
)
def test_arxiv_field_is_parsed_and_keeps_its_version(field, arxiv_id):
    assert parse_arxiv_id(field) == arxiv_id


@pytest.mark.parametrize(
    ("text", "arxiv_id"),
    [
        ("CoRR abs/2401.01234", "2401.01234"),
        ("arXiv preprint arXiv:hep-th/9901001v3", "hep-th/9901001v3"),
        ("https://doi.org/10.48550/ARXIV.2001.00001", "2001.00001"),
        ("https://arxiv.org/abs/2001.00001v2", "2001.00001v2"),
        ("2001.00001", ""),
        ("https://example.org/2001.00001", ""),
    ],
)
def test_marked_arxiv_id_needs_a_word_or_an_address_before_it(text, arxiv_id):
    assert find_marked_arxiv_id(text) == arxiv_id


@pytest.mark.parametrize(
    ("field", "pmid"),
    [
        ("33990001", "33990001"),
        ("PMID: 33990001", "33990001"),
        ("https://pubmed.ncbi.nlm.nih.gov/33990001/", "33990001"),
        ("PMC123", ""),
        ("123456789", ""),
        ("", ""),
    ],
)
def test_pmid_is_a_number_of_at_most_eight_digits(field, pmid):
    assert find_pmid(field) == pmid


def test_marked_pmid_is_not_another_number_of_a_citation():
    assert find_marked_pmid("J Moss. 2010;3(4):12-9. PMID: 31234567") == "31234567"
    assert find_marked_pmid("J Moss. 2010;3(4):12-9.") == ""


@pytest.mark.parametrize(
    ("sentence", "key", "announced"),
    [
        ("What is 10.1234/ABC?", "doi:10.1234/abc", "10.1234/ABC"),
        ("Who wrote doi: 10.1/x, and when?", "doi:10.1/x", "doi: 10.1/x"),
        ("Summarise https://doi.org/10.1234/abc.", "doi:10.1234/abc", "https://doi.org/10.1234/abc"),
        ("What is in hep-th/9901001v2?", "arxiv:hep-th/9901001", "hep-th/9901001v2"),
        ("arXiv:math.GT/0309136", "arxiv:math/0309136", "arXiv:math.GT/0309136"),
        ("arXiv 2001.00001v3", "arxiv:2001.00001", "arXiv 2001.00001v3"),
        ("See https://arxiv.org/pdf/2001.00001v1.pdf!", "arxiv:2001.00001", "https://arxiv.org/pdf/2001.00001v1.pdf"),
        ("Explain https://doi.org/10.48550/arXiv.2001.00001", "arxiv:2001.00001", None),
        ("Is 2001.00001 right?", "arxiv:2001.00001", "2001.00001"),
        ("PMID 123456", "pmid:123456", "PMID 123456"),
        ("pubmed id: 123456?", "pmid:123456", "pubmed id: 123456"),
        ("https://pubmed.ncbi.nlm.nih.gov/123456/", "pmid:123456", "https://pubmed.ncbi.nlm.nih.gov/123456/"),
    ],
)
def test_identifier_in_a_sentence_is_found_with_the_word_that_announces_it(sentence, key, announced):
    found = first_identifier(sentence)
    assert found is not None
    assert found.key == key
    assert announced is None or sentence[found.start : found.end] == announced


@pytest.mark.parametrize(
    "sentence",
    [
        "Was the ratio 10.1/3.2 or less?",
        "Did 2001.00001% of hens lay?",
        "Did it grow by 1/2001.00001?",
        "Did either/9901001 hens lay?",
        "How many of 9901001 hens lay?",
        "Is PubMed better than arXiv?",
    ],
)
def test_other_numbers_in_a_sentence_are_no_identifiers(sentence):
    assert first_identifier(sentence) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("doi", "10.1234/ABC"), ("doi", "10.1234/abc")),
        (("arxiv", "2001.00001v1"), ("arxiv", "2001.00001v3")),
        (("arxiv", "math.GT/0309136"), ("arxiv", "math/0309136v2")),
        (("arxiv", "cond-mat.mtrl-sci/0301001"), ("arxiv", "cond-mat/0301001")),
        (("arxiv", "HEP-TH/9901001"), ("arxiv", "hep-th/9901001")),
    ],
)
def test_spellings_of_one_identifier_have_one_key(first, second):
    assert key_of(*first) == key_of(*second)


def test_different_identifiers_have_different_keys():
    assert len({key_of("arxiv", text) for text in ("2001.00001", "2001.00002", "cs/0104012", "math/0104012")}) == 4


def test_key_is_read_by_people():
    assert [name_of_key(key) for key in ("doi:10.1/a:b", "arxiv:2001.00001", "pmid:1")] == [
        "DOI 10.1/a:b",
        "arXiv id 2001.00001",
        "PMID 1",
    ]


def test_addresses_are_those_of_the_registries():
    assert doi_address("10.1234/a<b>#c") == "https://doi.org/10.1234/a%3Cb%3E%23c"
    assert arxiv_address("hep-th/9901001v2") == "https://arxiv.org/abs/hep-th/9901001v2"
    assert pubmed_address("123") == "https://pubmed.ncbi.nlm.nih.gov/123/"
