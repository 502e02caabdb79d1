// All papers: search while typing, sort, filter, open one next to the list, and select some to ask about or to remove.
const { find, around, fillChoice } = window.footnote;
const calls = window.footnote.calls(server);
const rows = find(element, ".fn-rows");
const count = find(element, ".fn-count");
const more = find(element, ".fn-more");
const form = find(element, "form");
const selectionBar = find(element, ".fn-selection");
const removeSamples = find(element, ".fn-remove-samples");
/** The ids of the selected papers.
 * @type {Set<string>} */
const selected = new Set();
const searches = window.footnote.latestOnly();

const panel = window.footnote.panel(find(element, ".fn-panel"), {
  read: (paper) => calls.paper({ paper, can_remove: true }),
  askAbout: (ids) => trigger("ask_about", { ids }),
  remove: removePapers,
});

/** The value of a field of the form.
 * @param {string} name */
const valueOf = (name) => String(new FormData(form).get(name) ?? "");

async function search(first = 0) {
  const isLatest = searches.begin();
  const found = await calls.find({
    query: valueOf("query"),
    order: valueOf("order"),
    from: valueOf("from"),
    to: valueOf("to"),
    source: valueOf("source"),
    collection: valueOf("collection"),
    first,
  });
  if (!isLatest()) return;
  if (!first) rows.replaceChildren();
  rows.insertAdjacentHTML("beforeend", found.html); // from the server, which escapes every text
  for (const box of rows.querySelectorAll("input")) box.checked = selected.has(box.value);
  more.hidden = rows.children.length >= found.total;
  count.textContent = found.message;
}

async function loadSources() {
  const { names, years } = await calls.sources({});
  offer(".fn-file", "All files", names, 2);
  find(form, ".fn-years").hidden = !years;
}

async function loadCollections() {
  offer(".fn-of-collection", "All", (await calls.collections({})).names, 1);
}

/** Fill the choice of a label, which is shown if there is enough to choose from or something is chosen.
 * @param {string} label @param {string} all @param {[string, string][]} names @param {number} least */
function offer(label, all, names, least) {
  const select = find(find(form, label), "select");
  fillChoice(select, all, names);
  find(form, label).hidden = names.length < least && !select.value;
}

async function loadSamples() {
  removeSamples.hidden = !(await calls.samples({})).ids.length;
}

function showSelection() {
  selectionBar.hidden = !selected.size;
  find(selectionBar, "span").textContent = `${selected.size} selected`;
}

/** @param {string[]} ids */
async function removePapers(ids) {
  const what = ids.length === 1 ? "this paper" : `these ${ids.length} papers`;
  if (!window.confirm(`Remove ${what} from the index? The files they came from are not changed.`)) return;
  await removeWith(() => calls.remove_papers({ ids }), ids);
}

/** Remove papers and show what is left.
 * @param {() => Promise<string>} remove gives the message for the user
 * @param {Iterable<string>} unselect the ids to remove from the selection */
async function removeWith(remove, unselect) {
  count.textContent = "Removing …";
  const message = await remove();
  for (const id of unselect) selected.delete(id);
  showSelection();
  panel.close();
  await load();
  document.dispatchEvent(new Event("collections-changed")); // they have fewer papers now
  count.textContent = message;
}

removeSamples.addEventListener("click", async () => {
  if (!window.confirm("Remove the sample papers? Your papers stay.")) return;
  removeSamples.hidden = true;
  await removeWith(() => calls.remove_samples({}), [...selected]);
});
rows.addEventListener("click", async (event) => {
  const button = around(event, "button");
  if (button) panel.show(await calls.paper({ paper: button.dataset.paper ?? "", can_remove: true }), button);
});
rows.addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLInputElement)) return;
  if (event.target.checked) selected.add(event.target.value);
  else selected.delete(event.target.value);
  showSelection();
});
form.addEventListener("input", () => search());
form.addEventListener("submit", (event) => event.preventDefault());
more.addEventListener("click", () => search(rows.children.length));
selectionBar.addEventListener("click", (event) => {
  const action = around(event, "button")?.dataset.action;
  if (action === "ask") trigger("ask_about", { ids: [...selected] });
  if (action === "remove") removePapers([...selected]);
  if (action === "none") {
    selected.clear();
    for (const box of rows.querySelectorAll("input")) box.checked = false;
    showSelection();
  }
});
const load = () => Promise.all([search(), loadSources(), loadCollections(), loadSamples()]);
watch("value", load); // the value changes when the tab opens and when the index changes
load();
