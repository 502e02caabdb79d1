// The corpus as a picture: a dot a paper. Drag to choose a region, click to open, wheel or buttons to come nearer.
const calls = window.footnote.calls(server);
const canvas = element.querySelector("canvas");
const frame = element.querySelector(".fn-map-frame");
const status = element.querySelector(".fn-map-status");
const groups = element.querySelector(".fn-groups");
const hovered = element.querySelector(".fn-hovered");
const bar = element.querySelector(".fn-chosen");
const context = canvas.getContext("2d");
const HUES = [210, 28, 145, 265, 345, 185, 55, 310, 100, 235, 10, 165];
let map = null;
let view = { x: 0, y: 0, zoom: 1 };
let lasso = null;
let chosen = new Set();
let pressed = null;
let panned = null;
let asked = 0;

const panel = window.footnote.panel(element.querySelector(".fn-panel"), {
  read: (paper) => calls.paper({ paper }),
  narrow: (ids) => trigger("narrow", { ids }),
});

async function load() {
  const mine = ++asked;
  for (;;) {
    const found = await calls.map({ have: map?.fingerprint || "" });
    if (mine !== asked) return;
    if (found.state === "same") break;
    if (found.state === "ready") {
      unpack(found);
      break;
    }
    status.textContent = found.said;
    if (found.state === "failed") return;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  draw();
}

function unpack(found) {
  const bytes = Uint8Array.from(atob(found.positions), (letter) => letter.charCodeAt(0));
  const places = new Uint16Array(bytes.buffer);
  map = { ...found, places, count: places.length / 2 };
  chosen = new Set();
  choose();
  groups.replaceChildren(
    ...map.clusters.map((cluster, number) => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `${cluster.label} (${cluster.size})`; // text, never HTML: it is made of titles
      button.style.setProperty("--hue", HUES[number % HUES.length]);
      button.addEventListener("click", () => {
        chosen = new Set();
        for (let point = 0; point < map.count; point++) if (map.cluster[point] === number) chosen.add(point);
        choose();
        draw();
      });
      item.append(button);
      return item;
    }),
  );
  status.textContent = map.said;
}

// The picture fills its frame: only what is near what has a meaning, not the axes.
const MARGIN = 24;
const wide = () => (frame.clientWidth - 2 * MARGIN) * view.zoom;
const high = () => (frame.clientHeight - 2 * MARGIN) * view.zoom;
const left = () => MARGIN + view.x;
const upper = () => MARGIN + view.y;
const screenX = (point) => left() + (map.places[2 * point] / 65535) * wide();
const screenY = (point) => upper() + (map.places[2 * point + 1] / 65535) * high();
const colour = (number, isDark) =>
  number < 0 ? (isDark ? "#8a8a94" : "#77777f") : `hsl(${HUES[number % HUES.length]} 60% ${isDark ? 65 : 42}%)`;

function cited() {
  const answers = document.querySelectorAll("#chat [data-cited]");
  const ids = new Set((answers[answers.length - 1]?.dataset.cited || "").split(" ").filter(Boolean));
  return ids;
}

async function lit() {
  const ids = [...cited()];
  return ids.length ? await calls.points({ ids, fingerprint: map.fingerprint }) : [];
}

let lights = [];
async function draw() {
  if (!map) return;
  lights = await lit();
  paint();
  element.dataset.drawn = map.fingerprint;
}

function paint() {
  if (!map || !frame.clientWidth) return;
  const density = window.devicePixelRatio || 1;
  canvas.width = frame.clientWidth * density;
  canvas.height = frame.clientHeight * density;
  context.setTransform(density, 0, 0, density, 0, 0);
  const isDark = document.body.classList.contains("dark");
  const size = Math.max(1.6, Math.min(5, (4.5 * Math.sqrt(view.zoom)) / Math.max(1, Math.log10(map.count / 75))));
  for (let point = 0; point < map.count; point++) {
    context.globalAlpha = chosen.size && !chosen.has(point) ? 0.18 : 0.8;
    context.fillStyle = colour(map.cluster[point], isDark);
    dot(screenX(point), screenY(point), size, map.count);
  }
  context.globalAlpha = 1;
  paintLights(isDark);
  paintLabels(isDark);
  paintLasso(isDark);
}

function dot(x, y, size, count) {
  if (count > 5000) return context.fillRect(x - size / 2, y - size / 2, size, size);
  context.beginPath();
  context.arc(x, y, size, 0, 7);
  context.fill();
}

function paintLights(isDark) {
  context.lineWidth = 2.5;
  context.strokeStyle = isDark ? "#ffd54a" : "#b45309";
  for (const point of lights) {
    context.beginPath();
    context.arc(screenX(point), screenY(point), 9, 0, 7);
    context.stroke();
  }
}

