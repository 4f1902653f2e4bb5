// Asking this server: what stands at an address, or why there is no answer.

const PATIENCE = 15_000; // a computer that went to sleep, or whose network changed, waits for an answer for ever

const given = (value) => value !== "" && value !== null && value !== undefined;

/**
 * `ask(address, values, {signal})` → {body, text}: the JSON that stands there for the page's session, in its language, with these values
 * (a list as often as it is long, empty ones not); or null, and why there is none. Raises only when it was given up by `signal`. What is
 * not answered for `patience` milliseconds has no answer.
 */
export function askerOf({ session, lang }, words, patience = PATIENCE) {
  return async (address, values = {}, { signal } = {}) => {
    const pairs = Object.entries({ session, lang, ...values }).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
    const waiting = new AbortController();
    const giveUp = () => waiting.abort();
    const timer = setTimeout(giveUp, patience);
    signal?.addEventListener("abort", giveUp);
    try {
      const query = new URLSearchParams(pairs.filter(([, value]) => given(value)));
      const answer = await fetch(`${address}?${query}`, { signal: waiting.signal });
      if (answer.status === 401) location.reload(); // the login comes
      const body = await answer.json().catch(() => null);
      return answer.ok && body !== null ? { body, text: "" } : { body: null, text: body?.detail || words.ask_failed };
    } catch (error) {
      if (signal?.aborted) throw error;
      return { body: null, text: words.ask_failed };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    }
  };
}

/** Where the API has what belongs to a session. */
export const apiOf = ({ session }) => `/api/v1/sessions/${encodeURIComponent(session)}`;
