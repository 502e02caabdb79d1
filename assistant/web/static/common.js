// What the parts of the page share: tooltips, downloads, and a panel that shows one paper.
window.footnote = (() => {
  const tip = document.createElement("div");
  tip.className = "fn-tip";
  tip.setAttribute("role", "tooltip");
  tip.id = "fn-tip";
  tip.hidden = true;
  let tipped = null;

  function showTip(target) {
    if (!tip.isConnected) document.body.append(tip);
    tip.textContent = target.dataset.tip; // text, never HTML: it quotes papers
    tip.hidden = false;
    target.setAttribute("aria-describedby", tip.id);
    tipped = target;
    const place = target.getBoundingClientRect();
    const left = Math.min(Math.max(8, place.left), window.innerWidth - tip.offsetWidth - 8);
    const above = place.top - tip.offsetHeight - 6;
    tip.style.left = `${left}px`;
    tip.style.top = `${above > 8 ? above : place.bottom + 6}px`;
  }

  function hideTip() {
    tipped?.removeAttribute("aria-describedby");
    tipped = null;
    tip.hidden = true;
  }

  const under = (event) => event.target.closest?.("[data-tip]");
  document.addEventListener("mouseover", (event) => (under(event) ? showTip(under(event)) : hideTip()));
  document.addEventListener("focusin", (event) => (under(event) ? showTip(under(event)) : hideTip()));
  document.addEventListener("scroll", hideTip, true);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());

  // Gradio says neither what its page nor its drop zone is for; a screen reader needs to hear it.
  function label() {
    document.documentElement.lang = "en";
    for (const input of document.querySelectorAll("input[type=file]:not([aria-label])")) {
      input.setAttribute("aria-label", "Files of papers");
    }
  }
  new MutationObserver(label).observe(document.documentElement, { childList: true, subtree: true });

  const alarm = document.createElement("div");
  alarm.className = "fn-alarm";
  alarm.setAttribute("role", "alert");
  alarm.hidden = true;
  let quiet = 0;

  function say(problem) {
    if (!alarm.isConnected) document.body.append(alarm);
    alarm.textContent = problem;
    alarm.hidden = false;
    clearTimeout(quiet);
    quiet = setTimeout(() => (alarm.hidden = true), 10_000);
  }

  // The server's functions. Where one fails, the person is told and what waits for its answer goes no further.
  function calls(server) {
    const call = (name) => async (data) => {
      const answer = await server[name](data).catch(() => ({ problem: "Footnote does not answer: is it still running?" }));
      if (!answer?.problem) return answer;
      say(answer.problem);
      return new Promise(() => {});
    };
    return new Proxy({}, { get: (_, name) => call(name) });
  }

  function download(name, text) {
    const anchor = document.createElement("a");
    anchor.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    anchor.download = name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
  }

  async function copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const box = document.createElement("textarea"); // a page that is not on this machine has no clipboard object
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }

  // A panel that shows one paper at a time. `html` was made by the server, which escapes every text.
  function panel(box, { read, narrow, remove }) {
    let opener = null;
    const body = box.querySelector(".fn-panel-body");
    function close() {
      box.hidden = true;
      body.replaceChildren();
      opener?.focus();
      opener = null;
    }
    function show(html, from) {
      if (from) opener = from;
      body.innerHTML = html;
      box.hidden = false;
      body.querySelector("h3")?.focus({ preventScroll: true });
      box.scrollTop = 0;
      const now = body.querySelector("mark.fn-now") || body.querySelector("mark");
      const isBelow = now && now.offsetTop + now.offsetHeight > box.clientHeight;
      if (isBelow) box.scrollTop = now.offsetTop - box.clientHeight / 3;
    }
    box.querySelector(".fn-close").addEventListener("click", close);
    box.addEventListener("keydown", (event) => event.key === "Escape" && close());
    body.addEventListener("click", async (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const paper = button.closest(".fn-paper").dataset.paper;
      if (button.dataset.paper) show(await read(button.dataset.paper));
      else if (button.dataset.action === "narrow") narrow([paper]);
      else if (button.dataset.action === "remove") remove?.([paper]);
    });
    return { show, close };
  }

  // "light" and "dark" are kept to; "system" is what the browser asks for, which Gradio follows by itself.
  const asksForDark = window.matchMedia("(prefers-color-scheme: dark)");
  let chosenTheme = "system";
  function theme(name) {
    chosenTheme = name || chosenTheme;
    const isDark = chosenTheme === "system" ? asksForDark.matches : chosenTheme === "dark";
    document.body.classList.toggle("dark", isDark);
  }
  asksForDark.addEventListener("change", () => setTimeout(theme));

  return { calls, download, copy, panel, theme };
})();
