// The map of the corpus: one dot per paper. Drag around dots to select papers, click a dot to open its paper, zoom with
// the wheel or the buttons, move with Shift.
const { find, around, counted, geometry } = window.footnote;
const calls = window.footnote.calls(server);
const canvas = find(element, "canvas");
const frame = find(element, ".fn-map-frame");
const status = find(element, ".fn-map-status");
const clusterList = find(element, ".fn-clusters");
const title = find(element, ".fn-map-title");
const selectionBar = find(element, ".fn-selection");
const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
const HUES = [210, 28, 145, 265, 345, 185, 55, 310, 100, 235, 10, 165];
const loads = window.footnote.latestOnly();
/** @type {CorpusMap | null} */
let map = null;
/** @type {View} */
let view = { x: 0, y: 0, zoom: 1 };
/** The pixels of the line being drawn around papers.
 * @type {Point[] | null} */
let lasso = null;
/** Where a movement of the whole map began.
 * @type {{ view: View, from: Point } | null} */
let movement = null;
/** The numbers of the selected papers.
 * @type {Set<number>} */
let selected = new Set();
/** The numbers of the papers that the last answer cites.
 * @type {number[]} */
let cited = [];

const panel = window.footnote.panel(find(element, ".fn-panel"), {
  read: (paper) => calls.paper({ paper }),
  askAbout: (ids) => trigger("ask_about", { ids }),
});

/** Ask the server for the map until it is ready. */
async function load() {
  const isLatest = loads.begin();
  for (;;) {
    const found = await calls.map({ have: map?.fingerprint ?? "" });
    if (!isLatest()) return;
    if (found.state === "ready") show(found);
    if (found.state === "ready" || found.state === "same") break;
    status.textContent = found.message;
    if (found.state === "failed") return;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  await loadCited();
}

/** @param {ReadyMap} ready */
function show(ready) {
  map = { ...ready, places: geometry.unpacked(ready.positions) };
  status.textContent = ready.message;
  clusterList.replaceChildren(...ready.clusters.map(clusterItem));
  select([]);
}

/** @param {Cluster} cluster @param {number} number */
function clusterItem(cluster, number) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `${cluster.label} (${cluster.size})`; // text, never HTML: the words come from titles
  button.style.setProperty("--hue", String(hue(number)));
  button.addEventListener("click", () => select(papersOf(number)));
  item.append(button);
  return item;
}

/** @param {number} cluster */
const papersOf = (cluster) => [...(map?.cluster_of ?? []).keys()].filter((paper) => map?.cluster_of[paper] === cluster);

/** @param {Iterable<number>} papers */
function select(papers) {
  selected = new Set(papers);
  selectionBar.hidden = !selected.size;
  find(selectionBar, "span").textContent = `${counted(selected.size, "paper")} selected`;
  paint();
}

/** Find the papers that the last answer cites on the map, then paint. */
async function loadCited() {
  if (!map) return;
  const answers = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#chat [data-cited]"));
  const ids = (answers[answers.length - 1]?.dataset.cited ?? "").split(" ").filter(Boolean);
  const { fingerprint } = map;
  cited = ids.length ? await calls.points({ ids, fingerprint }) : [];
  paint();
  element.dataset.drawn = fingerprint;
}

const size = () => ({ width: frame.clientWidth, height: frame.clientHeight });
const hue = (/** @type {number} */ cluster) => HUES[cluster % HUES.length] ?? 0;

/** @param {number} cluster @param {boolean} isDark */
function colour(cluster, isDark) {
  if (cluster < 0) return isDark ? "#8a8a94" : "#77777f";
  return `hsl(${hue(cluster)} 60% ${isDark ? 65 : 42}%)`;
}

function paint() {
  if (!map || !frame.clientWidth) return;
  const density = window.devicePixelRatio || 1;
  canvas.width = frame.clientWidth * density;
  canvas.height = frame.clientHeight * density;
  context.setTransform(density, 0, 0, density, 0, 0);
  const isDark = document.body.classList.contains("dark");
  paintPapers(map, isDark);
  paintCited(map, isDark);
  paintLabels(map, isDark);
  paintLasso(isDark);
}

/** @param {CorpusMap} map @param {boolean} isDark */
function paintPapers(map, isDark) {
  const count = map.cluster_of.length;
  const radius = geometry.dotRadius(view.zoom, count);
  map.cluster_of.forEach((cluster, paper) => {
    const [x, y] = geometry.paperToScreen(map.places, paper, view, size());
    context.globalAlpha = selected.size && !selected.has(paper) ? 0.18 : 0.8;
    context.fillStyle = colour(cluster, isDark);
    if (count > 5000) context.fillRect(x - radius / 2, y - radius / 2, radius, radius); // faster than circles
    else circle(x, y, radius).fill();
  });
  context.globalAlpha = 1;
}

