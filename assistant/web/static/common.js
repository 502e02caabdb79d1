// What the scripts of the page share: tooltips, alerts, downloads, the panel that shows one paper, and the theme.
Object.assign(
  window.footnote,
  (() => {
    /** The first element that matches; the page's own templates hold it, so a missing one is a bug.
     * @param {ParentNode} root
     * @param {string} selector
     * @returns {any} */
    function find(root, selector) {
      const found = root.querySelector(selector);
      if (!found) throw new Error(`The page has no ${selector}.`);
      return found;
    }

    /** The element with this selector around the target of an event.
     * @param {Event} event
     * @param {string} selector
     * @returns {HTMLElement | null} */
    const around = (event, selector) => (event.target instanceof Element ? event.target.closest(selector) : null);

    const tooltip = document.createElement("div");
    tooltip.className = "fn-tooltip";
    tooltip.setAttribute("role", "tooltip");
    tooltip.id = "fn-tooltip";
    tooltip.hidden = true;
    /** @type {HTMLElement | null} */
    let described = null;

    /** @param {HTMLElement} target */
    function showTooltip(target) {
      if (!tooltip.isConnected) document.body.append(tooltip);
      tooltip.textContent = target.dataset.tip ?? ""; // text, never HTML: it quotes papers
      tooltip.hidden = false;
      target.setAttribute("aria-describedby", tooltip.id);
      described = target;
      const box = target.getBoundingClientRect();
      const left = Math.min(Math.max(8, box.left), window.innerWidth - tooltip.offsetWidth - 8);
      const above = box.top - tooltip.offsetHeight - 6;
      tooltip.style.left = `${left}px`;
      tooltip.style.top = `${above > 8 ? above : box.bottom + 6}px`;
    }

    function hideTooltip() {
      described?.removeAttribute("aria-describedby");
      described = null;
      tooltip.hidden = true;
    }

    /** @param {Event} event */
    function updateTooltip(event) {
      const target = around(event, "[data-tip]");
      if (target) showTooltip(target);
      else hideTooltip();
    }

    document.addEventListener("mouseover", updateTooltip);
    document.addEventListener("focusin", updateTooltip);
    document.addEventListener("scroll", hideTooltip, true);
    document.addEventListener("keydown", (event) => event.key === "Escape" && hideTooltip());

    /** Fill a choice and keep what is chosen, also if it is not offered any more: otherwise all would be chosen unasked.
     * @param {HTMLSelectElement} select
     * @param {string} all the label of no choice
     * @param {[string, string][]} offered values and labels */
    function fillChoice(select, all, offered) {
      const chosen = select.value;
      const isGone = chosen && !offered.some(([value]) => value === chosen);
      /** @type {[string, string][]} */
      const gone = isGone ? [[chosen, `${chosen} (no longer there)`]] : [];
      const options = [...offered, ...gone].map(([value, label]) => new Option(label, value)); // text, never HTML
      select.replaceChildren(new Option(all, ""), ...options);
      select.value = chosen;
    }

    // Gradio names neither the language of its page nor its drop zone, and screen readers need both.
    function addMissingLabels() {
      document.documentElement.lang = "en";
      for (const input of document.querySelectorAll("input[type=file]:not([aria-label])")) {
        input.setAttribute("aria-label", "Files of papers");
      }
      document.querySelector("#add-collection input:not([list])")?.setAttribute("list", "fn-collection-names");
    }
    new MutationObserver(addMissingLabels).observe(document.documentElement, { childList: true, subtree: true });

    const alertBox = document.createElement("div");
    alertBox.className = "fn-alert";
    alertBox.setAttribute("role", "alert");
    alertBox.hidden = true;
    let timeout = 0;

    /** Show a problem for ten seconds.
     * @param {string} problem */
    function showAlert(problem) {
      if (!alertBox.isConnected) document.body.append(alertBox);
      alertBox.textContent = problem;
      alertBox.hidden = false;
      window.clearTimeout(timeout);
      timeout = window.setTimeout(() => (alertBox.hidden = true), 10_000);
    }

    /** @param {ServerFunctions} server */
    const calls = (server) => window.footnote.callsOf(server, showAlert);

    /** @param {string} name @param {string} text */
    function download(name, text) {
      const anchor = document.createElement("a");
      anchor.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
      anchor.download = name;
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
    }

    /** @param {string} text */
    async function copy(text) {
      if (navigator.clipboard) return navigator.clipboard.writeText(text);
      const box = document.createElement("textarea"); // browsers offer the clipboard only to https and to localhost
      box.value = text;
      document.body.append(box);
      box.select();
      document.execCommand("copy");
      box.remove();
    }

    /** A panel that shows one paper at a time. Its HTML comes from the server, which escapes every text.
     * @param {HTMLElement} box
     * @param {PanelActions} actions */
    function panel(box, { read, askAbout, remove }) {
      /** @type {HTMLElement | null} */
      let opener = null;
      const body = find(box, ".fn-panel-body");
      function close() {
        box.hidden = true;
        body.replaceChildren();
        opener?.focus();
        opener = null;
      }
      /** @param {string} html @param {HTMLElement} [from] gets the focus when the panel closes */
      function show(html, from) {
        if (from) opener = from;
        body.innerHTML = html;
        box.hidden = false;
        body.querySelector("h3")?.focus({ preventScroll: true });
        box.scrollTop = 0;
        const mark = body.querySelector("mark.fn-current") || body.querySelector("mark");
        const isBelow = mark && mark.offsetTop + mark.offsetHeight > box.clientHeight;
        if (isBelow) box.scrollTop = mark.offsetTop - box.clientHeight / 3;
      }
      find(box, ".fn-close").addEventListener("click", close);
      box.addEventListener("keydown", (event) => event.key === "Escape" && close());
      body.addEventListener("click", async (/** @type {Event} */ event) => {
        const button = around(event, "button");
        const shown = button?.closest(".fn-paper");
        if (!button || !(shown instanceof HTMLElement)) return;
        const ids = [shown.dataset.paper ?? ""];
        if (button.dataset.paper) show(await read(button.dataset.paper));
        else if (button.dataset.action === "ask") askAbout(ids);
        else if (button.dataset.action === "remove") remove?.(ids);
      });
      return { show, close };
    }

    // "light" and "dark" stay as they are; "system" follows the browser.
    const asksForDark = window.matchMedia("(prefers-color-scheme: dark)");
    let chosenTheme = "system";
    /** @param {string} [name] */
    function theme(name) {
      chosenTheme = name || chosenTheme;
      const isDark = chosenTheme === "system" ? asksForDark.matches : chosenTheme === "dark";
      document.body.classList.toggle("dark", isDark);
    }
    asksForDark.addEventListener("change", () => setTimeout(theme)); // after Gradio's own change

    return { find, around, fillChoice, calls, download, copy, panel, theme };
  })(),
);
