// The kept conversations: newest first, searched, opened, renamed, deleted.
const calls = window.footnote.calls(server);
const list = element.querySelector("ul");
const search = element.querySelector("input");
let asked = 0;

function draw() {
  const { rows, current } = props.value || { rows: [], current: "" };
  list.replaceChildren(...rows.map((row) => line(row, row.id === current)));
  element.querySelector(".fn-none").hidden = rows.length > 0;
}

function line(row, isCurrent) {
  const item = document.createElement("li");
  item.innerHTML =
    '<button type="button" class="fn-open"></button>' +
    '<button type="button" class="fn-small" data-action="rename"><span aria-hidden="true">✎</span></button>' +
    '<button type="button" class="fn-small" data-action="delete"><span aria-hidden="true">✕</span></button>';
  const [open, rename, remove] = item.children;
  open.textContent = row.title; // text, never HTML: it was a question
  if (isCurrent) open.setAttribute("aria-current", "true");
  rename.setAttribute("aria-label", `Rename ${row.title}`);
  remove.setAttribute("aria-label", `Delete ${row.title}`);
  open.addEventListener("click", () => trigger("open_conversation", { id: row.id }));
  rename.addEventListener("click", () => ask(item, row));
  remove.addEventListener("click", async () => {
    if (!window.confirm(`Delete the conversation “${row.title}”? This cannot be undone.`)) return;
    await calls.delete_conversation({ id: row.id });
    trigger(isCurrent ? "new_conversation" : "refresh_list", {});
  });
  return item;
}

function ask(item, row) {
  const form = document.createElement("form");
  form.innerHTML = '<input maxlength="200" aria-label="New name of the conversation"> <button type="submit">Save</button>';
  const box = form.querySelector("input");
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
  const mine = ++asked;
  const rows = await calls.search_conversations({ text: search.value });
  if (mine === asked) props.value = { rows, current: props.value?.current || "" };
});
element.querySelector(".fn-new").addEventListener("click", () => trigger("new_conversation", {}));
if (window.innerWidth < 768) element.querySelector("details").open = false;
watch("value", draw);
draw();
