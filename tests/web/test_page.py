"""The real page in a real browser, with the real models."""

from __future__ import annotations

import json
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.browser import (
    NEEDS_CHROMIUM,
    ask,
    browser_open,
    ingest,
    last_turn,
    open_tab,
    opened,
    running_page,
    violations,
    wait_for_answers,
)

HOSTILE_TITLE = "<img src=x onerror=document.title='pwned'> Quokka Counting with Drones"
HOSTILE_ABSTRACT = (
    "We count quokkas with drones on Rottnest Island. <script>document.title = 1</script> "
    "Drones count 1,237 quokkas in an hour."
)
MINIPLM = "How does MiniPLM refine the distribution of its training data?"
TABS = ("Ask", "Papers", "Map", "Add papers", "Evals", "Settings")
pytestmark = [pytest.mark.models, NEEDS_CHROMIUM]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the bundled papers and a hostile one."""
    folder = tmp_path_factory.mktemp("page")
    hostile = folder / "hostile.jsonl"
    paper = {"title": HOSTILE_TITLE, "abstract": HOSTILE_ABSTRACT, "year": 2019, "authors": [HOSTILE_TITLE]}
    hostile.write_text(json.dumps(paper) + "\n")
    ingest(folder / "home", "--bundled", str(hostile))
    shutil.copytree(folder / "home", folder / "untouched")
    return folder / "home"


@pytest.fixture(scope="module")
def untouched(home: Path) -> Path:
    """The same, to which no test adds and from which none removes."""
    return home.with_name("untouched")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with running_page(home) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with browser_open() as browser:
        yield browser


@pytest.fixture
def open_page(browser, address: str):
    """Opens pages; whatever was done on them, no console complained and no request left the machine."""
    pages = []

    def open_one(**options):
        pages.append(opened(browser, address, **options))
        return pages[-1]

    yield open_one
    for page in pages:
        page.context.close()
        assert page.complaints == []
        assert not {url for url in page.requested if not url.startswith((address, "data:", "blob:"))}


@pytest.fixture
def page(open_page):
    return open_page()


# Answers and their footnotes


def test_a_footnote_opens_the_cited_words_beside_the_answer(page):
    ask(page, MINIPLM)
    wait_for_answers(page)
    answer = last_turn(page)
    assert answer.locator(".fn-claim").count() == answer.locator(".fn-claim:has(.fn-marker)").count() > 0
    answer.locator(".fn-marker").first.click()
    panel = page.locator("#chat .fn-panel")
    assert panel.locator("h3").inner_text() == "MiniPLM: Knowledge Distillation for Pre-Training Language Models"
    assert "refining the training data distribution" in panel.locator("mark.fn-now").inner_text()
    assert panel.locator("mark.fn-now").is_visible()
    assert len(panel.locator(".fn-abstract").inner_text().split()) > 100
    panel.get_by_role("button", name="Close the paper").click()
    assert panel.is_hidden()


def test_hovering_a_marker_shows_the_quotation(page):
    ask(page, MINIPLM)
    wait_for_answers(page)
    last_turn(page).locator(".fn-marker").first.hover()
    assert "refining the training data distribution" in page.locator(".fn-tip").inner_text()


def test_what_was_left_out_can_be_looked_at_and_each_sentence_says_what_it_is(page):
    ask(page, MINIPLM)
    wait_for_answers(page)
    claims, answer = last_turn(page).locator(".fn-claim"), last_turn(page)
    assert all(re.search(r"quoted|checked 0\.\d\d|checked 1\.00", text) for text in claims.all_inner_texts())
    if answer.locator(".fn-dropped").count():
        answer.locator(".fn-dropped summary").click()
        assert answer.locator(".fn-reason").first.is_visible()


def test_a_follow_up_is_understood(page):
    ask(page, "What is 1.5-Pints?")
    wait_for_answers(page)
    ask(page, "How many tokens was it trained on?")
    wait_for_answers(page, 2)
    assert "57 billion" in last_turn(page).inner_text()


def test_a_question_that_the_papers_do_not_answer_is_declined_with_papers_to_open(page):
    ask(page, "Which city hosted the summer olympics in 1996?")
    wait_for_answers(page)
    assert "do not answer" in last_turn(page).locator(".fn-declined").inner_text()
    last_turn(page).locator(".fn-nearest .fn-link").first.click()
    page.locator("#chat .fn-panel h3").wait_for()


def test_an_example_is_asked_at_a_press(page):
    page.get_by_role("button", name="Which papers are about continual pre-training?").click()
    wait_for_answers(page)
    assert last_turn(page).locator(".fn-lead").count() >= 2


def test_an_empty_question_gets_a_line_and_no_answer(page):
    ask(page, "?!")
    page.locator("#chat .fn-problem").wait_for()
    assert "holds no words" in page.locator("#chat .fn-problem").inner_text()
    assert last_turn(page).locator("h3").inner_text() == "?!"


def test_text_of_papers_stays_text(page):
    ask(page, "How many quokkas do drones count on Rottnest Island?")
    wait_for_answers(page)
    assert "1,237" in last_turn(page).inner_text()
    assert HOSTILE_TITLE in last_turn(page).inner_text()
    last_turn(page).locator(".fn-marker").first.click()
    assert page.locator("#chat .fn-panel h3").inner_text() == HOSTILE_TITLE
    open_tab(page, "Papers")
    page.locator("#papers input[name=query]").fill("quokka")
    page.locator("#papers .fn-rows .fn-link", has_text="Quokka").click()
    assert page.locator("#papers .fn-panel h3").inner_text() == HOSTILE_TITLE
    assert page.locator("img[src='x']").count() == 0
    assert page.title() == "Footnote"


def test_text_of_people_stays_text(page):
    question = "<img src=x onerror=document.title='pwned'> what is **MiniPLM**?"
    ask(page, question)
    wait_for_answers(page)
    assert last_turn(page).locator("h3").inner_text() == question
    page.locator("#conversations .fn-open", has_text="<img src=x").first.wait_for()
    assert page.locator("img[src='x']").count() == 0
    assert page.title() == "Footnote"


# While it works


def watch_stages(page) -> None:
    """Keep what is shown while an answer grows, for it takes half a second."""
    page.evaluate(
        "() => { window.seen = []; new MutationObserver(() => {"
        " const now = document.querySelector('#chat .fn-stages [aria-current]');"
        " if (now && window.seen.at(-1) !== now.innerText) window.seen.push(now.innerText);"
        " const draft = document.querySelector('#chat .fn-draft'); if (draft) window.drafted = draft.innerText;"
        " }).observe(document.querySelector('#chat'), {childList: true, subtree: true}) }"
    )


def test_the_stages_are_shown_and_words_stream(page):
    watch_stages(page)
    ask(page, MINIPLM)
    wait_for_answers(page)
    seen = page.evaluate("window.seen")
    assert any(re.match(r"Reading \d papers", stage) for stage in seen)
    assert "Writing" in " ".join(seen)
    assert "not yet checked" in page.evaluate("window.drafted")


def test_stop_ends_an_answer(page):
    page.evaluate(  # an answer takes half a second: click as soon as it has begun
        "() => { const observer = new MutationObserver(() => { if (document.querySelector('#chat .fn-stages')) {"
        " observer.disconnect(); document.querySelector('#stop').click(); } });"
        " observer.observe(document.querySelector('#chat'), {childList: true, subtree: true}) }"
    )
    ask(page, MINIPLM)
    wait_for_answers(page)
    assert "Stopped." in last_turn(page).inner_text()


def test_a_second_question_waits_in_line_and_says_so(page):
    page.evaluate(
        "() => new MutationObserver(() => { if (/Waiting: 1 question/.test(document.querySelector('#chat').innerText))"
        " window.waited = true; }).observe(document.querySelector('#chat'), {childList: true, subtree: true})"
    )
    ask(page, MINIPLM)
    ask(page, "What is 1.5-Pints?")
    wait_for_answers(page, 2)
    assert page.evaluate("window.waited")
    assert page.locator("#chat .fn-question h3").all_inner_texts() == [MINIPLM, "What is 1.5-Pints?"]
    assert page.locator("#chat .fn-turn:has(.fn-claim)").count() == 2


def test_two_tabs_do_not_mix(page, open_page):
    other = open_page()
    ask(page, MINIPLM)
    ask(other, "What is 1.5-Pints?")
    wait_for_answers(page)
    wait_for_answers(other)
    assert page.locator("#chat h3").all_inner_texts() == [MINIPLM]
    assert other.locator("#chat .fn-question h3").all_inner_texts() == ["What is 1.5-Pints?"]


def test_retry_copy_and_edit(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, MINIPLM)
    wait_for_answers(page)
    first = last_turn(page).get_attribute("data-turn")
    last_turn(page).get_by_role("button", name="Retry").click()
    page.locator(f"#chat [data-turn='{first}']").wait_for(state="detached")
    wait_for_answers(page)
    last_turn(page).get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "[1] MiniPLM" in page.evaluate("navigator.clipboard.readText()")
    ask(page, "What is 1.5-Pints?")
    wait_for_answers(page, 2)
    page.locator("#chat .fn-turn").first.get_by_role("button", name="Edit").click()
    box = page.get_by_label("The question, to be asked again")
    assert box.input_value() == MINIPLM
    box.fill("What does bert2BERT reuse?")
    box.press("Enter")
    page.locator("#chat h3", has_text="bert2BERT").wait_for()
    wait_for_answers(page)
    assert page.locator("#chat .fn-question h3").all_inner_texts() == ["What does bert2BERT reuse?"]


# Conversations


def test_conversations_are_found_renamed_opened_exported_and_deleted(page):
    ask(page, "What does Chinese MentalBERT analyse?")
    wait_for_answers(page)
    page.get_by_role("button", name="New conversation").click()
    page.locator("#chat .fn-empty").wait_for()
    page.get_by_label("Search the conversations").fill("mentalbert")
    row = page.locator("#conversations li", has_text="MentalBERT").first
    row.get_by_role("button", name=re.compile("^Rename")).click()
    page.get_by_label("New name of the conversation").fill("Mental health")
    page.get_by_role("button", name="Save").first.click()
    page.locator("#conversations .fn-open", has_text="Mental health").click()
    page.locator("#chat .fn-claim").first.wait_for()
    exported = {}
    for name in ("Markdown", "BibTeX", "RIS"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        exported[name] = Path(download.value.path()).read_text(encoding="utf-8")
    assert exported["Markdown"].startswith("# Mental health")
    assert "[^1]:" in exported["Markdown"]
    cited = len(page.locator("#chat .fn-notes li").all())
    assert exported["BibTeX"].count("title = ") == exported["RIS"].count("TY  - ") == cited
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete Mental health").click()
    page.locator("#conversations .fn-open", has_text="Mental health").wait_for(state="detached")
    page.locator("#chat .fn-empty").wait_for()


def test_a_judged_answer_becomes_an_evaluation_question(page, home, tmp_path):
    import app
    from evals.questions import load

    ask(page, "What does Agent Q combine?")
    wait_for_answers(page)
    last_turn(page).get_by_role("button", name="Good answer").click()
    page.get_by_label("A note on this answer").fill("to the point")
    page.get_by_label("A note on this answer").press("Enter")
    page.locator("#chat .fn-note", has_text="to the point").wait_for()
    assert last_turn(page).get_by_role("button", name="Good answer").get_attribute("aria-pressed") == "true"
    path = tmp_path / "feedback.jsonl"
    assert app.main(["feedback", "export", "--home", str(home), "-o", str(path)]) == 0
    assert [question.question for question in load(path)] == ["What does Agent Q combine?"]


# Papers and the map


def test_papers_are_searched_as_one_types_opened_and_asked_about(page):
    open_tab(page, "Papers")
    search = page.locator("#papers input[name=query]")
    search.press_sequentially("continual pretrain", delay=20)
    page.wait_for_function("() => /^\\d papers/.test(document.querySelector('#papers .fn-count').innerText)")
    page.locator("#papers .fn-rows .fn-link").first.click()
    panel = page.locator("#papers .fn-panel")
    title = panel.locator("h3").inner_text()
    assert panel.locator(".fn-nearest li").count() == 5
    panel.get_by_role("button", name="Ask about this paper").click()
    page.locator("#narrowing", has_text="Asking only 1 chosen paper").wait_for()
    ask(page, "What is proposed or found?")
    wait_for_answers(page)
    cited = page.locator("#chat .fn-notes .fn-link").all_inner_texts()
    assert set(cited) <= {title}
    assert "Asked of 1 chosen paper" in last_turn(page).inner_text()
    page.get_by_role("button", name="Ask all papers").click()
    page.locator("#narrowing .fn-narrowed").wait_for(state="hidden")


def test_papers_are_sorted_and_filtered(page):
    open_tab(page, "Papers")
    page.locator("#papers .fn-row").first.wait_for()
    page.locator("#papers select[name=order]").select_option("newest")
    first_row = "document.querySelector('#papers .fn-row').innerText"
    page.wait_for_function(f"() => {first_row}.includes('Quokka')")  # the only one with a year
    page.locator("#papers select[name=order]").select_option("title")
    page.wait_for_function(f"() => {first_row}.includes('1.5-Pints')")
    page.locator("#papers input[name=from]").fill("2019")
    page.wait_for_function("() => document.querySelector('#papers .fn-count').innerText === '1 paper'")
    page.locator("#papers input[name=from]").fill("")
    page.locator("#papers select[name=source]").select_option(label="hf-papers.txt (75)")
    page.wait_for_function("() => document.querySelector('#papers .fn-count').innerText === '75 papers'")


def test_the_map_shows_groups_and_narrows_the_question_to_one(page):
    ask(page, MINIPLM)
    wait_for_answers(page)
    open_tab(page, "Map")
    page.locator("#map[data-drawn], #map [data-drawn]").first.wait_for(timeout=60_000, state="attached")
    group = page.locator("#map .fn-groups button").first
    count = int(re.search(r"\((\d+)\)", group.inner_text()).group(1))
    group.click()
    assert f"{count} papers chosen" in page.locator("#map .fn-chosen").inner_text()
    page.locator("#map .fn-chosen").get_by_role("button", name="Ask about them").click()
    page.locator("#narrowing", has_text=f"Asking only {count} chosen papers").wait_for()


def test_a_region_of_the_map_is_chosen_by_drawing_round_it(page):
    open_tab(page, "Map")
    page.locator("#map [data-drawn], #map[data-drawn]").first.wait_for(timeout=60_000, state="attached")
    box = page.locator("#map canvas").bounding_box()
    corners = [(0.01, 0.01), (0.99, 0.01), (0.99, 0.99), (0.01, 0.99)]
    page.mouse.move(box["x"] + box["width"] * 0.01, box["y"] + box["height"] * 0.01)
    page.mouse.down()
    for x, y in corners:
        page.mouse.move(box["x"] + box["width"] * x, box["y"] + box["height"] * y, steps=4)
    page.mouse.up()
    assert "76 papers chosen" in page.locator("#map .fn-chosen").inner_text()


# Adding and removing


def test_papers_are_added_asked_about_and_removed(page, tmp_path):
    path = tmp_path / "wombats.jsonl"
    lines = [
        {"title": "Wombat Burrows", "abstract": "Wombats dig burrows of 30 metres. Burrows stay at 18 degrees."},
        {"title": "No Abstract Here"},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    open_tab(page, "Add papers")
    page.locator("#files input[type=file]").set_input_files(path)
    page.locator("#files", has_text="wombats.jsonl").wait_for()
    page.locator("#add").click()
    report = page.locator("#added .fn-report")
    report.wait_for(timeout=60_000)
    assert "1 new" in report.inner_text()
    report.locator("summary", has_text="New: 1").click()
    assert "Wombat Burrows" in report.inner_text()
    report.locator("summary", has_text="Without abstract: 1").click()
    assert "no abstract" in report.inner_text()
    open_tab(page, "Ask")
    ask(page, "How long are the burrows that wombats dig?")
    wait_for_answers(page)
    assert "30 metres" in last_turn(page).inner_text()
    open_tab(page, "Papers")
    page.locator("#papers input[name=query]").fill("wombat")
    page.locator("#papers .fn-rows input[type=checkbox]").first.check()
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#papers .fn-chosen").get_by_role("button", name="Remove").click()
    page.wait_for_function(
        "() => document.querySelector('#papers .fn-count').innerText === '1 paper removed.'", timeout=30_000
    )
    open_tab(page, "Ask")
    last_turn(page).locator(".fn-marker").first.click()
    page.locator("#chat .fn-panel", has_text="no longer indexed").wait_for()


def test_questions_are_answered_while_papers_are_added_and_adding_can_be_stopped(page, tmp_path):
    path = tmp_path / "many.jsonl"
    sentence = "River {} carries {} tons of sand to the sea in a year, and dam {} holds {} of them back. "
    lines = [
        {"title": f"River {river}", "abstract": "".join(sentence.format(river, n, n, river + n) for n in range(12))}
        for river in range(2_000)  # all sentences differ, for equal ones are embedded once
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    open_tab(page, "Add papers")
    page.locator("#files input[type=file]").set_input_files(path)
    page.locator("#files", has_text="many.jsonl").wait_for()
    page.locator("#add").click()
    page.locator("#added", has_text="papers done").wait_for()
    open_tab(page, "Ask")
    ask(page, MINIPLM)
    wait_for_answers(page)
    assert last_turn(page).locator(".fn-claim").count() > 0
    open_tab(page, "Add papers")
    assert page.locator("#added progress").count() == 1
    page.locator("#stop-adding").click()
    page.locator("#added .fn-problem", has_text="Adding was stopped").wait_for()


def test_pasted_text_without_papers_gets_a_line(page):
    open_tab(page, "Add papers")
    page.locator("#pasted textarea").fill("hello")
    page.locator("#add").click()
    page.locator("#added .fn-problem").wait_for()
    assert "no known form" in page.locator("#added").inner_text()


# Evals, settings, looks


def test_a_report_is_opened_in_place(page, home):
    from evals.reports.report import Question, Report, now, save

    values = {"fused": {"RR": {"q": 0.5}}}
    report = Report("retrieval", "farm", now(), ("fused", "RR"), (Question("q", "", "Who lays eggs?"),), values)
    save(report, home / "reports", ())
    open_tab(page, "Evals")
    page.locator("#reports li", has_text="RR 0.500").get_by_role("button").click()
    page.frame_locator("#reports iframe").get_by_text("Who lays eggs?").first.wait_for()


def test_settings_are_kept_and_at_work_at_once(page, home):
    open_tab(page, "Settings")
    slider = page.locator("#answer-above input[type=number]")
    slider.fill("1")
    slider.press("Tab")
    page.locator("#save-settings").click()
    page.locator("#settings-said", has_text="Saved in").wait_for()
    assert "answer_above = 1" in (home / "settings.toml").read_text()
    open_tab(page, "Ask")
    ask(page, MINIPLM)
    wait_for_answers(page)
    assert last_turn(page).locator(".fn-declined").count() == 1
    open_tab(page, "Settings")
    slider.fill("0.44")
    slider.press("Tab")
    page.locator("#save-settings").click()
    page.wait_for_function("() => true")
    page.locator("#settings-said", has_text="Saved in").wait_for()


def test_a_model_that_is_not_there_is_named_and_the_old_one_answers_on(page):
    open_tab(page, "Settings")
    model = page.locator("#model input")
    model.fill("/nowhere/model.gguf")
    model.press("Enter")
    page.locator("#save-settings").click()
    page.locator("#settings-said .fn-problem").wait_for()
    assert "/nowhere/model.gguf" in page.locator("#settings-said").inner_text()
    open_tab(page, "Ask")
    ask(page, MINIPLM)
    wait_for_answers(page)
    assert last_turn(page).locator(".fn-claim").count() > 0


def test_everything_can_be_done_by_the_keyboard(page):
    page.locator("#question textarea").focus()
    page.keyboard.type(MINIPLM)
    page.keyboard.press("Enter")
    wait_for_answers(page)
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.classList.contains('fn-marker')"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.locator("#chat .fn-panel mark.fn-now").wait_for()
    assert page.evaluate("document.activeElement.tagName") == "H3"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('fn-marker')")


def test_a_finished_answer_is_announced(page):
    ask(page, MINIPLM)
    wait_for_answers(page)
    said = page.locator("#chat .fn-said")
    assert said.get_attribute("aria-live") == "polite"
    assert "Answer finished." in said.inner_text()
    assert "MiniPLM" in said.inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_no_tab_has_a_serious_fault_of_accessibility(open_page, scheme, width):
    page = open_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    ask(page, MINIPLM)
    wait_for_answers(page)
    last_turn(page).locator(".fn-marker").first.click()
    page.locator("#chat .fn-panel mark").first.wait_for()
    found = {}
    for tab in TABS:
        show_tab(page, tab)
        page.wait_for_timeout(700)
        found[tab] = violations(page)
    assert found == {tab: [] for tab in TABS}
    assert page.evaluate("document.body.classList.contains('dark')") == (scheme == "dark")


def show_tab(page, name: str) -> None:
    """Open a tab, also one that a narrow page keeps in a menu."""
    tab = page.get_by_role("tab", name=name, exact=True)
    if not tab.first.is_visible():
        page.locator(".overflow-menu > button").click()
        page.locator(".overflow-dropdown button", has_text=name).click()
    else:
        tab.first.click()


def test_a_narrow_page_does_not_scroll_sideways(open_page):
    page = open_page(viewport={"width": 390, "height": 800})
    ask(page, MINIPLM)
    wait_for_answers(page)
    for tab in TABS:
        show_tab(page, tab)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


# The sample papers


def test_the_page_asks_which_papers_to_answer_from_and_removes_the_samples(browser, untouched, tmp_path):
    shutil.copytree(untouched, tmp_path / "home")
    with running_page(tmp_path / "home") as address:
        page = opened(browser, address)
        asked = page.locator("#samples", has_text="This library holds your papers and 75 sample papers.")
        asked.wait_for()
        page.get_by_role("button", name="Only the samples").click()
        page.locator("#narrowing", has_text="Asking only 75 chosen papers").wait_for()
        ask(page, "How many quokkas do drones count in an hour?")
        wait_for_answers(page)
        assert "1,237" not in last_turn(page).inner_text()
        page.get_by_role("button", name="Ask all papers").click()
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Only mine: remove the samples…").click()
        page.locator("#samples", has_text="75 sample papers removed.").wait_for()
        ask(page, "How many quokkas do drones count in an hour?")
        wait_for_answers(page, 2)
        assert "1,237" in last_turn(page).inner_text()
        open_tab(page, "Papers")
        page.locator("#papers .fn-count", has_text="1 paper").wait_for()
        assert page.locator("#papers .fn-no-samples").is_hidden()
        open_tab(page, "Ask")
        page.locator("#samples .fn-samples").wait_for(state="hidden")
        assert page.complaints == []
        page.context.close()


# Who may look


def test_a_page_under_another_name_gets_nothing(address):
    request = urllib.request.Request(address, headers={"Host": "attacker.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=10)
    assert refused.value.code == 400


def test_an_upload_of_a_kind_that_holds_no_papers_is_refused(page, tmp_path):
    path = tmp_path / "program.exe"
    path.write_bytes(b"MZ\x00")
    open_tab(page, "Add papers")
    page.locator("#files input[type=file]").set_input_files(path)
    page.wait_for_timeout(1_000)
    page.locator("#add").click()
    page.locator("#added .fn-problem").wait_for()
    assert "Choose files or paste text first." in page.locator("#added").inner_text()


def test_conversations_are_there_after_a_restart_and_a_password_guards_all_of_it(browser, home, tmp_path):
    password = tmp_path / "password.txt"
    password.write_text("correct horse battery\n")
    password.chmod(0o600)
    with running_page(home, "--auth", f"ann:{password}") as address:
        for path in ("gradio_api/component_server", "gradio_api/queue/join", "gradio_api/upload", "config"):
            request = urllib.request.Request(address + path, data=None if path == "config" else b"{}")
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(request, timeout=10)
            assert refused.value.code == 401
        page = browser.new_page()
        page.goto(address)
        for secret in ("wrong horse battery", "correct horse battery"):
            page.get_by_label("username").fill("ann")
            page.get_by_label("password").fill(secret)
            page.get_by_role("button", name="Login").click()
            if secret.startswith("wrong"):
                page.get_by_text("Incorrect").first.wait_for()
        page.locator("#conversations .fn-open").first.click()
        page.locator("#chat .fn-turn").first.wait_for()
        page.context.close()
