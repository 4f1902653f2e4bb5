// What may be done next about an alert, by its kind: places to look at for everybody, commands for who may press.

import { fill } from "../../dom.js";
import { said } from "../../language.js";

/** `steps(alert)` → [{id, label, run}]: `run()` gives {ok, text} where a command is sent, nothing where a place is opened. */
export function alertSteps(desk) {
  const { words: say, plan, lang, room, may, send, registry } = desk;
  const titles = Object.fromEntries(plan.emergencies.map(({ name, title }) => [name, said(title, lang)]));

  const place = (id, label, view, detail) => ({ id, label, run: () => desk.go(view, detail) });
  const act = (id, label, action, values) => ({ id, label, run: () => desk.act(action, values, { told: false }) });
  const emergency = (name) =>
    titles[name] ? [{ id: `plan-${name}`, label: fill(say.step_plan, { title: titles[name] }), danger: true, run: () => desk.act("emergency.run", { name }, { told: false }) }] : [];
  const item = (sku) => (room.items.has(sku) ? [place("item", say.step_item, "stock", sku)] : []);
  const freeze = () => (room.session.status === "live" ? [act("freeze", say["act_session.freeze"], "session.freeze", {})] : []);
  const next = (sku) => (room.items.get(sku)?.on_air && registry.possible(registry.get("air.next")) ? [act("next", say.step_next, "air.next", {})] : []);

  function close(sku) {
    const state = room.items.get(sku)?.state;
    return state && state !== "closed" ? [act("close", say["act_item.close"], "item.close", { sku })] : [];
  }

  /** Where units are held back, they may be let go: from the location that has most of them. */
  function buffer(sku) {
    const rows = Object.entries(room.units.get(sku)?.locations ?? {}).filter(([, row]) => row.buffer > 0);
    if (!rows.length) return [];
    const [location, row] = rows.reduce((most, each) => (each[1].buffer > most[1].buffer ? each : most));
    return [act("buffer", fill(say.step_buffer, { n: row.buffer }), "stock.transfer", { sku, move: "release", location })]; // how much is asked
  }

  const KINDS = {
    oversold: ({ sku }) => [item(sku), emergency("oversold"), next(sku), buffer(sku), close(sku)],
    rule: ({ sku }) => [sku === null ? [] : [item(sku), next(sku), buffer(sku)].flat(), [place("rule", say.step_rule, "rules")]],
    source: () => [[place("outside", say.step_outside, "outside")], freeze(), emergency("source-lost")],
    obs: ({ params }) => [
      params.connected ? [] : [{ id: "reconnect", label: say.step_reconnect, run: () => send({ type: "obs.do", obs: params.obs, request: "Reconnect" }) }],
      [place("obs", say.step_obs, "obs")],
      params.connected ? [] : emergency("obs-lost"),
    ],
    reading: ({ sku, params }) => [
      [act("accept", fill(say.step_accept, { n: params.new }), "stock.confirm", { reading: params.seq, accept: "yes" })],
      [act("reject", fill(say.step_reject, { n: params.old }), "stock.confirm", { reading: params.seq, accept: "no" })],
      item(sku),
    ],
    quarantined: ({ params }) => [
      [place("entry", say.step_entry, "log", `seq-${params.entry}`)],
      [act("drop", say.step_drop, "fact.drop", { entry: params.entry, order: params.order })],
    ],
    unmapped: ({ params }) => [[place("map", say.step_map, "outside", `${params.channel} ${params.platform_sku}`)]],
    store: ({ params }) => [[params.from ? place("entry", say.step_entry, "log", `seq-${params.from}`) : place("log", say.step_log, "log")], freeze()],
    clock: () => [[act("clock", say.step_clock, "clock.accept", {})], [place("log", say.step_log, "log")]],
  };
  const LOOKS = new Set(["item", "outside", "obs", "entry", "map", "log", "rule"]);

  return (alert) => (KINDS[alert.kind]?.(alert) ?? []).flat().filter(({ id }) => may || LOOKS.has(id));
}