/** @param {number} x @param {number} y @param {number} radius */
function circle(x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  return context;
}

/** @param {CorpusMap} map @param {boolean} isDark */
function paintCited(map, isDark) {
  context.lineWidth = 2.5;
  context.strokeStyle = isDark ? "#ffd54a" : "#b45309";
  for (const paper of cited) {
    const [x, y] = geometry.paperToScreen(map.places, paper, view, size());
    circle(x, y, 9).stroke();
  }
}

/** @param {CorpusMap} map @param {boolean} isDark */
function paintLabels(map, isDark) {
  context.font = "600 13px system-ui, sans-serif";
  context.textAlign = "center";
  context.lineWidth = 4;
  const terms = map.clusters.length > 12 ? 1 : 2;
  const labels = [...map.clusters]
    .sort((one, other) => other.size - one.size)
    .map((cluster) => {
      const text = cluster.label.split(", ").slice(0, terms).join(", ");
      const [x, y] = geometry.toScreen(cluster.x, cluster.y, view, size());
      return { text, x, y, halfWidth: context.measureText(text).width / 2 + 4 };
    });
  for (const { text, x, y } of geometry.fittingLabels(labels, size())) {
    context.strokeStyle = isDark ? "#16161a" : "#ffffff";
    context.strokeText(text, x, y);
    context.fillStyle = isDark ? "#f4f4f6" : "#18181b";
    context.fillText(text, x, y);
  }
}

/** @param {boolean} isDark */
function paintLasso(isDark) {
  if (!lasso) return;
  context.beginPath();
  for (const [x, y] of lasso) context.lineTo(x, y); // the first one moves there
  context.closePath();
  context.lineWidth = 1.5;
  context.strokeStyle = isDark ? "#ffffff" : "#18181b";
  context.stroke();
}

/** The pixel of the canvas under the pointer.
 * @param {MouseEvent} event @returns {Point} */
function pixelOf(event) {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** @param {Point} pixel */
const paperAt = (pixel) => (map ? geometry.nearestPaper(map.places, view, size(), pixel, 12) : -1);

/** @param {Point} pixel */
function showTitle(pixel) {
  const paper = paperAt(pixel);
  title.hidden = paper < 0;
  if (paper < 0) return;
  title.textContent = map?.titles[paper] ?? "";
  title.style.left = `${Math.min(pixel[0] + 12, frame.clientWidth - title.offsetWidth - 8)}px`;
  title.style.top = `${pixel[1] + 16}px`;
}

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  const from = pixelOf(event);
  if (event.shiftKey || event.button === 1) movement = { view, from };
  else lasso = [from];
});
canvas.addEventListener("pointermove", (event) => {
  const [x, y] = pixelOf(event);
  if (movement) {
    const { view: start, from } = movement;
    view = { ...start, x: start.x + x - from[0], y: start.y + y - from[1] };
    paint();
  } else if (lasso) {
    lasso.push([x, y]);
    paint();
  } else showTitle([x, y]);
});
canvas.addEventListener("pointerup", async (event) => {
  const corners = lasso;
  lasso = null;
  movement = null;
  if (!corners || !map) return;
  const [x, y] = corners[0] ?? [0, 0];
  const isClick = corners.every((corner) => Math.hypot(corner[0] - x, corner[1] - y) < 6);
  select(isClick ? [] : geometry.papersInside(map.places, view, size(), corners));
  const paper = isClick ? paperAt(pixelOf(event)) : -1;
  if (paper >= 0) panel.show(await calls.paper_at({ point: paper, fingerprint: map.fingerprint }), canvas);
});
canvas.addEventListener("pointerleave", () => (title.hidden = true));
canvas.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, pixelOf(event));
  },
  { passive: false },
);

/** @param {number} factor @param {Point} [pixel] stays where it is; without it, the centre does */
function zoom(factor, pixel = [frame.clientWidth / 2, frame.clientHeight / 2]) {
  view = geometry.zoomed(view, factor, pixel);
  paint();
}

find(element, ".fn-zoom").addEventListener("click", (event) => {
  const action = around(event, "button")?.dataset.zoom;
  if (action === "in") zoom(1.5);
  if (action === "out") zoom(1 / 1.5);
  if (action === "all") zoom(0);
});
selectionBar.addEventListener("click", async (event) => {
  const action = around(event, "button")?.dataset.action;
  if (action === "ask" && map) {
    trigger("ask_about", { ids: await calls.papers_at({ points: [...selected], fingerprint: map.fingerprint }) });
  }
  if (action === "none") select([]);
});
new ResizeObserver(() => paint()).observe(frame);
new MutationObserver(() => paint()).observe(document.body, { attributes: true, attributeFilter: ["class"] });
watch("value", load); // the value changes when the tab opens and when the index changes
load();
