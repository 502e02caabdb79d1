import assert from "node:assert/strict";
import { test } from "node:test";

import { footnoteOf } from "./load.js";

const { geometry } = footnoteOf("logic.js", "geometry.js");

const FRAME = { width: 248, height: 148 }; // 200 by 100 pixels without the margins of 24
const WHOLE = { x: 0, y: 0, zoom: 1 };
const CORNERS = Uint16Array.of(0, 0, 65_535, 0, 65_535, 65_535, 0, 65_535);
const SQUARE = [
  [10, 10],
  [20, 10],
  [20, 20],
  [10, 20],
];

test("positions are unpacked from little-endian pairs of 16-bit numbers", () => {
  const base64 = Buffer.from([0, 0, 255, 255, 1, 0, 0, 1]).toString("base64");
  assert.deepEqual([...geometry.unpacked(base64)], [0, 65_535, 1, 256]);
});

test("the whole map fills the frame up to its margins, each axis by itself", () => {
  const pixels = [0, 1, 2, 3].map((paper) => geometry.paperToScreen(CORNERS, paper, WHOLE, FRAME));
  assert.deepEqual(pixels, [
    [24, 24],
    [224, 24],
    [224, 124],
    [24, 124],
  ]);
});

test("zooming keeps the place under the pointer", () => {
  const pixel = [100, 60];
  const share = [(100 - 24) / 200, (60 - 24) / 100];
  const once = geometry.zoomed(WHOLE, 2, pixel);
  const twice = geometry.zoomed(once, 1.5, pixel);
  for (const view of [once, twice]) {
    const [x, y] = geometry.toScreen(share[0], share[1], view, FRAME);
    assert.ok(Math.hypot(x - pixel[0], y - pixel[1]) < 1e-9);
  }
  assert.equal(twice.zoom, 3);
});

test("zoom ends at 40 times, and zooming out ends at the whole map", () => {
  const near = geometry.zoomed(WHOLE, 1000, [100, 60]);
  assert.equal(near.zoom, 40);
  assert.deepEqual(geometry.zoomed(near, 0, [3, 3]), WHOLE);
});

test("the nearest paper within the radius is found, and none outside it", () => {
  assert.equal(geometry.nearestPaper(CORNERS, WHOLE, FRAME, [221, 26], 12), 1);
  assert.equal(geometry.nearestPaper(CORNERS, WHOLE, FRAME, [124, 74], 12), -1);
  assert.equal(geometry.nearestPaper(CORNERS, WHOLE, FRAME, [24, 36], 12), -1);
  assert.equal(geometry.nearestPaper(new Uint16Array(), WHOLE, FRAME, [24, 24], 12), -1);
});

test("a point is inside a polygon or outside it", () => {
  assert.equal(geometry.isInside([15, 15], SQUARE), true);
  for (const point of [[5, 15], [25, 15], [15, 5], [15, 25]]) assert.equal(geometry.isInside(point, SQUARE), false);
});

test("a notch of a polygon is outside it", () => {
  const notched = [[0, 0], [10, 0], [10, 10], [5, 2], [0, 10]];
  assert.equal(geometry.isInside([5, 8], notched), false);
  assert.equal(geometry.isInside([1, 7], notched), true);
});

test("a line or a point encloses nothing", () => {
  assert.equal(geometry.isInside([5, 5], [[0, 0], [10, 10]]), false);
  assert.equal(geometry.isInside([5, 5], [[5, 5]]), false);
  assert.equal(geometry.isInside([5, 5], []), false);
});

test("the papers inside a drawn line are those whose dots are", () => {
  const leftHalf = [[0, 0], [100, 0], [100, 148], [0, 148]];
  assert.deepEqual(geometry.papersInside(CORNERS, WHOLE, FRAME, leftHalf), [0, 3]);
  assert.deepEqual(geometry.papersInside(CORNERS, { x: 150, y: 0, zoom: 1 }, FRAME, leftHalf), []);
});

test("labels are kept in the frame, and the first of two that overlap is kept", () => {
  const label = (text, x, y) => ({ text, x, y, halfWidth: 30 });
  const labels = [label("large", 100, 60), label("overlapping", 120, 70), label("at the edge", 5, 100), label("outside", -5, 60)];
  const placed = geometry.fittingLabels(labels, FRAME);
  assert.deepEqual(placed.map(({ text, x }) => [text, x]), [["large", 100], ["at the edge", 30]]);
});

test("dots are smaller for more papers and larger when zoomed, between 1.6 and 5 pixels", () => {
  assert.equal(geometry.dotRadius(1, 75), 4.5);
  assert.equal(geometry.dotRadius(40, 75), 5);
  assert.ok(geometry.dotRadius(1, 32_000) < geometry.dotRadius(1, 3_000));
  assert.equal(geometry.dotRadius(1, 1e9), 1.6);
});
