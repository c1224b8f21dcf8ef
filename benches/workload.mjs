// Seeded workloads: price book, promotions, carts; and what they come to, in integer cents. Same seed, same bytes on every machine.
//
// Terms are those of Qudao, and the same for every peer:
// - A promotion is about products, dealers and days. It takes a percentage or an amount per unit off each of its lines, rounded half up per line.
// - Of the exclusive ones (`best`) each line takes the one that saves most; a tie goes to the first.
// - Then the others stack, in order of their index, each on what the ones before left. A third of them need a threshold: the quantity or the amount
//   of all the promotion's lines together, as the exclusive promotions left them; tiered ones take the highest step that the quantity reaches.
export const SIZES = {
  S: { products: 1_000, promotions: 50, lines: 20 },
  M: { products: 10_000, promotions: 500, lines: 100 },
  L: { products: 100_000, promotions: 5_000, lines: 500 },
  // The order of the instruction budget.
  X: { products: 10_000, promotions: 500, lines: 200 },
};
export const TIERS = ["bronze", "silver", "gold", "platinum"];
export const REGIONS = ["north", "south", "east", "west", "islands"];
export const CHANNELS = ["web", "edi", "field"];
export const CELLS = TIERS.length * REGIONS.length;
/** All carts are dated in these thirty days, as days since 1970. */
export const DAY0 = 20_400;
const CARTS = 8;

const padded = (word, digits) => (number) => word + String(number).padStart(digits, "0");
export const skuId = padded("SKU", 6);
export const categoryId = padded("CAT", 4);
export const brandId = padded("BRAND", 4);
export const promotionId = padded("P", 5);

function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (count) => Math.floor((next() / 4_294_967_296) * count);
  const range = (low, high) => low + below(high - low + 1);
  const percent = (share) => below(100) < share;
  /** Bits of a subset, never empty; 0 stands for all. */
  const subset = (count, share) => {
    if (!percent(share)) return 0;
    let bits = 0;
    for (let bit = 0; bit < count; bit++) if (percent(60)) bits |= 1 << bit;
    return bits || 1 << below(count);
  };
  const some = (from, count) => {
    const chosen = new Set();
    while (chosen.size < count) chosen.add(below(from));
    return [...chosen].sort((a, b) => a - b);
  };
  return { below, range, percent, subset, some };
}

export function workload(size, { plus = false, seed = 42 } = {}) {
  const { products, promotions: count, lines } = SIZES[size];
  const r = random(seed);
  const categories = Math.min(2_000, Math.max(20, Math.floor(products / 50)));
  const brands = Math.max(10, Math.floor(products / 100));
  const category = new Uint32Array(products);
  const brand = new Uint32Array(products);
  const prices = new Int32Array(products * CELLS);
  const floors = new Int32Array(products);
  const multiples = new Int32Array(products);
  for (let product = 0; product < products; product++) {
    category[product] = r.below(categories);
    brand[product] = r.below(brands);
    const base = r.percent(70) ? r.range(150, 9_000) : r.range(9_000, 90_000);
    let cheapest = base;
    TIERS.forEach((_, tier) =>
      REGIONS.forEach((_, region) => {
        const price = Math.max(1, Math.floor((base * (1_000 - 35 * tier) * (1_000 + (region - 2) * 15)) / 1e6));
        prices[product * CELLS + tier * REGIONS.length + region] = price;
        cheapest = Math.min(cheapest, price);
      }),
    );
    floors[product] = Math.max(1, Math.floor((cheapest * r.range(60, 90)) / 100));
    multiples[product] = r.percent(20) ? r.range(2, 6) : 0;
  }
  const promotions = [];
  for (let index = 0; index < count; index++) promotions.push(promotion(r, { products, categories, brands, category, brand }));
  const ofSkus = promotions.filter((promotion) => promotion.skus.length > 0);
  const carts = [];
  for (let cart = 0; cart < CARTS; cart++) {
    const chosen = new Map();
    while (chosen.size < lines) {
      const from = ofSkus[r.below(ofSkus.length)];
      const product = r.percent(60) ? from.skus[r.below(from.skus.length)] : r.below(products);
      if (!chosen.has(product)) chosen.set(product, r.percent(50) ? r.range(1, 6) : r.range(1, 60));
    }
    carts.push({ tier: r.below(TIERS.length), region: r.below(REGIONS.length), channel: r.below(CHANNELS.length), day: DAY0 + r.below(30), lines: [...chosen] });
  }
  return { size, plus, products, categories, brands, category, brand, prices, floors, multiples, promotions, carts, order: plus ? ORDER_PROMOTIONS : [], creditLimit: 5_000_000 };
}

