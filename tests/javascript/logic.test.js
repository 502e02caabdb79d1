import assert from "node:assert/strict";
import { test } from "node:test";

import { footnoteOf } from "./load.js";

const { announcement, callsOf, counted, latestOnly } = footnoteOf("logic.js");

const neverSettles = async (promise) => {
  const later = new Promise((resolve) => setTimeout(resolve, 20, "still waiting"));
  assert.equal(await Promise.race([promise, later]), "still waiting");
};

test("a noun is counted in the singular, the plural and with thousands separated", () => {
  assert.equal(counted(0, "paper"), "0 papers");
  assert.equal(counted(1, "paper"), "1 paper");
  assert.equal(counted(32_159, "paper"), "32,159 papers");
});

test("a call reaches the server's function of the same name and gives its answer", async () => {
  const server = { paper: async (data) => `<h3>${data.paper}</h3>` };
  const calls = callsOf(server, assert.fail);
  assert.equal(await calls.paper({ paper: "hens" }), "<h3>hens</h3>");
});

test("an answer that is empty or null is an answer", async () => {
  const calls = callsOf({ export: async () => null, copy_text: async () => "" }, assert.fail);
  assert.equal(await calls.export({}), null);
  assert.equal(await calls.copy_text({}), "");
});

test("a problem is reported and the call never settles", async () => {
  const problems = [];
  const calls = callsOf({ find: async () => ({ problem: "The index is gone." }) }, (one) => problems.push(one));
  await neverSettles(calls.find({}));
  assert.deepEqual(problems, ["The index is gone."]);
});

test("a server that cannot be reached is reported", async () => {
  const problems = [];
  const calls = callsOf({ find: () => Promise.reject(new TypeError("network")) }, (one) => problems.push(one));
  await neverSettles(calls.find({}));
  assert.deepEqual(problems, ["Footnote does not answer: is it still running?"]);
});

test("only the request that began last is the latest", () => {
  const searches = latestOnly();
  const first = searches.begin();
  assert.equal(first(), true);
  const second = searches.begin();
  assert.deepEqual([first(), second()], [false, true]);
  assert.equal(latestOnly().begin()(), true);
  assert.equal(second(), true);
});

test("a finished answer is announced with its notice before its claims, on one line", () => {
  assert.equal(announcement("Two papers disagree.", ["Hens\n lay.", "Cows do not."], "ignored"), "Answer finished. Two papers disagree. Hens lay. Cows do not.");
});

test("an answer without claims is announced with the reason", () => {
  assert.equal(announcement("", [], "The papers do not answer this."), "Answer finished. The papers do not answer this.");
});
