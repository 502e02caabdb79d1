// Asks which papers should answer when the library holds the sample papers and others. The answer "both" is stored in
// the browser, and then the question is not asked again.
const KEPT = "footnote-keeps-samples";
const { find, around, counted } = window.footnote;
const calls = window.footnote.calls(server);
const bar = find(element, ".fn-samples");
const text = find(bar, "span");
const buttons = [...bar.querySelectorAll("button")];
/** @type {string[]} */
let ids = [];

async function load() {
  ({ ids } = await calls.samples({}));
  for (const button of buttons) button.hidden = false;
  text.textContent = `This library holds your papers and ${counted(ids.length, "sample paper")}. Which should answer?`;
  bar.hidden = !ids.length || localStorage.getItem(KEPT) === "yes";
}

async function remove() {
  if (!window.confirm(`Remove the ${counted(ids.length, "sample paper")}? Your papers stay.`)) return;
  for (const button of buttons) button.hidden = true;
  text.textContent = "Removing …";
  text.textContent = await calls.remove_samples({});
}

bar.addEventListener("click", (event) => {
  const action = around(event, "button")?.dataset.action;
  if (action === "remove") remove();
  if (action === "ask") trigger("ask_about", { ids });
  if (action === "keep") {
    localStorage.setItem(KEPT, "yes");
    bar.hidden = true;
  }
});
watch("value", load);
load();
