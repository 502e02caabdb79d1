// Runs scripts of the page as the browser does, one after the other, and gives the `window` they fill.
import { readFileSync } from "node:fs";

const STATIC = new URL("../../assistant/web/static/", import.meta.url);

export function footnoteOf(...names) {
  const window = {};
  for (const name of names) new Function("window", readFileSync(new URL(name, STATIC), "utf8"))(window);
  return window.footnote;
}
