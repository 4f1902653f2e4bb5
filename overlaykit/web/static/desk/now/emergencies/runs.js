// The emergency plans that were run in this session, by whomever, and what came of their actions: read off the ledger by the server.

const SOON = 1500; // milliseconds between two looks at the least
const AWAITED_FOR = 10 * 60_000; // an action that nobody has heard of for so long is looked for no more

/**
 * `all()`: runs that were done, the last first: {seq, name, at, by, acts: Map index → [{target, status, detail}]}. `directed()`: whether there was a
 * process that runs plans when it was looked last. `look()`: there may be news. `changed` is called when there were. `whole(run)` says
 * whether all its actions are heard of.
 */
export function emergencyRuns(desk, whole, changed) {
  const runs = new Map();
  let through = null;
  let directed = true;
  let looking = false;
  let again = false;
  let [timer, looked] = [0, 0];

  const awaited = () => [...runs.values()].some((run) => !whole(run) && desk.clock.now() - Date.parse(run.at) < AWAITED_FOR);

  /** Of two who ran one plan at the same time, the first one's was done. */
  const doneBefore = ({ name, at }, together) =>
    [...runs.values()].some((run) => run.name === name && Date.parse(at) - Date.parse(run.at) < together);

  function take({ runs: begun, acts, directed: now, together }) {
    const news = begun.length || acts.length || directed !== now;
    directed = now;
    for (const run of begun) if (!doneBefore(run, together)) runs.set(run.seq, { ...run, acts: new Map() });
    for (const { run, index, ...act } of acts) {
      const known = runs.get(run)?.acts;
      if (!known) continue;
      const others = (known.get(index) ?? []).filter(({ target }) => target !== act.target);
      known.set(index, [...others, act]);
    }
    if (news) changed();
  }

  async function look() {
    clearTimeout(timer);
    if (looking) {
      again = true;
      return;
    }
    const early = looked + SOON - Date.now();
    if (early > 0) {
      timer = setTimeout(look, early);
      return;
    }
    [looking, again, looked] = [true, false, Date.now()];
    const { body: found } = await desk.ask("/desk/emergencies", { after: through });
    looking = false;
    if (found) {
      through = found.through;
      take(found);
    }
    if (again || found?.more || awaited()) timer = setTimeout(look, SOON);
  }

  return { look, all: () => [...runs.values()].reverse(), directed: () => directed };
}
