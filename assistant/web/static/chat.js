// The conversation: turns drawn from `props.value`, one at a time, so that what is open or focused stays so.
const calls = window.footnote.calls(server);
const turns = element.querySelector(".fn-turns");
const empty = element.querySelector(".fn-empty");
const tools = element.querySelector(".fn-tools");
const said = element.querySelector(".fn-said");
const running = new Set();
let conversation = "";

const panel = window.footnote.panel(element.querySelector(".fn-panel"), {
  read: (paper) => calls.paper({ paper }),
  narrow: (ids) => trigger("narrow", { ids }),
});

for (const question of props.examples) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "fn-example";
  button.textContent = question;
  button.addEventListener("click", () => trigger("example", { question }));
  empty.querySelector(".fn-examples").append(button);
}

function draw() {
  const shown = props.value || { conversation: "", turns: [] };
  if (shown.conversation !== conversation) {
    conversation = shown.conversation;
    turns.replaceChildren();
    running.clear();
    panel.close();
  }
  const atEnd = turns.scrollHeight - turns.scrollTop - turns.clientHeight < 80;
  let grew = false;
  const kept = new Map([...turns.children].map((node) => [node.dataset.turn, node]));
  shown.turns.forEach((turn, place) => {
    const node = kept.get(turn.id) || document.createElement("article");
    kept.delete(turn.id);
    if (!node.dataset.turn) {
      node.className = "fn-turn";
      node.dataset.turn = turn.id;
      grew = true;
    }
    if (turns.children[place] !== node) turns.insertBefore(node, turns.children[place] || null);
    if (node.shown !== turn.html) {
      node.innerHTML = turn.html; // made by the server, which escapes every text
      node.shown = turn.html;
    }
    node.setAttribute("aria-busy", String(!turn.done));
    if (!turn.done) running.add(turn.id);
    else if (running.delete(turn.id)) announce(node);
  });
  for (const node of kept.values()) node.remove();
  empty.hidden = shown.turns.length > 0;
  tools.hidden = !shown.turns.some((turn) => turn.done);
  if (grew || (atEnd && running.size)) turns.scrollTop = turns.scrollHeight;
}

function announce(node) {
  const claims = [...node.querySelectorAll(".fn-claim")].map((claim) => claim.textContent.trim());
  const notice = node.querySelector(".fn-notice")?.textContent || "";
  const rest = claims.length ? claims.join(" ") : node.querySelector(".fn-declined, .fn-problem, .fn-status")?.textContent;
  const text = `${notice} ${rest || ""}`;
  said.textContent = `Answer finished. ${text}`.replace(/\s+/g, " ");
}

async function openFootnote(button) {
  const turn = button.closest(".fn-turn").dataset.turn;
  const { marker, start, paper } = button.dataset;
  const html = paper
    ? await calls.paper({ paper })
    : await calls.source({ turn, marker: Number(marker), start: Number(start) });
  panel.show(html, button);
}

function edit(node) {
  const question = node.querySelector(".fn-question");
  const form = document.createElement("form");
  form.className = "fn-edit";
  form.innerHTML =
    '<textarea rows="3" aria-label="The question, to be asked again"></textarea>' +
    '<p>What follows it in this conversation is forgotten.</p>' +
    '<button type="submit">Ask again</button> <button type="button">Cancel</button>';
  const box = form.querySelector("textarea");
  box.value = question.querySelector("h3").textContent;
  question.hidden = true;
  question.after(form);
  box.focus();
  const done = () => {
    form.remove();
    question.hidden = false;
  };
  form.querySelector("[type=button]").addEventListener("click", done);
  form.addEventListener("keydown", (event) => event.key === "Escape" && done());
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    done();
    trigger("edit_question", { turn: node.dataset.turn, question: box.value });
  });
}

async function judge(node, verdict) {
  const turn = node.dataset.turn;
  redraw(node, await calls.judge({ turn, verdict, note: null }));
  const pressed = node.querySelector("[data-action=up][aria-pressed=true], [data-action=down][aria-pressed=true]");
  if (!pressed) return;
  const form = document.createElement("form");
  form.className = "fn-judge";
  form.innerHTML = '<input maxlength="2000" aria-label="A note on this answer" placeholder="A note, if you like"> <button type="submit">Save</button>';
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    redraw(node, await calls.judge({ turn, verdict, note: form.querySelector("input").value }));
  });
  form.querySelector("input").value = node.querySelector(".fn-note .fn-words")?.textContent || "";
  node.append(form);
  form.querySelector("input").focus();
}

function redraw(node, html) {
  if (!html) return;
  node.innerHTML = html;
  node.shown = html;
}

turns.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  const node = button?.closest(".fn-turn");
  if (!node) return;
  if (button.dataset.marker || button.dataset.paper) return openFootnote(button);
  const pressed = button.getAttribute("aria-pressed") === "true";
  switch (button.dataset.action) {
    case "copy":
      await window.footnote.copy(await calls.copy_text({ turn: node.dataset.turn }));
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
      break;
    case "edit": edit(node); break;
    case "retry": trigger("retry_question", { turn: node.dataset.turn, question: "" }); break;
    case "up": judge(node, pressed ? 0 : 1); break;
    case "down": judge(node, pressed ? 0 : -1); break;
  }
});

tools.addEventListener("click", async (event) => {
  const form = event.target.closest("button")?.dataset.form;
  if (!form) return;
  const file = await calls.export({ conversation, form });
  if (file) window.footnote.download(file.name, file.text);
});

watch("value", draw);
draw();
