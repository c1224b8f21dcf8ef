// Bookkeeping of integers: amounts and quantities as decimal text outside, as integer units in SQL sums. No price is made here.

/** Digits kept for quantities; the most a policy may have (`quantity_scale`). */
export const QUANTITY_DIGITS = 6;

const DECIMAL = /^(-?)(\d{1,28})(?:\.(\d{1,28}))?$/;

/**
 * Units of a decimal: `units("1299.5", 2)` is `129950n`.
 * @throws {RangeError} when the text is no decimal, or has more digits after the point than `digits`; nothing is ever rounded.
 */
export function units(text, digits) {
  const [, sign, whole, fraction = ""] = DECIMAL.exec(text) ?? refuse(text, digits);
  if (/[^0]/.test(fraction.slice(digits))) refuse(text, digits);
  return BigInt(sign + whole + fraction.slice(0, digits).padEnd(digits, "0"));
}

/** The amount of so many units, with all its digits: `amount(129950n, 2)` is `"1299.50"`. Takes integer text too, as SQL answers it. */
export function amount(value, digits) {
  const whole = BigInt(value);
  const text = String(whole < 0n ? -whole : whole).padStart(digits + 1, "0");
  const point = text.length - digits;
  return (whole < 0n ? "-" : "") + text.slice(0, point) + (digits ? `.${text.slice(point)}` : "");
}

/** A quantity in its shortest form: `quantity(12000000n)` is `"12"`. */
export function quantity(value) {
  return amount(value, QUANTITY_DIGITS).replace(/\.?0+$/, "");
}

function refuse(text, digits) {
  throw new RangeError(`\`${text}\` is not a decimal with at most ${digits} digits after the point`);
}
