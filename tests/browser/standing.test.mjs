// Where the dealer stands, as pictures: contests, baskets that lack something, targets of joiners, forecasts, the next grade.
import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "./staged.mjs";
import { NARROW } from "./visit.mjs";

const year = new Intl.DateTimeFormat("en", { year: "numeric", timeZone: "Asia/Shanghai" }).format(Date.now());
const FILES = {
  "policy.yaml": `
policy: { id: standing, version: "1", valid: 2026-01-01 .. 2035-12-31, horizon_years: 10 }
products: products.csv
prices: [{ id: list, by: [sku], table: list.csv }]
programs:
  - { id: sales, name: { zh: 销量返, en: Sales }, period: lifetime, mode: retroactive, tiers: [{ from: 0, percent: 1 }, { from: 10000, percent: 2 }] }
  - { id: basket, name: { zh: 组合返, en: Basket }, period: lifetime, mode: basket, tiers: [{ from: 1000, percent: 3, requires: [{ program: b, quantity: 8 }] }] }
  - { id: b, name: { zh: 乙, en: B }, on: { sku: B }, period: lifetime, qualifier: quantity, mode: total, tiers: [{ from: 1, amount: 0 }] }
  - { id: range, name: { zh: 铺货返, en: Range }, covers: sku, period: lifetime, mode: total, tiers: [{ from: 1, amount: 100 }], requires: [{ program: range, covers: 2 }] }
  - { id: aim, name: { zh: 任务, en: Aim }, period: year, against: target, joiners: months, mode: retroactive, tiers: [{ from: 100, percent: 1 }] }
`,
  "products.csv": "sku,unit\nA,件\nB,件\n",
  "list.csv": "sku,price\nA,100\nB,100\n",
};
const DEALER = {
  schema: 1, id: "D1", as_of: "2026-11-20T08:00:00+08:00",
  volumes: [
    { program: "sales", period: "lifetime", posted: { amount: "4000" }, expected: { amount: "12000", quantity: 120 } },
    { program: "basket", period: "lifetime", posted: { amount: "1000" } }, { program: "b", period: "lifetime", posted: { quantity: 2 } },
    { program: "aim", period: year, joined: `${year}-07-01T00:00:00+08:00`, target: { amount: "12000" } },
  ],
  contests: [{ contest: "race", name: { zh: "销量赛", en: "Race" }, program: "sales", period: "lifetime", as_of: "2026-11-18T00:00:00+08:00", rank: 4, of: 9, prize: "0",
    volume: { amount: "3000" }, lead: { amount: "10" }, ahead: [{ rank: 3, prize: "500", gap: { amount: "2000" } }] }],
  attributes: { name_zh: "样例商行", name_en: "Sample" },
};
const GRADING = {
  name: { zh: "季度评分", en: "Quarterly" }, period: "2026-Q3", kpis: [{ kpi: "growth", name: { zh: "增长", en: "growth" } }, { kpi: "service", name: { zh: "服务", en: "service" } }],
  proposals: [
    { dealer: "D2", present: "B", grade: "B", score: "1", says: { zh: "别家的", en: "another's" } },
    { dealer: "D1", present: "B", grade: "B", score: "75.0000009", points: [{ kpi: "growth", value: "3", weight: "100", points: "75.0000009" }, { kpi: "service", value: "60", weight: null, points: null }],
      next: { grade: "A", missing: "10", needs: [{ kpi: "service", have: "60", need: "70" }], alone: [{ kpi: "growth", value: "5" }], worth: { orders: 2, gain: "1234.50" } }, says: { zh: "得 75.00 分。", en: "75.00 points." } },
  ],
};

