// Writes a workload as a policy folder: node policy.mjs SIZE FOLDER [plus] [programs] [idle]
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bitsOf, brandId, categoryId, CELLS, CHANNELS, promotionId, REGIONS, skuId, TIERS, workload } from "./workload.mjs";

const [size, folder, ...extras] = process.argv.slice(2);
const w = workload(size, { plus: extras.includes("plus") });
mkdirSync(folder, { recursive: true });
const write = (name, text) => writeFileSync(join(folder, name), text);
const date = (day) => new Date(day * 86_400_000).toISOString().slice(0, 10);
const amount = (cents) => (cents / 100).toFixed(2);
const ids = (count, id) => Array.from({ length: count }, (_, index) => ({ id: id(index) }));
const lines = (records) => records.map((record) => `  - ${JSON.stringify(record)}\n`).join("");

const policy = { id: `bench-${size}`, version: "1", currency: "CNY", zone: "UTC", valid: "2024-06-01 .. 2026-12-31", rounding_point: "line" };
write(
  "policy.yaml",
  `policy: ${JSON.stringify(policy)}
grades: ${JSON.stringify(TIERS.map((id) => ({ id })))}
regions: ${JSON.stringify(REGIONS.map((id) => ({ id })))}
channels: ${JSON.stringify(CHANNELS.map((id) => ({ id })))}
categories: ${JSON.stringify(ids(w.categories, categoryId))}
brands: ${JSON.stringify(ids(w.brands, brandId))}
products: products.csv
prices: [{ id: list, by: [grade, region, sku], table: prices.csv }]
${w.plus ? "floors: [{ id: floor, by: [sku], table: floors.csv }]\n" : ""}groups: [{ id: best, mode: best }, { id: stack, mode: stack }]
`,
);

const all = Array.from({ length: w.products }, (_, product) => product);
write("products.csv", `sku,unit,category,brand,multiple\n${all.map((p) => `${skuId(p)},EA,${categoryId(w.category[p])},${brandId(w.brand[p])},${(w.plus && w.multiples[p]) || ""}\n`).join("")}`);
const cells = TIERS.flatMap((tier) => REGIONS.map((region) => [tier, region]));
const rows = (product) => cells.map(([tier, region], cell) => `${tier},${region},${skuId(product)},${amount(w.prices[product * CELLS + cell])}\n`).join("");
write("prices.csv", `grade,region,sku,price\n${all.map(rows).join("")}`);
if (w.plus) write("floors.csv", `sku,price\n${all.map((p) => `${skuId(p)},${amount(w.floors[p])}\n`).join("")}`);

const percent = (points) => (points / 100).toFixed(2);
const promotions = w.promotions.map((promotion, index) => {
  const { skus, categories, brands, kind, stack, value, steps, quantity } = promotion;
  const dealer = { grade: bitsOf(promotion.tiers, TIERS), region: bitsOf(promotion.regions, REGIONS), channel: bitsOf(promotion.channels, CHANNELS) };
  const on = { sku: skus.map(skuId), category: [...new Set(categories)].map(categoryId), brand: [...new Set(brands)].map(brandId) };
  const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, values]) => values?.length > 0));
  const benefit = kind === "unit" ? { per_unit_off: amount(value) } : { percent: percent(value) };
  return {
    id: promotionId(index),
    when: { dealer: given(dealer) },
    valid: `${date(promotion.from)} .. ${date(promotion.to)}`,
    ...(Object.keys(given(on)).length > 0 && { on: given(on) }),
    ...(quantity > 0 && { at: { quantity: String(quantity) } }),
    ...(promotion.amount > 0 && { at: { amount: amount(promotion.amount) } }),
    ...(kind === "steps" ? { steps: { quantity: steps.map(([from, points]) => ({ from: String(from), percent: percent(points) })) } } : { get: benefit }),
    stage: stack ? "set" : "line",
    group: stack ? "stack" : "best",
    // Ties and running order by index.
    priority: w.promotions.length - index,
  };
});
const order = w.order.map(({ each, off, times }, index) => ({
  id: `O${index}`,
  each: { amount: amount(each), times },
  get: { amount_off: amount(off) },
  stage: "order",
  group: "stack",
  priority: w.order.length - index,
}));
// Nine times as many that cannot match: about other products, for other dealers, on other days.
const idle = () => {
  const carted = new Set(["M", "X"].flatMap((size) => workload(size).carts).flatMap((cart) => cart.lines.map(([product]) => product)));
  const others = all.filter((product) => !carted.has(product));
  const reasons = [
    (index) => ({ on: { sku: [skuId(others[index % others.length])] } }),
    (index) => ({ when: { dealer: { id: `other-${index}` } } }),
    () => ({ valid: "2024-06-01 .. 2024-06-30" }),
  ];
  return Array.from({ length: 9 * promotions.length }, (_, index) => {
    const like = promotions[index % promotions.length];
    return { ...like, id: `idle-${index}`, priority: 0, ...reasons[Math.floor(index / promotions.length) % 3](index) };
  });
};
write("promotions.yaml", `promotions:\n${lines([...promotions, ...order, ...(extras.includes("idle") ? idle() : [])])}`);

if (extras.includes("programs")) {
  const programs = Array.from({ length: 30 }, (_, index) => ({
    id: `R${String(index).padStart(2, "0")}`,
    ...(index % 3 > 0 && { on: { brand: Array.from({ length: 10 * (index % 3) }, (_, at) => brandId((index + at) % w.brands)) } }),
    period: "quarter",
    mode: index % 2 ? "incremental" : "retroactive",
    tiers: [{ from: "0", percent: "0.50" }, { from: "10000", percent: "1.00" }, { from: "100000", percent: "2.50" }],
  }));
  write("programs.yaml", `programs:\n${lines(programs)}`);
}
