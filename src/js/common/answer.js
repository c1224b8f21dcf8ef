/**
 * Makes a quote from its columns (`src/wire/columns.rs`): one text, every value ended by a line feed.
 * It is what `JSON.parse` makes of the canonical text, key by key, in a fraction of the time. Nothing is computed here: every figure comes as its text.
 */
export function quoteFrom(text, hashes) {
  const tokens = text.split("\n");
  const quote = JSON.parse(tokens[0]);
  let at = 1;
  let frame;
  let unit = "";

  function list(item) {
    const count = Number(tokens[at++]);
    const items = new Array(count);
    for (let index = 0; index < count; index++) items[index] = item();
    return items;
  }

  const next = () => tokens[at++];
  const adjustment = () => ({ rule: tokens[at++], stage: tokens[at++], amount: tokens[at++] });
  const band = () => ({ from_quantity: tokens[at++], part: tokens[at++], unit_price: tokens[at++], surcharge: tokens[at++] });
  const row = () => ({ count: Number(tokens[at++]), list: tokens[at++], discount: tokens[at++], net: tokens[at++] });
  const share = () => ({ line: tokens[at++], amount: tokens[at++] });

  function price(sku, base) {
    const first = tokens[at++];
    if (first === "-") return null;
    // An empty token stands for the frame of the price before.
    if (first !== "") frame = { per: Number(first), access: next(), key: list(next), sku: Number(next()), from: next(), missed: list(next), measure: next(), split: next() === "1" };
    const key = frame.key.slice();
    if (frame.sku >= 0) key[frame.sku] = sku;
    const of = base === "" ? unit : next() || unit;
    const { per, access, measure, from } = frame;
    return { unit_price: next(), per, unit: of, access, key, measure, from_quantity: from, missed: frame.missed.slice(), bands: frame.split ? list(band) : [] };
  }

  function line() {
    const sku = next();
    unit = next() || unit;
    const id = next() || `${sku}|${unit}`;
    const quantity = next();
    const base = next();
    return { id, sku, unit, quantity, base_quantity: base || quantity, price: price(sku, base), list: next(), adjustments: list(adjustment), net: next(), floor: next() || null, units: list(row) };
  }

  function outcome() {
    switch (next()) {
      case "applied":
        return { rule: next(), outcome: "applied", saving: next(), gift_value: next(), times: Number(next()), lost: next(), lost_by: list(next), lines: list(next) };
      case "lost_to":
        return { rule: next(), outcome: "lost_to", winner: next(), saving: next(), gift_value: next(), by: next() };
      default:
        return JSON.parse(next());
    }
  }

  quote.lines = list(line);
  quote.rules = list(outcome);
  for (const rebate of quote.rebates) rebate.shares = list(share);
  const cart = next();
  return withHashes(quote, () => hashes(cart));
}

/** Both hashes are computed when one is first read: they take longer than the price, and most quotes of a cart that is typed are never booked. */
function withHashes(quote, compute) {
  let hashes;
  const hash = (key) => ({
    get: () => (hashes ??= compute())[key],
    // An answer is plain data, so its owner may write to it.
    set: (value) => Object.defineProperty(quote, key, { value, writable: true }),
    enumerable: true,
    configurable: true,
  });
  Object.defineProperty(quote, "inputs_hash", hash("inputs_hash"));
  Object.defineProperty(quote, "result_hash", hash("result_hash"));
  return quote;
}
