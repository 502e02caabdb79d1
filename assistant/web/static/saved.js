// The saved questions: ask them again, see what changed in their answers, open what they cite, remove.
const { find, around } = window.footnote;
const calls = window.footnote.calls(server);
const list = find(element, ".fn-saved-list");
const status = find(element, ".fn-count");
const askAll = find(element, ".fn-ask-all");
const loads = window.footnote.latestOnly();
const REFRESH_MILLISECONDS = 500;
let isRunning = false;
/** The HTML that each question shows.
 * @type {WeakMap<HTMLElement, string>} */
const shownHtml = new WeakMap();

const panel = window.footnote.panel(find(element, ".fn-panel"), {
  read: (paper) => calls.paper({ paper }),
  askAbout: (ids) => trigger("ask_about", { ids }),
});

/** Ask the server for the questions, and again whenever one was answered while they are being asked. */
async function load() {
  const isLatest = loads.begin();
  for (;;) {
    const found = await calls.saved({});
    if (!isLatest()) return;
    show(found);
    for (let isSame = true; isSame; ) {
      if (!isRunning) return;
      await new Promise((resolve) => setTimeout(resolve, REFRESH_MILLISECONDS));
      const { message, running, asked } = await calls.progress({});
      if (!isLatest()) return;
      isSame = running && asked === found.asked;
      if (isSame) say(message);
    }
  }
}

/** @param {string} message */
function say(message) {
  if (status.textContent !== message) status.textContent = message; // else a screen reader would say it again
}

/** @param {SavedList} found */
function show(found) {
  isRunning = found.running;
  askAll.textContent = isRunning ? "Stop asking" : "Ask all again";
  askAll.hidden = !found.rows.length;
  find(element, ".fn-empty-list").hidden = found.rows.length > 0;
  say(found.message);
  const left = new Map(items().map((item) => [Number(item.dataset.id), item]));
  found.rows.forEach((row, place) => {
    const item = left.get(row.id) ?? newItem(row.id);
    left.delete(row.id);
    if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    draw(item, row.html);
  });
  for (const item of left.values()) item.remove();
}

const items = () => /** @type {HTMLElement[]} */ ([...list.children]);

/** @param {number} id */
function newItem(id) {
  const item = document.createElement("li");
  item.dataset.id = String(id);
  return item;
}

/** Draw a question unless it is as it was, so that focus and unfolded lists stay.
 * @param {HTMLElement} item @param {string} html from the server, which escapes every text */
function draw(item, html) {
  if (shownHtml.get(item) === html) return;
  const isUnfolded = item.querySelector("details")?.open ?? false;
  item.innerHTML = html;
  for (const time of item.querySelectorAll("time")) time.textContent = new Date(time.dateTime).toLocaleString();
  const details = item.querySelector("details");
  if (details) details.open = isUnfolded;
  shownHtml.set(item, html);
}

askAll.addEventListener("click", async () => {
  await (isRunning ? calls.stop_saved({}) : calls.ask_saved({}));
  await load();
});

list.addEventListener("click", async (event) => {
  const button = around(event, "button");
  const item = around(event, "li[data-id]");
  if (!button || !item) return;
  const id = Number(item.dataset.id);
  const { action, marker, paper, start, answered } = button.dataset;
  if (start) {
    panel.show(await calls.cited({ id, marker: Number(marker ?? 0), paper: paper ?? "", start: Number(start) }), button);
  } else if (paper) {
    panel.show(await calls.paper({ paper }), button);
  } else if (action === "seen") {
    await calls.mark_seen({ id, answered: answered ?? "" });
    await load();
    find(item, "summary").focus(); // the button that had the focus is gone
  } else if (action === "remove") {
    remove(item, id);
  }
});

/** @param {HTMLElement} item @param {number} id */
async function remove(item, id) {
  if (!window.confirm("Remove this saved question? Conversations are not changed.")) return;
  const place = items().indexOf(item);
  await calls.remove_saved({ id });
  panel.close();
  await load();
  const next = items()[Math.min(place, items().length - 1)];
  if (next) find(next, "[data-action=remove]").focus();
}

watch("value", load); // the value changes when the tab opens
load();