const open = stage(FILES, DEALER, { "grading.json": JSON.stringify(GRADING) });
const buy = (page, sku, quantity) => page.locator(`.catalogue quantity-field[sku="${sku}"] input`).fill(String(quantity));
const program = (page, name) => page.locator(".program").filter({ hasText: name });
const shows = (locator, text) => locator.filter({ hasText: text }).first().waitFor();
/** Bars and marks of a meter come to stand there, in percent of it. */
async function draws(locator, expected) {
  const same = async () => JSON.stringify(await drawn(locator)) === JSON.stringify(expected);
  for (let tries = 0; tries < 50 && !await same(); tries += 1) await new Promise((later) => setTimeout(later, 100));
  assert.deepEqual(await drawn(locator), expected);
}
const drawn = (locator) => locator.locator(".meter").first().evaluate((meter) => [...meter.children].map((part) => [part.className, Number.parseFloat(part.style.getPropertyValue(part.tagName === "I" ? "--from" : "--width"))]));

test("an order comes nearer to the rank ahead, and passes where it was", async (t) => {
  const page = await open(t);
  await buy(page, "A", 6);
  const race = program(page, "销量返").locator(".race");
  await shows(race.locator("h4"), "销量赛");
  await shows(race, "第 4 名，共 9 名");
  await shows(race, "距当时第 3 名（¥500.00）还差 ¥1,000.00，本单后还差 ¥400.00");
  await draws(race, [["posted", 80], ["open", 0], ["cart", 12], ["limit", 100]]);
  await buy(page, "A", 25);
  await shows(race, "本单后达到当时第 3 名（¥500.00），超出 ¥1,500.00");
  assert.equal((await drawn(race)).at(-1)[1] < 100, true);
});

test("what is earned, accrued and foreseen stand apart, on the volume too", async (t) => {
  const page = await open(t);
  await buy(page, "A", 10);
  const one = program(page, "销量返");
  // 1 % of 4000.00 is earned; 12000.00 at 2 % are foreseen, of which 5000.00 make 100.00.
  await draws(one.locator(".forecast"), [["forecast", 100], ["accrued", 41.66], ["won", 16.66]]);
  for (const text of ["已挣¥40.00", "已可计提¥100.00", "预计返利¥240.00"]) await shows(one.locator(".drawn.forecast .legend > div"), text);
  await shows(one.locator(".legend > div"), "预计全期¥12,000.00");
  assert.equal(await one.locator(".tiers rect.forecast").count(), 1);
});

test("what a basket lacks and the smaller target of a joiner are bars", async (t) => {
  const page = await open(t);
  await buy(page, "B", 2);
  const basket = program(page, "组合返").locator(".drawn.lacks");
  await draws(basket, [["cart", 50], ["limit", 100]]);
  await buy(page, "B", 6);
  await basket.waitFor({ state: "detached" });
  const joined = program(page, "任务").locator(".drawn.joined");
  await draws(joined, [["posted", 50], ["limit", 100]]);
  assert.match(await joined.textContent(), /6,000/);
});

test("how many different SKUs are missing is a bar", async (t) => {
  const page = await open(t);
  await buy(page, "A", 5);
  const range = program(page, "铺货返").locator(".drawn.standing");
  await draws(range, [["cart", 50], ["limit", 100]]);
  await shows(range, "需达 2 个品项，现为 1 个品项");
  await buy(page, "B", 1);
  await range.waitFor({ state: "detached" });
  await shows(program(page, "铺货返").locator(".delta"), "¥100.00");
});

test("the next grade: how far, by which figure alone, and what it is worth; nothing of others", async (t) => {
  const page = await open(t);
  const grading = page.getByRole("region", { name: "等级评分" });
  await shows(grading, "得 75.00 分。");
  await shows(grading.locator(".delta"), "B → A按 2 张订单测算可得 ¥1,234.50");
  await draws(grading, [["posted", 75], ["limit", 85]]);
  for (const text of ["服务需 70，现为 60", "增长3", "75.00 × 100%", "达到即升级5"]) await shows(grading.locator(".drawn"), text);
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify(localStorage)), /别家的/);
  await page.getByRole("button", { name: "English" }).click();
  await shows(page.getByRole("region", { name: "Grade" }), "worth ¥1,234.50, orders: 2");
});

test("on a narrow phone nothing runs out at the side", async (t) => {
  const page = await open(t, { viewport: NARROW });
  await buy(page, "A", 6);
  await page.goto(`${new URL(page.url()).origin}/#order`);
  await page.locator(".race").first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), NARROW.width);
});
