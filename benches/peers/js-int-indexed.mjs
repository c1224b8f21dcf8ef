// The fastest JavaScript we can write by hand: promotions indexed by SKU, category and brand, open ones cached per dealer, integer cents.
// It answers with amounts and promotions per line: no text, no waterfall, no reasons.
import { CELLS, CHANNELS, finish, finishOrder, REGIONS, TIERS } from "../workload.mjs";
import { catalogue, priceCell } from "./host.mjs";

export function load(w) {
  const products = catalogue(w);
  const find = index(w);
  return (cart) => {
    const open = find.open(cart);
    const cell = priceCell(cart);
    const count = cart.lines.length;
    const [units, quantities, indices, matching] = [new Array(count), new Array(count), new Array(count), new Array(count)];
    for (let line = 0; line < count; line++) {
      const product = products.get(cart.lines[line].sku);
      units[line] = w.prices[product.index * CELLS + cell];
      quantities[line] = cart.lines[line].quantity;
      indices[line] = product.index;
      matching[line] = find.matching(open, product);
    }
    const lines = finish(w, units, quantities, matching, indices);
    return w.plus ? finishOrder(w, lines, quantities, indices) : { lines };
  };
}

function index(w) {
  const count = w.promotions.length;
  const [bySku, byCategory, byBrand, rest] = [new Map(), new Map(), new Map(), []];
  const brandSets = new Array(count).fill(null);
  const add = (map, key, promotion) => (map.has(key) ? map.get(key).push(promotion) : map.set(key, [promotion]));
  w.promotions.forEach(({ skus, categories, brands }, promotion) => {
    if (skus.length > 0) skus.forEach((sku) => add(bySku, sku, promotion));
    else if (categories.length > 0) {
      categories.forEach((category) => add(byCategory, category, promotion));
      if (brands.length > 0) brandSets[promotion] = new Set(brands);
    } else if (brands.length > 0) brands.forEach((brand) => add(byBrand, brand, promotion));
    else rest.push(promotion);
  });
  const contexts = new Map();
  const open = (cart) => {
    const [tier, region, channel] = [TIERS.indexOf(cart.tier), REGIONS.indexOf(cart.region), CHANNELS.indexOf(cart.channel)];
    const key = ((cart.day * 8 + tier) * 8 + region) * 4 + channel;
    let known = contexts.get(key);
    if (!known) {
      const has = (bits, bit) => bits === 0 || ((bits >> bit) & 1) === 1;
      known = Uint8Array.from(w.promotions, (p) => +(cart.day >= p.from && cart.day <= p.to && has(p.tiers, tier) && has(p.regions, region) && has(p.channels, channel)));
      if (contexts.size > 64) contexts.clear();
      contexts.set(key, known);
    }
    return known;
  };
  const lists = [null, null, null, rest];
  const matching = (openNow, product) => {
    lists[0] = bySku.get(product.index);
    lists[1] = byCategory.get(product.categoryIndex);
    lists[2] = byBrand.get(product.brandIndex);
    const found = [];
    for (let which = 0; which < 4; which++) {
      const list = lists[which];
      if (!list) continue;
      for (let at = 0; at < list.length; at++) {
        const promotion = list[at];
        if (openNow[promotion] && (brandSets[promotion] === null || brandSets[promotion].has(product.brandIndex))) found.push(promotion);
      }
    }
    for (let at = 1; at < found.length; at++) {
      const promotion = found[at];
      let to = at - 1;
      while (to >= 0 && found[to] > promotion) found[to + 1] = found[to--];
      found[to + 1] = promotion;
    }
    return found;
  };
  return { open, matching };
}
