// The page on a policy with tax, freight, units, territory and checks, which the sample policy need not have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "./staged.mjs";
import { NARROW } from "./visit.mjs";

const FILES = {
  "policy.yaml": `
policy: { id: guards, version: "1", valid: 2026-01-01 .. 2028-12-31, tax: { basis: exclusive, rate: 10 } }
products: products.csv
regions: [{ id: 华东 }, { id: 浙江, parent: 华东 }, { id: 江苏, parent: 华东 }, { id: 华南 }]
categories: [{ id: 家电 }, { id: 器械 }]
prices: [{ id: list, by: [sku], table: list.csv }]
freight: [{ id: truck, name: { zh: 运费, en: Truck }, table: freight.csv }]
approvals: [{ id: approval, by: [sku], table: approval.csv }]
recommended: [{ id: msrp, by: [sku], table: msrp.csv }]
territory: [{ when: { dealer: { id: D1 } }, region: 浙江 }, { when: { dealer: { id: D2 } }, region: 江苏, mode: exclusive }]
checks:
  - { id: least, order_minimum: { amount: 100 }, severity: block }
  - { id: most, order_maximum: 5000 }
  - { id: devices, licence: 器械 }
  - { id: near, corridor: { min: 97 } }
`,
  "products.csv": "sku,unit,units,category,multiple,step,max_order\nBOX,件,箱=12,家电,,,\nBIG,件,,家电,,,\nSHORT,件,,家电,6,,\nDEVICE,件,,器械,,,\nTILE,片,箱=4,家电,,6,24\nNEAR,件,,家电,,,\n",
  "list.csv": "sku,from_quantity,price\nBOX,0,10\nBOX,30,9\nBIG,0,4000\nSHORT,0,20\nDEVICE,0,50\nTILE,0,200\nNEAR,0,90\n",
  "approval.csv": "sku,price\nNEAR,95\n",
  "msrp.csv": "sku,price\nNEAR,100\n",
  "freight.csv": "region,charge\n浙江,10\n华东,30\n",
};
const DEALER = {
  schema: 1, id: "D1", as_of: "2026-11-20T08:00:00+08:00", region: "浙江", credit: { limit: "1000000" }, stock: [{ sku: "SHORT", available: 20 }],
  inventory: [{ sku: "SHORT", on_hand: 10, reorder_point: 30, max: 60 }, { sku: "BOX", on_hand: 5, reorder_point: 10, max: 20 }],
  attributes: { name_zh: "样例商行", name_en: "Sample" },
};

const open = stage(FILES, DEALER);
const input = (page, sku, unit, place = ".catalogue") => page.locator(`${place} quantity-field[sku="${sku}"]${unit ? `[unit="${unit}"]` : ":not([unit])"} input`);
const figure = (page, row) => page.locator(`.totals > .${row} dd`).textContent();
const listTotal = (page) => page.locator(".totals dd").first().textContent();

test("freight and tax are rows of the totals, and the region decides the freight", async (t) => {
  const page = await open(t);
  await input(page, "BIG").fill("1");
  assert.deepEqual(await Promise.all(["freight", "tax", "payable"].map((row) => figure(page, row))), ["¥10.00", "¥401.00", "¥4,411.00"]);
  await page.getByLabel("送货地区").selectOption("江苏");
  assert.deepEqual(await Promise.all(["freight", "tax", "payable"].map((row) => figure(page, row))), ["¥30.00", "¥403.00", "¥4,433.00"]);
  assert.equal(await input(page, "BIG").inputValue(), "1", "the cart stays");
  await page.locator('.line [sku="BIG"] .cure').filter({ hasText: "改送 浙江" }).click();
  assert.equal(await figure(page, "freight"), "¥10.00");
  await page.locator(".line .hint:empty").waitFor({ state: "attached" });
  await page.getByRole("button", { name: "提交订单" }).click();
  await page.locator(".verdict.accept").waitFor();
});

