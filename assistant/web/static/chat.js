// The conversation. `props.value` holds its turns; only turns that changed are drawn again, so that focus and unfolded
// lists stay.
const { find, around, copy, download, announcement } = window.footnote;
const calls = window.footnote.calls(server);
const turns = find(element, ".fn-turns");
const empty = find(element, ".fn-empty");
const tools = find(element, ".fn-tools");
const announcements = find(element, ".fn-announcement");
/** The ids of turns whose answer still grows.
 * @type {Set<string>} */
const growing = new Set();
/** The HTML that each turn shows.
 * @type {WeakMap<HTMLElement, string>} */
const shownHtml = new WeakMap();
let conversation = "";

const panel = window.footnote.panel(find(element, ".fn-panel"), {
  read: (paper) => calls.paper({ paper }),
  askAbout: (ids) => trigger("ask_about", { ids }),
});

for (const question of props.examples) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fn-example";
  button.textContent = question;
  button.addEventListener("click", () => trigger("example", { question }));
  find(empty, ".fn-examples").append(button);
}

function draw() {
  /** @type {Conversation} */
  const shown = props.value || { conversation: "", turns: [] };
  if (shown.conversation !== conversation) open(shown.conversation);
  const isAtEnd = turns.scrollHeight - turns.scrollTop - turns.clientHeight < 80;
  const hasNewTurn = drawTurns(shown.turns);
  empty.hidden = shown.turns.length > 0;
  tools.hidden = !shown.turns.some((turn) => turn.done);
  if (hasNewTurn || (isAtEnd && growing.size)) turns.scrollTop = turns.scrollHeight;
}

/** @param {string} id */
function open(id) {
  conversation = id;
  turns.replaceChildren();
  growing.clear();
  panel.close();
}

/** Draw new and changed turns and remove the others; gives whether one is new.
 * @param {Turn[]} shown */
function drawTurns(shown) {
  let hasNewTurn = false;
  const left = new Map(turnNodes().map((node) => [node.dataset.turn, node]));
  shown.forEach((turn, place) => {
    const node = left.get(turn.id) ?? newTurn(turn.id);
    hasNewTurn ||= !left.delete(turn.id);
    if (turns.children[place] !== node) turns.insertBefore(node, turns.children[place] ?? null);
    redraw(node, turn.html);
    node.setAttribute("aria-busy", String(!turn.done));
    if (!turn.done) growing.add(turn.id);
    else if (growing.delete(turn.id)) announce(node);
  });
  for (const node of left.values()) node.remove();
  return hasNewTurn;
}

const turnNodes = () => /** @type {HTMLElement[]} */ ([...turns.children]);

/** @param {string} id */
function newTurn(id) {
  const node = document.createElement("article");
  node.className = "fn-turn";
  node.dataset.turn = id;
  return node;
}

/** @param {HTMLElement} node @param {string} html from the server, which escapes every text */
function redraw(node, html) {
  if (!html || shownHtml.get(node) === html) return;
  const lists = () => /** @type {HTMLDetailsElement[]} */ ([...node.querySelectorAll("details")]);
  const unfolded = lists().filter((list) => list.open).map((list) => list.className);
  node.innerHTML = html;
  for (const list of lists()) list.open = unfolded.includes(list.className);
  shownHtml.set(node, html);
}

/** Let a screen reader say the answer.
 * @param {HTMLElement} node */
function announce(node) {
  const text = (/** @type {string} */ selector) => node.querySelector(selector)?.textContent ?? "";
  const claims = [...node.querySelectorAll(".fn-answer > .fn-short, .fn-answer > .fn-claim")].map((claim) => (claim.textContent ?? "").trim());
  announcements.textContent = announcement(text(".fn-notice"), claims, text(".fn-declined, .fn-problem, .fn-status"));
}

/** @param {HTMLElement} button @param {string} turn */
async function openFootnote(button, turn) {
  const { marker, start, paper } = button.dataset;
  const html = paper
    ? await calls.paper({ paper })
    : await calls.source({ turn, marker: Number(marker), start: Number(start) });
  panel.show(html, button);
}

/** Replace the question by a form in which it can be changed and asked again.
 * @param {HTMLElement} node @param {string} turn */
function edit(node, turn) {
  const question = find(node, ".fn-question");
  const form = document.createElement("form");
  form.className = "fn-edit";
  form.innerHTML =
    '<textarea rows="3" aria-label="Edit the question"></textarea>' +
    "<p>The later questions of this conversation will be deleted.</p>" +
    '<button type="submit">Ask again</button> <button type="button">Cancel</button>';
  const box = find(form, "textarea");
  box.value = find(question, "h3").textContent ?? "";
  question.hidden = true;
  question.after(form);
  box.focus();
  const close = () => {
    form.remove();
    question.hidden = false;
  };
  find(form, "[type=button]").addEventListener("click", close);
  form.addEventListener("keydown", (event) => event.key === "Escape" && close());
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    close();
    trigger("edit_question", { turn, question: box.value });
  });
}

/** Save a rating, 1, -1 or 0 for none, and offer a field for a note.
 * @param {HTMLElement} node @param {string} turn @param {number} rating */
async function rate(node, turn, rating) {
  redraw(node, await calls.rate({ turn, rating, note: null }));
  if (!rating) return;
  const form = document.createElement("form");
  form.className = "fn-note-form";
  form.innerHTML =
    '<input maxlength="2000" aria-label="A note on this answer" placeholder="A note (optional)"> ' +
    '<button type="submit">Save</button>';
  const input = find(form, "input");
  input.value = node.querySelector(".fn-note-text")?.textContent ?? "";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    shownHtml.delete(node); // the form stands in it, which is not part of its HTML
    redraw(node, await calls.rate({ turn, rating, note: input.value }));
  });
  node.append(form);
  input.focus();
}

/** @param {HTMLElement} button @param {string} turn */
async function copyAnswer(button, turn) {
  await copy(await calls.copy_text({ turn }));
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), 1500);
}

/** @param {HTMLElement} button @param {string} turn */
async function save(button, turn) {
  announcements.textContent = await calls.save({ turn });
  button.textContent = "Saved";
}

turns.addEventListener("click", (event) => {
  const button = around(event, "button");
  const node = around(event, ".fn-turn");
  const turn = node?.dataset.turn;
  if (!button || !node || !turn) return;
  if (button.dataset.marker || button.dataset.paper) openFootnote(button, turn);
  const isPressed = button.getAttribute("aria-pressed") === "true";
  switch (button.dataset.action) {
    case "copy": copyAnswer(button, turn); break;
    case "edit": edit(node, turn); break;
    case "retry": trigger("retry_question", { turn, question: "" }); break;
    case "up": rate(node, turn, isPressed ? 0 : 1); break;
    case "save": save(button, turn); break;
    case "down": rate(node, turn, isPressed ? 0 : -1); break;
  }
});

tools.addEventListener("click", async (event) => {
  const format = around(event, "button")?.dataset.format;
  if (!format) return;
  const file = await calls.export({ conversation, format });
  if (file) download(file.name, file.text);
});

watch("value", draw);
draw();
