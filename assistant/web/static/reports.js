// The reports of evaluations. One is shown in a frame that runs no scripts and has none of this page's rights.
const { find } = window.footnote;
const calls = window.footnote.calls(server);
const list = find(element, "ul");
const frame = find(element, "iframe");

async function load() {
  const rows = await calls.reports({});
  find(element, ".fn-empty-list").hidden = rows.length > 0;
  list.replaceChildren(...rows.map(listItem));
}

/** @param {ReportRow} row */
function listItem(row) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fn-link";
  button.textContent = row.name;
  button.addEventListener("click", () => open(row.name, button));
  const description = document.createElement("span");
  description.className = "fn-byline";
  description.textContent = `${new Date(row.created).toLocaleString()} · ${row.headline}`;
  item.append(button, description);
  return item;
}

/** @param {string} name @param {HTMLElement} button */
async function open(name, button) {
  frame.srcdoc = await calls.report({ name });
  frame.title = `Report ${name}`;
  frame.hidden = false;
  for (const other of list.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  button.setAttribute("aria-current", "true");
}

watch("value", load);
load();
