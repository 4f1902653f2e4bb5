// Prices as people read them.

/**
 * `money("29.9")` → "¥29.90", in the currency of the session, written with `sign` as overlays and the presenter's page write it; whole
 * amounts have no cents. Of null, "".
 */
export function moneyOf({ lang, currency_sign: sign }, room) {
  let [made, by] = [{}, null];

  function formatted(currency, whole) {
    if (by !== currency) [made, by] = [{}, currency];
    const digits = whole ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : {};
    return (made[whole] ??= new Intl.NumberFormat(lang, { style: "currency", currency, currencyDisplay: "narrowSymbol", ...digits }));
  }

  return (amount) => {
    if (amount === null || amount === undefined) return "";
    const parts = formatted(room.session.currency, Number.isInteger(Number(amount))).formatToParts(amount);
    return parts.map(({ type, value }) => ({ currency: sign, literal: "" })[type] ?? value).join(""); // no blank after CHF
  };
}
