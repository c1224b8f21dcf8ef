// Stands before the two halves of a figure that fits no word.
const WIDE = -0x80000000;
const MEASURES = ["quantity", "amount", "weight", "packs"];
const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));

/** Writes figures of so many digits after the point, less the zeros at their end, but never fewer than `least`. */
function writer(digits, least) {
  const one = 10 ** digits;
  return (figure) => {
    if (typeof figure === "bigint") return wide(figure, digits, least);
    const size = figure < 0 ? -figure : figure;
    const sign = figure < 0 ? "-" : "";
    const whole = Math.trunc(size / one);
    let rest = size - whole * one;
    let length = digits;
    while (length > least && rest % 10 === 0) {
      rest /= 10;
      length--;
    }
    if (length === 0) return sign + whole;
    return `${sign}${whole}.${length === 2 ? TWO_DIGITS[rest] : String(rest).padStart(length, "0")}`;
  };
}

function wide(figure, digits, least) {
  const sign = figure < 0n ? "-" : "";
  const size = String(figure < 0n ? -figure : figure).padStart(digits + 1, "0");
  const whole = size.slice(0, size.length - digits);
  let rest = size.slice(whole.length);
  while (rest.length > least && rest.endsWith("0")) rest = rest.slice(0, -1);
  return rest === "" ? sign + whole : `${sign}${whole}.${rest}`;
}

/**
 * Makes a quote from its columns (`src/wire/columns.rs`): text that is split at line feeds, words, and the texts of the bundle by their number.
 * It is what `JSON.parse` makes of the canonical text, key by key, in a fraction of the time. Nothing is computed here: figures are only written.
 */
export function quoteFrom(text, words, known, hashes) {
  const tokens = text.split("\n");
  const quote = JSON.parse(tokens[0]);
  const stages = tokens[1].split(" ");
  let token = 2;
  let at = 0;
  let frame;

  const next = () => tokens[token++];
  const figure = () => {
    const word = words[at++];
    if (word !== WIDE) return word;
    const low = BigInt.asUintN(32, BigInt(words[at++]));
    return (BigInt(words[at++]) << 32n) | low;
  };
  const moneyDigits = figure();
  const money = writer(moneyDigits, moneyDigits);
  const unitPrice = writer(figure(), moneyDigits);
  const quantity = writer(figure(), 0);
  const percent = writer(4, 0);
  const name = () => known(figure());

  function list(item) {
    const count = figure();
    const items = new Array(count);
    for (let index = 0; index < count; index++) items[index] = item();
    return items;
  }

  const ids = list(() => {
    const [sku, unit, kind] = [name(), name(), figure()];
    // In a further unit: the base unit.
    const base = kind >= 2 ? name() : undefined;
    return { sku, unit, base, id: kind % 2 === 1 ? next() : `${sku}|${unit}` };
  });
  const id = () => ids[figure()].id;
  // What somebody approved has an id of its own.
  const rule = (number) => (number === -1 ? next() : known(number));
  const adjustment = () => ({ rule: rule(figure()), stage: stages[figure()], amount: money(figure()) });
  const portion = () => ({ access: name(), unit_price: unitPrice(figure()), per: figure(), quantity: quantity(figure()), list: money(figure()) });
  const row = () => ({ count: Number(figure()), list: money(figure()), discount: money(figure()), net: money(figure()) });
  const surcharge = writer(4, 0);
  const measured = [quantity, money, writer(6, 0), String];
  const parts = [quantity, money, measured[2], measured[2]];
  const band = () => ({ from_quantity: measured[frame.measure](figure()), part: parts[frame.measure](figure()), unit_price: unitPrice(figure()), surcharge: surcharge(figure()) });
  const share = () => ({ line: id(), amount: money(figure()) });

  const other = () => ({ access: name(), unit_price: unitPrice(figure()), per: figure() });
  function tax() {
    const kind = figure();
    if (kind === -1) return null;
    return { rate: kind === 1 ? percent(figure()) : null, base: money(figure()), tax: money(figure()), gross: money(figure()) };
  }

  function price({ sku, unit, base }) {
    const kind = figure();
    if (kind === -1) return null;
    // Most prices have the frame of the price before.
    if (kind === 1) {
      frame = { per: figure(), access: name(), key: list(next), sku: figure(), measure: figure(), split: figure() === 1, from: figure(), flags: list(next), missed: list(name), beaten: list(other) };
      frame.from = measured[frame.measure](frame.from);
    }
    const key = frame.key.slice();
    if (frame.sku >= 0) key[frame.sku] = sku;
    const { per, access, measure, from } = frame;
    const found = {
      unit_price: unitPrice(figure()),
      per,
      unit: base === undefined || figure() === 1 ? unit : base,
      access,
      key,
      measure: MEASURES[measure],
      from_quantity: from,
      flags: frame.flags.slice(),
      missed: frame.missed.slice(),
      beaten: frame.beaten,
      bands: frame.split ? list(band) : [],
    };
    if (quote.registrations) found.portions = list(portion);
    return found;
  }

  /** Without a price the tables that were searched for one. */
  function priced(ordered) {
    const found = price(ordered);
    return found === null ? { price: null, missed: list(name) } : { price: found };
  }

  function line() {
    const ordered = ids[figure()];
    const { id, sku, unit, base } = ordered;
    const own = quantity(figure());
    const line = {
      id,
      sku,
      unit,
      quantity: own,
      base_quantity: base === undefined ? own : quantity(figure()),
      ...priced(ordered),
      list: money(figure()),
      adjustments: list(adjustment),
      net: money(figure()),
      floor: figure() === 1 ? money(figure()) : null,
      units: list(row),
    };
    if (quote.totals.tax) line.tax = tax();
    return line;
  }

  function outcome() {
    switch (figure()) {
      case 1:
        return {
          rule: name(),
          outcome: "applied",
          saving: money(figure()),
          gift_value: money(figure()),
          times: Number(figure()),
          lost: money(figure()),
          lost_by: list(next),
          lines: list(id),
        };
      case 2:
        return { rule: name(), outcome: "lost_to", winner: name(), saving: money(figure()), gift_value: money(figure()), by: money(figure()) };
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

// Where a quote has what computes its hashes.
const HASHES = Symbol("hashes");

/** Reads one of both hashes. It is the same function for every quote: one of its own would be kept by a hidden class, and the whole quote with it. */
const ownHash = (key) => ({
  get() {
    return this[HASHES]()[key];
  },
  // An answer is plain data, so its owner may write to it.
  set(value) {
    Object.defineProperty(this, key, { value, writable: true });
  },
  enumerable: true,
  configurable: true,
});
const OWN_HASHES = { inputs_hash: ownHash("inputs_hash"), result_hash: ownHash("result_hash") };

/** Both hashes are computed when one is first read: they take longer than the price, and most quotes of a cart that is typed are never booked. */
function withHashes(quote, compute) {
  let hashes;
  Object.defineProperty(quote, HASHES, { value: () => (hashes ??= compute()) });
  return Object.defineProperties(quote, OWN_HASHES);
}