function promotion(r, { products, categories, brands, category, brand }) {
  const target = r.below(100);
  const skus = target < 55 ? r.some(products, r.range(5, 20)) : [];
  const inCategories = (target >= 55 && target < 77) || (target >= 91 && target < 99) ? r.some(categories, r.range(1, 3)) : [];
  const ofBrands = target >= 77 && target < 99 ? r.some(brands, r.range(1, 2)) : [];
  // What is about a category and a brand is about at least one product.
  if (inCategories.length > 0 && ofBrands.length > 0) {
    const product = r.below(products);
    inCategories[0] = category[product];
    ofBrands[0] = brand[product];
  }
  const active = r.percent(60);
  const from = active ? DAY0 - r.range(0, 60) : DAY0 + r.range(40, 90) * (r.percent(50) ? 1 : -4);
  const to = active ? DAY0 + 29 + r.range(0, 60) : from + r.range(1, 60);
  // percent 50 %, per unit 30 %, tiered percent 20 %
  const kind = ["percent", "percent", "percent", "percent", "percent", "unit", "unit", "unit", "steps", "steps"][r.below(10)];
  const stack = kind === "steps" || r.percent(20);
  let value = 0;
  const steps = [];
  if (kind === "percent") value = stack ? r.range(50, 300) : r.range(200, 3_000);
  if (kind === "unit") value = stack ? r.range(1, 50) : r.range(20, 500);
  if (kind === "steps") {
    let [quantity, points] = [r.range(2, 6), r.range(50, 200)];
    for (let step = r.range(2, 4); step > 0; step--) {
      steps.push([quantity, points]);
      quantity += r.range(4, 15);
      points += r.range(50, 200);
    }
  }
  const threshold = stack && kind !== "steps" ? r.below(3) : 0;
  return {
    skus,
    categories: inCategories,
    brands: ofBrands,
    tiers: r.subset(TIERS.length, 50),
    regions: r.subset(REGIONS.length, 40),
    channels: r.subset(CHANNELS.length, 30),
    from,
    to,
    kind,
    stack,
    value,
    steps,
    quantity: threshold === 1 ? r.range(2, 24) : 0,
    amount: threshold === 2 ? r.range(1_000, 60_000) : 0,
  };
}

/** Of M+, in running order: every full `each` takes `off` from the whole order, at most `times`. */
const ORDER_PROMOTIONS = [
  { each: 1_000_000, off: 8_000, times: 5 },
  { each: 5_000_000, off: 30_000, times: 2 },
];

export const bitsOf = (bits, names) => (bits === 0 ? null : names.filter((_, bit) => (bits >> bit) & 1));

/** Promotions with names instead of numbers, as rule engines are given them. */
export function named(w) {
  return w.promotions.map((promotion, index) => ({
    ...promotion,
    index,
    skus: promotion.skus.map(skuId),
    categories: promotion.categories.map(categoryId),
    brands: promotion.brands.map(brandId),
    tiers: bitsOf(promotion.tiers, TIERS),
    regions: bitsOf(promotion.regions, REGIONS),
    channels: bitsOf(promotion.channels, CHANNELS),
  }));
}

export function namedCarts(w) {
  return w.carts.map((cart) => ({
    tier: TIERS[cart.tier],
    region: REGIONS[cart.region],
    channel: CHANNELS[cart.channel],
    day: cart.day,
    lines: cart.lines.map(([product, quantity]) => ({ sku: skuId(product), quantity })),
  }));
}

export const halfUp = (numerator, denominator) => Math.floor((2 * numerator + denominator) / (2 * denominator));

/** What one promotion takes off what is left of a line. */
function taken(promotion, left, quantity, points) {
  return promotion.kind === "unit" ? Math.min(promotion.value * quantity, left) : halfUp(left * points, 10_000);
}

/**
 * Prices the lines once it is known which promotions each may have: `matching[line]` holds their indices, ascending.
 * The oracle, and the arithmetic of every peer that only finds promotions.
 */
