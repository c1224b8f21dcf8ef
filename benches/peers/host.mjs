// What peers that only find promotions have in common: catalogue, price look-up, and the arithmetic of the workload in integer cents.
import { brandId, categoryId, CELLS, finish, REGIONS, skuId, TIERS } from "../workload.mjs";

export function catalogue(w) {
  const products = new Map();
  for (let index = 0; index < w.products; index++)
    products.set(skuId(index), { index, category: categoryId(w.category[index]), brand: brandId(w.brand[index]), categoryIndex: w.category[index], brandIndex: w.brand[index] });
  return products;
}

export const priceCell = (cart) => TIERS.indexOf(cart.tier) * REGIONS.length + REGIONS.indexOf(cart.region);

/** `matching(facts)` names the promotions that a line may have, ascending, or promises to. */
export function pricer(w, matching) {
  const products = catalogue(w);
  const parts = (cart) => {
    const cell = priceCell(cart);
    const found = cart.lines.map(({ sku }) => products.get(sku));
    return { found, units: found.map(({ index }) => w.prices[index * CELLS + cell]), quantities: cart.lines.map(({ quantity }) => quantity), indices: found.map(({ index }) => index) };
  };
  const facts = (cart, { sku }, { category, brand }) => ({ sku, category, brand, tier: cart.tier, region: cart.region, channel: cart.channel, day: cart.day });
  return async (cart) => {
    const { found, units, quantities, indices } = parts(cart);
    const all = [];
    for (let line = 0; line < found.length; line++) all.push(await matching(facts(cart, cart.lines[line], found[line])));
    return { lines: finish(w, units, quantities, all, indices) };
  };
}

/** The same for peers that answer at once. */
export function pricerNow(w, matching) {
  const products = catalogue(w);
  return (cart) => {
    const cell = priceCell(cart);
    const units = [];
    const quantities = [];
    const indices = [];
    const all = [];
    for (const { sku, quantity } of cart.lines) {
      const { index, category, brand } = products.get(sku);
      units.push(w.prices[index * CELLS + cell]);
      quantities.push(quantity);
      indices.push(index);
      all.push(matching({ sku, category, brand, tier: cart.tier, region: cart.region, channel: cart.channel, day: cart.day }));
    }
    return { lines: finish(w, units, quantities, all, indices) };
  };
}

/** The conditions of a promotion, the selective ones of the cart first, as a careful author would write them: [fact, operator, value]. */
export function conditions({ tiers, regions, channels, from, to, skus, categories, brands }) {
  const all = [];
  if (tiers) all.push(["tier", "in", tiers]);
  if (regions) all.push(["region", "in", regions]);
  if (channels) all.push(["channel", "in", channels]);
  all.push(["day", ">=", from], ["day", "<=", to]);
  if (skus.length > 0) all.push(["sku", "in", skus]);
  if (categories.length > 0) all.push(["category", "in", categories]);
  if (brands.length > 0) all.push(["brand", "in", brands]);
  return all;
}
