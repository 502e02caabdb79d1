// Reports of the evals. One is shown in a frame without scripts and without the rights of this page.
const calls = window.footnote.calls(server);
const list = element.querySelector("ul");
const frame = element.querySelector("iframe");

async function load() {
  const rows = await calls.reports({});
  element.querySelector(".fn-none").hidden = rows.length > 0;
  list.replaceChildren(...rows.map(line));
}

function line(row) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fn-link";
  button.textContent = row.name;
  button.addEventListener("click", async () => {
    frame.srcdoc = await calls.report({ name: row.name });
    frame.title = `Report ${row.name}`;
    frame.hidden = false;
    for (const other of list.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
  });
  const when = document.createElement("span");
  when.className = "fn-byline";
  when.textContent = `${new Date(row.created).toLocaleString()} · ${row.headline}`;
  item.append(button, when);
  return item;
}

watch("value", load);
load();
