// All papers: search as you type, sorted, filtered; one opened beside the list; some chosen to ask about or to remove.
const calls = window.footnote.calls(server);
const rows = element.querySelector(".fn-rows");
const count = element.querySelector(".fn-count");
const more = element.querySelector(".fn-more");
const form = element.querySelector(".fn-find");
const chosen = new Set();
let asked = 0;
let total = 0;

const panel = window.footnote.panel(element.querySelector(".fn-panel"), {
  read: (paper) => calls.paper({ paper, can_remove: true }),
  narrow: (ids) => trigger("narrow", { ids }),
  remove: removePapers,
});

const wanted = () => ({
  query: form.elements.query.value,
  order: form.elements.order.value,
  from: form.elements.from.value,
  to: form.elements.to.value,
  source: form.elements.source.value,
});

async function find(first = 0) {
  const mine = ++asked;
  const found = await calls.find({ ...wanted(), first });
  if (mine !== asked) return; // a later keystroke has been answered, or will be
  if (!first) rows.replaceChildren();
  rows.insertAdjacentHTML("beforeend", found.html); // made by the server, which escapes every text
  for (const box of rows.querySelectorAll("input")) box.checked = chosen.has(box.value);
  total = found.total;
  more.hidden = rows.children.length >= total;
  count.textContent = found.said;
  element.dataset.answered = String(mine);
}

async function sources() {
  const { names, years } = await calls.sources({});
  const select = form.elements.source;
  const kept = select.value;
  select.replaceChildren(new Option("All files", ""), ...names.map(([name, label]) => new Option(label, name)));
  if (names.some(([name]) => name === kept)) select.value = kept;
  select.parentElement.hidden = names.length < 2;
  element.querySelector(".fn-years").hidden = !years;
}

const noSamples = element.querySelector(".fn-no-samples");

async function samples() {
  noSamples.hidden = !(await calls.samples({})).ids.length;
}

noSamples.addEventListener("click", async () => {
  if (!window.confirm("Remove the sample papers? Your papers stay.")) return;
  noSamples.hidden = true;
  count.textContent = "Removing …";
  const said = await calls.remove_samples({});
  chosen.clear();
  choose();
  panel.close();
  await Promise.all([find(), sources()]);
  count.textContent = said;
});

function choose() {
  const bar = element.querySelector(".fn-chosen");
  bar.hidden = !chosen.size;
  bar.querySelector("span").textContent = `${chosen.size} chosen`;
}

async function removePapers(ids) {
  const what = ids.length === 1 ? "this paper" : `these ${ids.length} papers`;
  if (!window.confirm(`Remove ${what} from the index? The files they came from are left alone.`)) return;
  count.textContent = "Removing …";
  const said = await calls.remove_papers({ ids });
  ids.forEach((id) => chosen.delete(id));
  choose();
  panel.close();
  await Promise.all([find(), sources()]);
  count.textContent = said;
}

rows.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button) panel.show(await calls.paper({ paper: button.dataset.paper, can_remove: true }), button);
});
rows.addEventListener("change", (event) => {
  if (event.target.checked) chosen.add(event.target.value);
  else chosen.delete(event.target.value);
  choose();
});
form.addEventListener("input", () => find());
form.addEventListener("submit", (event) => event.preventDefault());
more.addEventListener("click", () => find(rows.children.length));
element.querySelector(".fn-chosen").addEventListener("click", (event) => {
  const action = event.target.closest("button")?.dataset.action;
  if (action === "narrow") trigger("narrow", { ids: [...chosen] });
  if (action === "remove") removePapers([...chosen]);
  if (action === "none") {
    chosen.clear();
    for (const box of rows.querySelectorAll("input")) box.checked = false;
    choose();
  }
});
const look = () => Promise.all([find(), sources(), samples()]);
watch("value", look); // its value counts the changes of the index
look();
