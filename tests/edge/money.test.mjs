import assert from "node:assert/strict";
import { test } from "node:test";
import { amount, quantity, units } from "../../www/edge/money.mjs";

test("an amount becomes units and comes back, digit by digit", () => {
  for (const [text, digits, value] of [
    ["1299.50", 2, 129950n], ["0.00", 2, 0n], ["0.05", 2, 5n], ["-0.05", 2, -5n], ["-12.30", 2, -1230n], ["7", 0, 7n], ["1.005", 3, 1005n],
    ["9999999999999999.99", 2, 999999999999999999n],
  ]) {
    assert.equal(units(text, digits), value, text);
    assert.equal(amount(value, digits), text);
    assert.equal(amount(String(value), digits), text, "from integer text, as SQL answers it");
  }
});

test("missing digits are zeros, superfluous zeros are dropped, nothing is rounded", () => {
  assert.equal(units("12", 2), 1200n);
  assert.equal(units("12.5", 2), 1250n);
  assert.equal(units("12.5000", 2), 1250n);
  assert.throws(() => units("12.345", 2), RangeError);
});

test("what is no plain decimal is refused", () => {
  for (const text of ["", "1e3", "+1", "1,000", " 1", ".5", "5.", "１", "NaN", "--1"]) assert.throws(() => units(text, 2), RangeError, text);
});

test("a quantity is written in its shortest form", () => {
  for (const [text, short] of [["12", "12"], ["120", "120"], ["1.50", "1.5"], ["0", "0"], ["0.000001", "0.000001"]]) assert.equal(quantity(units(text, 6)), short);
});
