// Functions that need no page, so that their tests run in Node.
window.footnote = /** @type {any} */ ({});
Object.assign(
  window.footnote,
  (() => {
    /** A number with its noun: "1 paper", "3 papers".
     * @param {number} count
     * @param {string} noun */
    const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

    /** Wraps the server's functions. When one fails or cannot be reached, `report` gets the message and the promise of
     * the call never settles, so that nothing after the call runs on a missing answer.
     * @param {ServerFunctions} server
     * @param {(message: string) => void} report
     * @returns {Calls} */
    function callsOf(server, report) {
      const unreachable = { problem: "Footnote does not answer: is it still running?" };
      /** @param {string} name */
      const call = (name) => async (/** @type {object} */ data) => {
        const answer = await server[name]?.(data).catch(() => unreachable);
        if (!answer?.problem) return answer;
        report(answer.problem);
        return new Promise(() => {});
      };
      return /** @type {Calls} */ (new Proxy({}, { get: (_, name) => call(String(name)) }));
    }

    /** For requests of which only the last one counts: `begin` starts one, and gives a function that says whether it is
     * still the last. */
    function latestOnly() {
      let started = 0;
      return {
        begin() {
          const own = ++started;
          return () => own === started;
        },
      };
    }

    /** What a screen reader says of a finished answer.
     * @param {string} notice
     * @param {string[]} claims
     * @param {string} otherwise the text when there are no claims: why the question was declined, or what failed */
    function announcement(notice, claims, otherwise) {
      const text = claims.length ? claims.join(" ") : otherwise;
      return ["Answer finished.", notice, text].join(" ").replace(/\s+/g, " ").trim();
    }

    return { counted, callsOf, latestOnly, announcement };
  })(),
);
