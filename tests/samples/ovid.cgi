<1>
VN  - Ovid Technologies
DB  - Ovid MEDLINE(R) <1946 to May Week 1 2024>
UI  - 31000201
TI  - Hop tea for nurses.
SO  - Sleep Teas. 14(1):1-9, 2016 Mar.
AS  - Sleep Teas. 14(1):1-9, 2016 Mar.
AU  - Vik R
AU  - Holm K
YR  - 2016
AB  - BACKGROUND: Nurses sleep badly. METHODS: Hop tea was given to 60 nurses. RESULTS: They slept 9 minutes longer.
DO  - https://dx.doi.org/10.5555/tea.16

<2>
VN  - Ovid Technologies
DB  - Ovid MEDLINE(R) <1946 to May Week 1 2024>
UI  - 31000202
TI  - Hop tea for cooks.
AU  - Lund O
YR  - 2017
AB  - Hop tea was given to 33 cooks, who slept as before.
