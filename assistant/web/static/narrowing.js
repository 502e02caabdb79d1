// Says to how many papers the next question is narrowed; `props.value` is their number, 0 for all.
const bar = element.querySelector(".fn-narrowed");
function draw() {
  const count = Number(props.value) || 0;
  bar.hidden = !count;
  bar.querySelector("span").textContent = `Asking only ${count} chosen ${count === 1 ? "paper" : "papers"}`;
}
bar.querySelector("button").addEventListener("click", () => trigger("widen", {}));
watch("value", draw);
draw();
