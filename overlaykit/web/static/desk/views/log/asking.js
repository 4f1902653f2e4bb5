// What the API tells of the ledger.

/** The query string of `values`; empty ones are left out. */
function queryOf(values) {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined));
}

/** `ask(path, values, signal)` → {body, detail}: the answer, or null and why there is none. Raises only when it was given up by `signal`. */
export function logAsker({ session, lang, words }) {
  const api = `/api/v1/sessions/${encodeURIComponent(session)}`;
  return async (path, values, signal) => {
    try {
      const answer = await fetch(`${api}${path}?${queryOf({ ...values, locale: lang })}`, { signal });
      const body = await answer.json();
      return answer.ok ? { body, detail: "" } : { body: null, detail: body.detail ?? words.log_failed };
    } catch (error) {
      if (signal?.aborted) throw error;
      return { body: null, detail: words.log_failed };
    }
  };
}
