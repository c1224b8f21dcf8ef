// Rebates on the page: progress, terms and the way to the next tier, lots and their best use, what a return would take back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "./staged.mjs";
import { NARROW } from "./visit.mjs";

const DAY = 86_400_000;
const FILES = {
  "policy.yaml": `
policy: { id: rebates, version: "1", valid: 2026-01-01 .. 2035-12-31, horizon_years: 10 }
products: products.csv
prices: [{ id: list, by: [sku], table: list.csv }]
kpis: [{ id: service, name: { zh: 服务评分, en: Service score } }]
budgets: [{ id: fund, name: { zh: 专款, en: Fund }, amount: 30 }]
programs:
  - { id: year, name: { zh: 规模返, en: Volume }, period: lifetime, mode: retroactive, tiers: [{ from: 0, percent: 1 }, { from: 900, percent: 5 }] }
  - id: terms
    name: { zh: 条件返, en: With terms }
    period: lifetime
    on: { sku: Q }
    mode: retroactive
    minimum: 60
    budget: fund
    tiers: [{ from: 0, percent: 10 }]
    modifiers: [{ kpi: service, kind: multiply, bands: [{ from: 60, percent: 80 }] }]
redemption: { share: 50 }
`,
  "products.csv": "sku,unit\nP,件\nQ,件\n",
  "list.csv": "sku,price\nP,100\nQ,100\n",
};
const lot = (id, balance, issued, expires) => ({ id, balance, issued: Date.now() + issued * DAY, ...(expires && { expires: Date.now() + expires * DAY }) });
const DEALER = {
  schema: 1, id: "D1", as_of: "2026-01-02T08:00:00+08:00", kpis: { service: "70" },
  lots: [lot("L1", "80", -30, 10), lot("L2", "300", -30), lot("L3", "500", 5), lot("L4", "40", -60, -1)],
  attributes: { name_zh: "样例商行", name_en: "Sample" },
};

const open = stage(FILES, DEALER);
const fill = (page, sku, quantity, place = ".catalogue") => page.locator(`${place} quantity-field[sku="${sku}"] input`).fill(quantity);
const payable = (page) => page.locator(".totals > .payable dd").textContent();
const program = (page, name) => page.locator(".program").filter({ has: page.getByRole("heading", { name }) });
const plans = (page) => page.locator(".lots .alternative");
const texts = (locator) => locator.evaluateAll((nodes) => nodes.map((node) => node.textContent));

test("a program shows what there was, what this order adds, what the next tier lacks and is worth, and is brought there at a touch", async (t) => {
  const page = await open(t);
  await fill(page, "P", "8");
  const year = program(page, "规模返");
  await year.getByText("还差 ¥100.00，达到 5% 一档，返利再增 ¥37.00").waitFor();
  assert.equal(await year.locator(".delta").textContent(), "¥0.00 → ¥8.00+¥8.00");
  assert.match(await year.locator(".tiers").getAttribute("aria-label"), /本单增加 ¥8.00/);
  assert.equal(await year.locator(".tiers .tier").count(), 4, "a step and its words for the tier that is reached, and for the next one");
  const way = year.locator(".step-up");
  assert.match(await way.textContent(), /¥37.00/);
  await way.getByRole("button", { name: "改为 9 件" }).click();
  await year.getByText("已在最高一档：5%").waitFor();
  assert.equal(await year.locator(".delta").textContent(), "¥0.00 → ¥45.00+¥45.00");
  await way.waitFor({ state: "detached" });
  await year.getByText("怎么算").click();
  assert.deepEqual(await texts(year.locator("details li")), ["P|件¥45.00"]);
});

test("what a program asks for stands beside its figures", async (t) => {
  const page = await open(t);
  await fill(page, "Q", "5");
  const terms = program(page, "条件返");
  for (const text of ["「服务评分」为 70，返利按 80% 计", "满 ¥60.00 起付，还差 ¥30.00", "预算只剩 ¥30.00，¥10.00 不计"]) await terms.getByText(text).waitFor();
  assert.equal(await terms.locator(".delta strong").textContent(), "¥30.00", "10 % of 500.00, 80 % of it; the budget has 30.00");
});