test("a line in boxes says how much that is, and is kept for the next visit", async (t) => {
  const page = await open(t);
  await input(page, "BOX", "箱").fill("2");
  await input(page, "BOX").fill("6");
  assert.equal(await page.locator('.line[data-line="BOX|箱"] .sku').textContent(), "BOX · 2 箱 = 24 件");
  assert.equal(await page.locator('.line[data-line="BOX|箱"] .sum strong').textContent(), "¥216.00");
  await page.waitForTimeout(100);
  await page.reload();
  await page.locator(".product").first().waitFor();
  assert.equal(await input(page, "BOX", "箱", ".order").inputValue(), "2");
  assert.equal(await input(page, "BOX", "", ".order").inputValue(), "6");
  assert.equal(await listTotal(page), "¥270.00");
  await page.locator(".order header button").first().click();
  await page.getByRole("textbox").last().fill("BOX 5\nBIG 1");
  await page.locator("dialog.paste .primary").click();
  assert.deepEqual(await page.locator(".line .sku").allTextContents(), ["BOX", "BIG"], "a list says all that is ordered of a product");
});

test("what the order as a whole lacks leads to its notice; what is too much is removed at a touch", async (t) => {
  const page = await open(t);
  await input(page, "BOX").fill("1");
  await page.locator(".notices .block").waitFor();
  await page.locator(".submit").click();
  assert.ok(await page.evaluate(() => document.activeElement.matches(".notices .block")));
  await input(page, "BOX").fill("20");
  await page.locator(".notices .block").waitFor({ state: "detached" });
  await input(page, "BIG").fill("2");
  await page.locator(".notices .cure").filter({ hasText: "移除 BIG" }).click();
  await page.locator(".notices li").waitFor({ state: "detached" });
  assert.equal(await listTotal(page), "¥200.00");
});

test("stock and licences are cured beside the quantity", async (t) => {
  const page = await open(t);
  await input(page, "SHORT").fill("24");
  await page.locator('.catalogue [sku="SHORT"] .cure').filter({ hasText: "改为 18 件" }).click();
  assert.equal(await input(page, "SHORT").inputValue(), "18");
  await input(page, "DEVICE").fill("1");
  await page.locator('.catalogue [sku="DEVICE"] .cure').filter({ hasText: "移除" }).click();
  assert.equal(await page.locator('.line[data-line^="DEVICE"]').count(), 0);
});

test("a price to approve and one far from the recommended one are told beside the quantity", async (t) => {
  const page = await open(t);
  await input(page, "NEAR").fill("2");
  const hint = page.locator('.catalogue [sku="NEAR"] .hint');
  await hint.filter({ hasText: "低于审批价 ¥190.00" }).waitFor();
  assert.match(await hint.textContent(), /建议零售价允许的 ¥194.00/);
  assert.equal(await page.locator('.catalogue [sku="NEAR"] .grave').count(), 0, "neither blocks");
  assert.equal(await page.locator(".submit").textContent(), "提交审批");
});

test("steps of a product are cured in the unit of the line, its most in one order too", async (t) => {
  const page = await open(t);
  await input(page, "TILE", "箱").fill("4");
  const cures = page.locator('.catalogue quantity-field[sku="TILE"][unit="箱"] .cure');
  assert.deepEqual(await cures.allTextContents(), ["改为 3 箱", "改为 6 箱"]);
  await cures.last().click();
  assert.equal(await input(page, "TILE", "箱").inputValue(), "6");
  await input(page, "TILE", "箱").fill("9");
  assert.deepEqual(await cures.allTextContents(), ["改为 6 箱"]);
  await input(page, "TILE").fill("6");
  await page.locator('.catalogue quantity-field[sku="TILE"]:not([unit]) .step').last().click();
  assert.equal(await input(page, "TILE").inputValue(), "12", "one step up");
});

test("what the dealer's stock asks for is added at a touch", async (t) => {
  const page = await open(t);
  const entries = page.locator(".replenish li");
  assert.deepEqual(await entries.locator(".cure").allTextContents(), ["补 15 件", "补 48 件"]);
  await entries.filter({ has: page.locator(".cure", { hasText: "48" }) }).locator(".cure").click();
  assert.equal(await input(page, "SHORT").inputValue(), "48");
  await page.locator(".replenish [data-sku=\"SHORT\"]").waitFor({ state: "detached" });
});

test("at 360 px nothing of it scrolls sideways, in either language", async (t) => {
  const page = await open(t, { viewport: NARROW, hasTouch: true, isMobile: true });
  for (const [sku, unit, quantity] of [["BOX", "箱", "2000"], ["BIG", "", "2"], ["SHORT", "", "24"], ["DEVICE", "", "1"]]) await input(page, sku, unit).fill(quantity);
  for (const view of ["", "#order"]) {
    await page.goto(new URL(view || "#", page.url()).href);
    for (let turn = 0; turn < 2; turn++) {
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, view);
      await page.locator("button.language").click();
    }
  }
});
