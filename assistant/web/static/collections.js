// Which collection is asked. `props.value` is its name, empty for all papers; it goes to the server with each question.
const { find, fillChoice } = window.footnote;
const calls = window.footnote.calls(server);
const bar = find(element, ".fn-collections");
const select = find(bar, "select");
const known = find(element, "datalist"); // what the fields for a collection on other tabs suggest
const loads = window.footnote.latestOnly();

async function load() {
  const isLatest = loads.begin();
  const { names } = await calls.collections({});
  if (!isLatest()) return;
  fillChoice(select, "All papers", names);
  known.replaceChildren(...names.map(([name]) => new Option(name, name)));
  bar.hidden = select.options.length < 2;
}

select.addEventListener("change", () => (props.value = select.value));
document.addEventListener("collections-changed", load);
load();