test("lots: what each is and how they are best used, which is taken at a touch and depends on the next order", async (t) => {
  const page = await open(t);
  await fill(page, "P", "10");
  await plans(page).nth(3).waitFor();
  // §54: 80.00 of it expires before the next order; 100.00 keeps the tier of 5 %; 380.00 falls to 1 % of 620.00.
  assert.deepEqual(await texts(plans(page)), [
    "抵扣 ¥80.00最划算本单返利 ¥46.00应付¥920.00", "抵扣 ¥100.00本单返利 ¥45.00应付¥900.00", "抵扣 ¥380.00本单返利 ¥6.20应付¥620.00",
    "这次不用本单返利 ¥50.00过期作废 ¥80.00应付¥1,000.00",
  ]);
  assert.equal(await plans(page).nth(3).getAttribute("aria-pressed"), "true");
  await plans(page).first().click();
  assert.equal(await payable(page), "¥920.00");
  await page.locator(".lots .alternative[aria-pressed=true]").filter({ hasText: "¥80.00" }).waitFor();
  await page.locator(".lots summary").click();
  const held = await texts(page.locator(".lots .plain li"));
  assert.equal(held.length, 4);
  assert.match(held[0], /^L1 .*前有效−¥80.00¥0.00$/);
  assert.match(held[1], /^L2¥300.00$/);
  assert.match(held[2], /^L3 冻结至 .*¥500.00$/);
  assert.match(held[3], /^L4 已过期¥40.00$/);
  await page.getByLabel("下次下单").selectOption({ label: "7 天内" });
  assert.match(await plans(page).first().textContent(), /^这次不用/, "nothing expires by then");
  await plans(page).first().focus();
  await page.keyboard.press("Enter");
  assert.equal(await payable(page), "¥1,000.00");
});

test("of a past order a return says what comes back and what it takes back, before it is made", async (t) => {
  const page = await open(t);
  await fill(page, "P", "10");
  await page.locator(".submit").click();
  await page.locator(".verdict.accept").getByRole("link", { name: "历史订单" }).click();
  await page.locator(".orders summary").first().click();
  await page.getByText("退货试算").click();
  const [form, back] = [page.locator(".return"), page.getByLabel("退回 P（件）")];
  await back.fill("1");
  assert.deepEqual(await texts(form.locator(".totals > div")), ["退款¥100.00", "追回返利¥5.00"]);
  await back.fill("２");
  await form.getByText("退款").waitFor();
  assert.deepEqual(await texts(form.locator(".totals > div")), ["退款¥200.00", "追回返利¥42.00"], "5 % of 1000.00, 1 % of 800.00");
  assert.match(await form.locator(".reason.minus").textContent(), /¥36.00/, "the cost of falling under the tier: 45.00 − 1 % of 899.99");
  await back.fill("11");
  await form.locator(".hint").waitFor();
  await back.fill("");
  assert.equal(await form.getByRole("status").textContent(), "");
});

test("on a narrow phone, in either language: nothing is cut off, everything to touch is 44 px", async (t) => {
  const page = await open(t, { viewport: NARROW, hasTouch: true, isMobile: true });
  await fill(page, "P", "7");
  await fill(page, "Q", "1");
  await page.locator(".bar button").click();
  for (let turn = 0; turn < 2; turn++) {
    await page.locator(".step-up").first().waitFor();
    await plans(page).first().waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360);
    const small = await page.locator(":is(.program, .lots) :is(button, select, summary):visible").evaluateAll((nodes) => nodes
      .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect().height]).filter(([, height]) => height < 42));
    assert.deepEqual(small, []);
    await page.locator("button.language").click();
  }
});
