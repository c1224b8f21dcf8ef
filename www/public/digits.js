// Decimal text as integers, for drawing and for the stepper. No amount that anyone reads is made here.

const DIGITS = 6;

/** `"1299.5"` as a BigInt with six digits after the point. */
function scaled(text) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [null, "", "0"];
  return BigInt(sign + whole + fraction.slice(0, DIGITS).padEnd(DIGITS, "0"));
}

/** How much of `whole` the amounts are together, in percent between 0 and 100, for the length of a bar. */
export function percentOf(whole, ...parts) {
  const total = scaled(whole);
  const sum = parts.reduce((all, part) => all + scaled(part), 0n);
  if (total <= 0n || sum <= 0n) return 0;
  return sum >= total ? 100 : Number((sum * 10_000n) / total) / 100;
}

/** The largest of several sums of amounts, as one text to scale bars by. */
export function widest(...sums) {
  const totals = sums.map((parts) => parts.reduce((all, part) => all + scaled(part), 0n));
  return plain(totals.reduce((most, total) => (total > most ? total : most), 0n));
}

/** The quantity one step up or down: whole multiples, or steps from the minimum, never under the minimum, and from the minimum down to nothing. */
export function stepQuantity(quantity, up, { min_quantity, multiple, step = "0" }) {
  const by = scaled(multiple) || scaled(step) || scaled("1");
  const least = scaled(min_quantity) || by;
  const from = scaled(step) ? least % by : 0n;
  const now = scaled(quantity) < from ? from : scaled(quantity);
  const next = from + (up ? ((now - from) / by + 1n) * by : ((now - from - 1n) / by) * by);
  if (up) return plain(next < least ? least : next);
  return plain(now <= least || next < least ? 0n : next);
}

/** The sum of quantities of one product. */
export const sumQuantity = (a, b) => plain(scaled(a) + scaled(b));

function plain(value) {
  const text = String(value).padStart(DIGITS + 1, "0");
  return `${text.slice(0, -DIGITS)}.${text.slice(-DIGITS)}`.replace(/\.?0+$/, "");
}

/** What people type or paste as a quantity, as the engine reads it: full-width digits become plain, spaces and thousands separators go. */
export function typedQuantity(text) {
  return text.normalize("NFKC").replace(/[\s,]/g, "");
}
