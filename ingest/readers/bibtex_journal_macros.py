"""Expands the journal macros of the American Astronomical Society, which NASA ADS writes into BibTeX.

Source: the abbreviations that AASTeX 6.3 defines (aastex63.cls, "Journal abbreviations"); ADS lists the macros at
https://ui.adsabs.harvard.edu/help/actions/journal-macros
"""

from __future__ import annotations

import re

_MACRO = re.compile(r"\{*\s*\\([A-Za-z]+)\s*(?:\{\})?\s*\}*")

_JOURNALS = dict(
    line.strip().split(" ", 1)
    for line in """
    aap A&A
    aapr A&A Rv
    aaps A&AS
    aas AAS Queued Abstracts
    actaa AcA
    aj AJ
    ao ApOpt
    apj ApJ
    apjl ApJL
    apjlett ApJL
    apjs ApJS
    apjsupp ApJS
    aplett Astrophys. Lett.
    applopt ApOpt
    apspr Astrophys. Space Phys. Res.
    apss Ap&SS
    araa ARA&A
    astap A&A
    azh AZh
    baas BAAS
    bain BAN
    caa ChA&A
    cjaa ChJA&A
    dps AAS/DPS Queued Abstracts
    fcp FCPh
    gca GeCoA
    grl Geophys. Res. Lett.
    iaucirc IAUC
    icarus Icarus
    jaavso JAAVSO
    jcap JCAP
    jcp JChPh
    jgr J. Geophys. Res.
    jqsrt JQSRT
    jrasc JRASC
    maps M&PS
    memras MmRAS
    memsai MmSAI
    mnras MNRAS
    na NewA
    nar NewAR
    nat Nature
    nphysa NuPhA
    pasa PASA
    pasj PASJ
    pasp PASP
    physrep PhR
    physscr PhyS
    planss Planet. Space Sci.
    pra PhRvA
    prb PhRvB
    prc PhRvC
    prd PhRvD
    pre PhRvE
    prl PhRvL
    procspie Proc. SPIE
    psj PSJ
    qjras QJRAS
    rmxaa RMxAA
    skytel S&T
    solphys SoPh
    sovast Soviet Ast.
    ssr SSRv
    zap ZA
    """.strip().splitlines()
)


def journal_of(latex: str) -> str:
    """The journal named by a field that consists of one macro; an unknown macro stands for its own name.

    Empty if the field is anything else.
    """
    match = _MACRO.fullmatch(latex.strip())
    return _JOURNALS.get(match[1], match[1]) if match else ""
