// Geometry of the map. Positions of papers are pairs of whole numbers from 0 to 65,535; the view says how they are moved
// and magnified within a frame of pixels. The two axes are scaled separately, because only nearness has a meaning.
window.footnote.geometry = (() => {
  const LARGEST = 65_535;
  const MARGIN = 24; // pixels between the outermost papers and the frame
  const MOST_ZOOM = 40;

  /** @param {string} base64 @returns {Uint16Array} */
  function unpacked(base64) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return new Uint16Array(bytes.buffer);
  }

  /** The pixel of a place given as shares of the map, 0 to 1.
   * @param {number} x @param {number} y @param {View} view @param {Frame} frame @returns {Point} */
  function toScreen(x, y, view, frame) {
    return [
      MARGIN + view.x + x * (frame.width - 2 * MARGIN) * view.zoom,
      MARGIN + view.y + y * (frame.height - 2 * MARGIN) * view.zoom,
    ];
  }

  /** The pixel of a paper.
   * @param {Uint16Array} positions @param {number} paper @param {View} view @param {Frame} frame @returns {Point} */
  function paperToScreen(positions, paper, view, frame) {
    const x = positions[2 * paper] ?? 0;
    const y = positions[2 * paper + 1] ?? 0;
    return toScreen(x / LARGEST, y / LARGEST, view, frame);
  }

  /** The view magnified by `factor`, at most 40 times in all; the place under the pixel stays there. Not magnified, it
   * shows the whole map.
   * @param {View} view @param {number} factor @param {Point} pixel @returns {View} */
  function zoomed(view, factor, pixel) {
    const zoom = Math.min(MOST_ZOOM, Math.max(1, view.zoom * factor));
    if (zoom === 1) return { x: 0, y: 0, zoom: 1 };
    const ratio = zoom / view.zoom;
    const moved = (/** @type {number} */ offset, /** @type {number} */ at) => at - MARGIN - (at - MARGIN - offset) * ratio;
    return { x: moved(view.x, pixel[0]), y: moved(view.y, pixel[1]), zoom };
  }

  /** The number of the paper nearest to a pixel and less than `radius` pixels away; -1 when there is none.
   * @param {Uint16Array} positions @param {View} view @param {Frame} frame @param {Point} pixel @param {number} radius */
  function nearestPaper(positions, view, frame, pixel, radius) {
    let nearest = -1;
    let least = radius ** 2;
    for (let paper = 0; 2 * paper < positions.length; paper++) {
      const [x, y] = paperToScreen(positions, paper, view, frame);
      const distance = (x - pixel[0]) ** 2 + (y - pixel[1]) ** 2;
      if (distance < least) [nearest, least] = [paper, distance];
    }
    return nearest;
  }

  /** The numbers of the papers inside a polygon of pixels.
   * @param {Uint16Array} positions @param {View} view @param {Frame} frame @param {Point[]} corners */
  function papersInside(positions, view, frame, corners) {
    const found = [];
    for (let paper = 0; 2 * paper < positions.length; paper++) {
      if (isInside(paperToScreen(positions, paper, view, frame), corners)) found.push(paper);
    }
    return found;
  }

  /** Even-odd rule: a line from the point to the right crosses the border an odd number of times.
   * @param {Point} point @param {Point[]} corners */
  function isInside([x, y], corners) {
    let inside = false;
    let [x2, y2] = corners[corners.length - 1] ?? [0, 0];
    for (const [x1, y1] of corners) {
      if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
      [x2, y2] = [x1, y1];
    }
    return inside;
  }

  /** The labels that fit without overlapping, in their order; each is moved sideways into the frame, and left out when
   * its place is outside.
   * @param {Label[]} labels @param {Frame} frame @returns {Label[]} */
  function fittingLabels(labels, frame) {
    /** @type {Label[]} */
    const placed = [];
    for (const label of labels) {
      const { halfWidth, y } = label;
      if (label.x < 0 || label.x > frame.width || y < 14 || y > frame.height) continue;
      const x = Math.min(Math.max(label.x, halfWidth), frame.width - halfWidth);
      const overlaps = placed.some(
        (other) => Math.abs(other.x - x) < other.halfWidth + halfWidth && Math.abs(other.y - y) < 18,
      );
      if (!overlaps) placed.push({ ...label, x });
    }
    return placed;
  }

  /** Pixels; smaller for more papers, larger when magnified.
   * @param {number} zoom @param {number} count */
  const dotRadius = (zoom, count) =>
    Math.max(1.6, Math.min(5, (4.5 * Math.sqrt(zoom)) / Math.max(1, Math.log10(count / 75))));

  return { unpacked, toScreen, paperToScreen, zoomed, nearestPaper, papersInside, isInside, fittingLabels, dotRadius };
})();
