// What most teams write: decimal.js, prices as text, every promotion tested for every line.
import { createRequire } from "node:module";
import { CELLS, named, REGIONS, skuId, TIERS } from "../workload.mjs";
import { catalogue } from "./host.mjs";

const Decimal = createRequire(import.meta.url)("decimal.js");

export function load(w) {
  const products = catalogue(w);
  const text = (cents) => (cents / 100).toFixed(2);
  const books = new Map();
  TIERS.forEach((tier, t) =>
    REGIONS.forEach((region, r) => {
      const book = new Map();
      for (let product = 0; product < w.products; product++) book.set(skuId(product), text(w.prices[product * CELLS + t * REGIONS.length + r]));
      books.set(`${tier}/${region}`, book);
    }),
  );
  const promotions = named(w).map((p) => ({
    ...p,
    skus: p.skus.length > 0 ? new Set(p.skus) : null,
    categories: p.categories.length > 0 ? new Set(p.categories) : null,
    brands: p.brands.length > 0 ? new Set(p.brands) : null,
    off: p.kind === "unit" ? new Decimal(text(p.value)) : new Decimal(p.value).div(10_000),
    steps: p.steps.map(([from, points]) => [from, new Decimal(points).div(10_000)]),
    amount: new Decimal(text(p.amount)),
  }));
  const matches = (p, cart, sku, { category, brand }) =>
    cart.day >= p.from &&
    cart.day <= p.to &&
    (!p.tiers || p.tiers.includes(cart.tier)) &&
    (!p.regions || p.regions.includes(cart.region)) &&
    (!p.channels || p.channels.includes(cart.channel)) &&
    (!p.skus || p.skus.has(sku)) &&
    (!p.categories || p.categories.has(category)) &&
    (!p.brands || p.brands.has(brand));
  const taken = (p, left, quantity, rate) => (p.kind === "unit" ? Decimal.min(p.off.times(quantity), left) : left.times(rate).toDecimalPlaces(2, Decimal.ROUND_HALF_UP));
  const zero = new Decimal(0);
  return (cart) => {
    const book = books.get(`${cart.tier}/${cart.region}`);
    const sums = new Map();
    const lines = cart.lines.map(({ sku, quantity }) => {
      const unit = new Decimal(book.get(sku));
      const list = unit.times(quantity);
      const found = promotions.filter((p) => matches(p, cart, sku, products.get(sku)));
      let [best, off] = [-1, zero];
      for (const p of found) {
        if (p.stack) continue;
        const saving = taken(p, list, quantity, p.off);
        if (saving.gt(off)) [off, best] = [saving, p.index];
      }
      const net = list.minus(off);
      for (const p of found) {
        if (!p.stack) continue;
        const sum = sums.get(p) ?? { amount: zero, quantity: 0 };
        sums.set(p, { amount: sum.amount.plus(net), quantity: sum.quantity + quantity });
      }
      return { unit, list, net, best, found, quantity };
    });
    return {
      lines: lines.map(({ unit, list, net, best, found, quantity }) => {
        for (const p of found) {
          if (!p.stack || sums.get(p).quantity < p.quantity || sums.get(p).amount.lt(p.amount)) continue;
          let rate = p.off;
          if (p.kind === "steps") {
            rate = zero;
            for (const [from, value] of p.steps) if (sums.get(p).quantity >= from) rate = value;
          }
          net = net.minus(taken(p, net, quantity, rate));
        }
        return { unit: unit.toFixed(2), list: list.toFixed(2), discount: list.minus(net).toFixed(2), net: net.toFixed(2), best };
      }),
    };
  };
}

export const cents = ({ lines }) => ({
  lines: lines.map((line) => Object.fromEntries(["unit", "list", "discount", "net"].map((key) => [key, Math.round(Number(line[key]) * 100)]))),
});
