// Asks which papers to answer from, once the library holds the sample papers and others; asked until it is answered.
const KEPT = "footnote-keeps-samples";
const calls = window.footnote.calls(server);
const bar = element.querySelector(".fn-samples");
const text = bar.querySelector("span");
const buttons = [...bar.querySelectorAll("button")];
let ids = [];

async function look() {
  ({ ids } = await calls.samples({}));
  buttons.forEach((button) => (button.hidden = false));
  text.textContent = `This library holds your papers and ${ids.length} sample papers. Which should answer?`;
  bar.hidden = !ids.length || localStorage.getItem(KEPT) === "yes";
}

async function remove() {
  if (!window.confirm(`Remove the ${ids.length} sample papers? Your papers stay.`)) return;
  buttons.forEach((button) => (button.hidden = true));
  text.textContent = "Removing …";
  text.textContent = await calls.remove_samples({});
}

bar.addEventListener("click", (event) => {
  const action = event.target.closest("button")?.dataset.action;
  if (action === "remove") remove();
  if (action === "narrow") trigger("narrow", { ids });
  if (action === "keep") {
    localStorage.setItem(KEPT, "yes");
    bar.hidden = true;
  }
});
watch("value", look);
look();
