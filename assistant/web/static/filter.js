// Says when only chosen papers are asked; `props.value` is their number, 0 for all papers.
const { find, counted } = window.footnote;
const bar = find(element, ".fn-filter");

function draw() {
  const count = Number(props.value) || 0;
  bar.hidden = !count;
  find(bar, "span").textContent = `Asking only ${counted(count, "selected paper")}`;
}

find(bar, "button").addEventListener("click", () => trigger("clear_filter", {}));
watch("value", draw);
draw();
