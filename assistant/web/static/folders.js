// The watched folders: the list, a form to add one, and the log. All texts are inserted as text, never as HTML.
const { find, around } = window.footnote;
const calls = window.footnote.calls(server);
const form = find(element, "form");
const list = find(element, ".fn-watched");
const status = find(element, "[role=status]");
const log = find(element, ".fn-watch-log");
const loads = window.footnote.latestOnly();
const REFRESH_MS = 3000;

/** Show the folders and the log, and again every few seconds while the tab is open. */
async function load() {
  const isLatest = loads.begin();
  const { folders, lines } = await calls.folders({});
  if (!isLatest()) return;
  update(list, folders.map(folderItem));
  update(find(log, "ol"), lines.map(logItem));
  log.hidden = !lines.length;
  window.setTimeout(() => isLatest() && load(), REFRESH_MS);
}

/** Replace the items of a list only if they changed, so that the focus stays where it is.
 * @param {HTMLElement} shown @param {HTMLElement[]} items */
function update(shown, items) {
  const box = document.createElement(shown.tagName);
  box.append(...items);
  if (box.innerHTML !== shown.innerHTML) shown.replaceChildren(...box.childNodes);
}

/** @param {WatchedFolder} row */
function folderItem({ folder, collection }) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  name.textContent = collection ? `${folder} → ${collection}` : folder;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Forget";
  button.dataset.folder = folder;
  button.setAttribute("aria-label", `Forget ${folder}`);
  item.append(name, button);
  return item;
}

/** @param {{ time: string; name: string; what: string }} line */
function logItem({ time, name, what }) {
  const item = document.createElement("li");
  item.textContent = `${time}  ${name}: ${what}`;
  return item;
}

form.addEventListener("submit", async (/** @type {Event} */ event) => {
  event.preventDefault();
  const fields = new FormData(form);
  const folder = String(fields.get("folder") ?? "");
  status.textContent = await calls.watch_folder({ folder, collection: String(fields.get("collection") ?? "") });
  form.reset();
  load();
});
list.addEventListener("click", async (/** @type {Event} */ event) => {
  const folder = around(event, "button")?.dataset.folder;
  if (folder === undefined || !window.confirm(`Watch ${folder} no longer? Its papers stay.`)) return;
  status.textContent = await calls.forget_folder({ folder });
  load();
});
watch("value", load);
load();