function paintLabels(isDark) {
  context.font = "600 13px system-ui, sans-serif";
  context.textAlign = "center";
  context.lineWidth = 4;
  const taken = [];
  const order = [...map.clusters].sort((one, other) => other.size - one.size);
  for (const cluster of order) {
    const label = cluster.label.split(", ").slice(0, map.clusters.length > 12 ? 1 : 2).join(", ");
    const half = context.measureText(label).width / 2 + 4;
    const middle = left() + cluster.x * wide();
    const y = upper() + cluster.y * high();
    if (middle < 0 || middle > frame.clientWidth || y < 14 || y > frame.clientHeight) continue;
    const x = Math.min(Math.max(middle, half), frame.clientWidth - half);
    if (taken.some((box) => Math.abs(box.x - x) < box.half + half && Math.abs(box.y - y) < 18)) continue;
    taken.push({ x, y, half });
    context.strokeStyle = isDark ? "#16161a" : "#ffffff";
    context.strokeText(label, x, y);
    context.fillStyle = isDark ? "#f4f4f6" : "#18181b";
    context.fillText(label, x, y);
  }
}

function paintLasso(isDark) {
  if (!lasso) return;
  context.beginPath();
  lasso.forEach(([x, y], place) => (place ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.closePath();
  context.lineWidth = 1.5;
  context.strokeStyle = isDark ? "#ffffff" : "#18181b";
  context.stroke();
}

function nearest(x, y) {
  let best = -1;
  let least = 144; // within twelve pixels
  for (let point = 0; map && point < map.count; point++) {
    const distance = (screenX(point) - x) ** 2 + (screenY(point) - y) ** 2;
    if (distance < least) [best, least] = [point, distance];
  }
  return best;
}

function isInside(x, y, corners) {
  let inside = false;
  for (let place = 0, last = corners.length - 1; place < corners.length; last = place++) {
    const [x1, y1] = corners[place];
    const [x2, y2] = corners[last];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}

function choose() {
  bar.hidden = !chosen.size;
  bar.querySelector("span").textContent = `${chosen.size} ${chosen.size === 1 ? "paper" : "papers"} chosen`;
}

const at = (event) => {
  const place = canvas.getBoundingClientRect();
  return [event.clientX - place.left, event.clientY - place.top];
};

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  pressed = at(event);
  if (event.shiftKey || event.button === 1) panned = { ...view };
  else lasso = [pressed];
});
canvas.addEventListener("pointermove", (event) => {
  const [x, y] = at(event);
  if (panned) {
    view = { ...view, x: panned.x + x - pressed[0], y: panned.y + y - pressed[1] };
    paint();
  } else if (lasso) {
    lasso.push([x, y]);
    paint();
  } else {
    const point = nearest(x, y);
    hovered.hidden = point < 0;
    if (point < 0) return;
    hovered.textContent = map.titles[point];
    hovered.style.left = `${Math.min(x + 12, frame.clientWidth - hovered.offsetWidth - 8)}px`;
    hovered.style.top = `${y + 16}px`;
  }
});
canvas.addEventListener("pointerup", async (event) => {
  const [x, y] = at(event);
  const drawn = lasso;
  lasso = null;
  if (panned || !drawn) {
    panned = null;
    return;
  }
  const isClick = drawn.every(([x1, y1]) => Math.hypot(x1 - pressed[0], y1 - pressed[1]) < 6);
  chosen = new Set();
  if (isClick) {
    const point = nearest(x, y);
    if (point >= 0) panel.show(await calls.paper_at({ point, fingerprint: map.fingerprint }), canvas);
  } else {
    for (let point = 0; point < map.count; point++)
      if (isInside(screenX(point), screenY(point), drawn)) chosen.add(point);
  }
  choose();
  paint();
});
canvas.addEventListener("pointerleave", () => (hovered.hidden = true));
canvas.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const [x, y] = at(event);
    zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, x, y);
  },
  { passive: false },
);

function zoom(factor, x = frame.clientWidth / 2, y = frame.clientHeight / 2) {
  const from = [(x - left()) / wide(), (y - upper()) / high()];
  view.zoom = Math.min(40, Math.max(1, view.zoom * factor));
  view.x += x - (left() + from[0] * wide());
  view.y += y - (upper() + from[1] * high());
  if (view.zoom === 1) view = { x: 0, y: 0, zoom: 1 };
  paint();
}

element.querySelector(".fn-zoom").addEventListener("click", (event) => {
  const action = event.target.closest("button")?.dataset.zoom;
  if (action === "in") zoom(1.5);
  if (action === "out") zoom(1 / 1.5);
  if (action === "all") zoom(0);
});
bar.addEventListener("click", async (event) => {
  const action = event.target.closest("button")?.dataset.action;
  if (action === "narrow") {
    const ids = await calls.papers_at({ points: [...chosen], fingerprint: map.fingerprint });
    trigger("narrow", { ids });
  }
  if (action === "none") {
    chosen = new Set();
    choose();
    paint();
  }
});
new ResizeObserver(() => (map ? draw() : null)).observe(frame);
new MutationObserver(paint).observe(document.body, { attributes: true, attributeFilter: ["class"] });
watch("value", load); // its value counts the changes of the index and the openings of the tab
load();