export function finish(w, units, quantities, matching, products) {
  const { promotions, plus, floors } = w;
  const count = units.length;
  const lines = new Array(count);
  const amounts = new Float64Array(promotions.length);
  const pieces = new Float64Array(promotions.length);
  for (let line = 0; line < count; line++) {
    const [quantity, found] = [quantities[line], matching[line]];
    const list = units[line] * quantity;
    const least = plus ? floors[products[line]] * quantity : 0;
    const capacity = Math.max(0, list - least);
    let best = -1;
    let off = 0;
    for (let at = 0; at < found.length; at++) {
      const promotion = promotions[found[at]];
      if (promotion.stack) continue;
      const saving = Math.min(taken(promotion, list, quantity, promotion.value), capacity);
      if (saving > off) [off, best] = [saving, found[at]];
    }
    lines[line] = { unit: units[line], list, discount: off, net: list - off, best, matching: found };
    for (let at = 0; at < found.length; at++) {
      if (!promotions[found[at]].stack) continue;
      amounts[found[at]] += list - off;
      pieces[found[at]] += quantity;
    }
  }
  for (let line = 0; line < count; line++) {
    const [quantity, found] = [quantities[line], matching[line]];
    const least = plus ? floors[products[line]] * quantity : 0;
    let net = lines[line].net;
    for (let at = 0; at < found.length; at++) {
      const promotion = promotions[found[at]];
      if (!promotion.stack || pieces[found[at]] < promotion.quantity || amounts[found[at]] < promotion.amount) continue;
      let points = promotion.value;
      if (promotion.kind === "steps") {
        points = 0;
        for (const [from, value] of promotion.steps) if (pieces[found[at]] >= from) points = value;
      }
      net -= Math.min(taken(promotion, net, quantity, points), Math.max(0, net - least));
    }
    lines[line].net = net;
    lines[line].discount = lines[line].list - net;
  }
  return lines;
}

/** M+ after the lines: order promotions split over the lines within their floors, guards, credit. */
export function finishOrder(w, lines, quantities, products) {
  const { floors, multiples, order, creditLimit } = w;
  const entering = lines.reduce((sum, line) => sum + line.net, 0);
  for (const { each, off, times } of order) {
    const counted = Math.min(times, Math.floor(entering / each));
    if (counted > 0) split(lines, counted * off, floors, quantities, products);
  }
  const guards = [];
  let payable = 0;
  lines.forEach((line, index) => {
    const [product, quantity] = [products[index], quantities[index]];
    const multiple = multiples[product];
    if (multiple > 0 && quantity % multiple !== 0) {
      const up = Math.ceil(quantity / multiple) * multiple;
      guards.push({ code: "QTY_MULTIPLE", line: index, have: quantity, down: up - multiple || null, up });
    }
    const floor = floors[product] * quantity;
    if (line.net < floor) guards.push({ code: "FLOOR", line: index, net: line.net, floor });
    line.discount = line.list - line.net;
    payable += line.net;
  });
  if (payable > creditLimit) guards.push({ code: "CREDIT_LIMIT", over: payable - creditLimit });
  return { lines, payable, guards };
}

/** Largest remainder over what is left of the lines, none below its floor; ties to the larger line, then to the smaller SKU. */
function split(lines, amount, floors, quantities, products) {
  let open = [];
  for (let index = 0; index < lines.length; index++) {
    const capacity = Math.max(0, lines[index].net - floors[products[index]] * quantities[index]);
    if (lines[index].net > 0) open.push({ index, weight: lines[index].net, capacity, part: 0, rest: 0 });
  }
  amount = Math.min(amount, open.reduce((sum, { capacity }) => sum + capacity, 0));
  const give = (share, part) => (lines[share.index].net -= part);
  for (let full = true; full; ) {
    const weight = open.reduce((sum, share) => sum + share.weight, 0);
    full = false;
    const next = [];
    let left = amount;
    for (const share of open) {
      if (amount * share.weight >= share.capacity * weight) {
        give(share, share.capacity);
        left -= share.capacity;
        full = true;
      } else next.push(share);
    }
    amount = left;
    open = next;
  }
  const weight = open.reduce((sum, share) => sum + share.weight, 0);
  let given = 0;
  for (const share of open) {
    share.part = Math.floor((amount * share.weight) / weight);
    share.rest = (amount * share.weight) % weight;
    given += share.part;
  }
  const sorted = amount > given ? [...open].sort((a, b) => b.rest - a.rest || b.weight - a.weight || products[a.index] - products[b.index]) : open;
  for (let odd = 0; odd < amount - given; odd++) sorted[odd].part += 1;
  for (const share of open) give(share, share.part);
}

/** One number over everything that must agree: amounts line by line, and the guards of M+. */
export function digest({ lines, guards = [] }) {
  let hash = 0x811c9dc5;
  const mix = (number) => {
    for (const part of [number >>> 0, Math.floor(number / 4_294_967_296) >>> 0]) hash = Math.imul(hash ^ part, 0x01000193) >>> 0;
  };
  for (const { unit, list, discount, net } of lines) [unit, list, discount, net].forEach(mix);
  const inOrder = [...guards].sort((a, b) => (a.line ?? lines.length) - (b.line ?? lines.length) || (a.code < b.code ? -1 : 1));
  for (const { code, line = -1, over = 0 } of inOrder) [code.length, line + 1, over].forEach(mix);
  return hash;
}
