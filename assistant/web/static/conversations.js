// The stored conversations, newest first: search, open, rename, delete.
const { find } = window.footnote;
const calls = window.footnote.calls(server);
const list = find(element, "ul");
const search = find(element, "input");
const searches = window.footnote.latestOnly();

function draw() {
  /** @type {ConversationList} */
  const { rows, current } = props.value || { rows: [], current: "" };
  list.replaceChildren(...rows.map((row) => listItem(row, row.id === current)));
  find(element, ".fn-empty-list").hidden = rows.length > 0;
}

/** @param {ConversationRow} row @param {boolean} isCurrent */
function listItem(row, isCurrent) {
  const item = document.createElement("li");
  item.innerHTML =
    '<button type="button" class="fn-open"></button>' +
    '<button type="button" class="fn-small" data-action="rename"><span aria-hidden="true">✎</span></button>' +
    '<button type="button" class="fn-small" data-action="delete"><span aria-hidden="true">✕</span></button>';
  const open = find(item, ".fn-open");
  const rename = find(item, "[data-action=rename]");
  const remove = find(item, "[data-action=delete]");
  open.textContent = row.title; // text, never HTML: a user typed it
  if (isCurrent) open.setAttribute("aria-current", "true");
  rename.setAttribute("aria-label", `Rename ${row.title}`);
  remove.setAttribute("aria-label", `Delete ${row.title}`);
  open.addEventListener("click", () => trigger("open_conversation", { id: row.id }));
  rename.addEventListener("click", () => askForName(item, row));
  remove.addEventListener("click", async () => {
    if (!window.confirm(`Delete the conversation “${row.title}”? This cannot be undone.`)) return;
    await calls.delete_conversation({ id: row.id });
    trigger(isCurrent ? "new_conversation" : "refresh_list", {});
  });
  return item;
}

/** @param {HTMLElement} item @param {ConversationRow} row */
function askForName(item, row) {
  const form = document.createElement("form");
  form.innerHTML =
    '<input maxlength="200" aria-label="New name of the conversation"> <button type="submit">Save</button>';
  const box = find(form, "input");
  box.value = row.title;
  item.replaceChildren(form);
  box.focus();
  box.select();
  form.addEventListener("keydown", (event) => event.key === "Escape" && draw());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await calls.rename_conversation({ id: row.id, title: box.value });
    trigger("refresh_list", {});
  });
}

search.addEventListener("input", async () => {
  const isLatest = searches.begin();
  const rows = await calls.search_conversations({ text: search.value });
  if (isLatest()) props.value = { rows, current: props.value?.current || "" };
});
find(element, ".fn-new").addEventListener("click", () => trigger("new_conversation", {}));
if (window.innerWidth < 768) find(element, "details").open = false;
watch("value", draw);
draw();
