// Old SKUs on the page: searched for, pasted, and in a cart that was kept, they are told under the SKU that they stand for now.
import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "./staged.mjs";

const FILES = {
  "policy.yaml": `
policy: { id: renamed, version: "1", valid: 2026-01-01 .. 2035-12-31, horizon_years: 10 }
products: products.csv
aliases: aliases.csv
prices: [{ id: list, by: [sku], table: list.csv }]
assortment: [{ on: { sku: HIDDEN }, state: hidden }]
`,
  "products.csv": "sku,unit,name_zh,name_en\nNEW,件,新款,New one\nOTHER,件,另款,Other\nHIDDEN,件,,\n",
  "aliases.csv": "alias,sku\nOLD-1,NEW\nOLD-10,OTHER\nGONE,HIDDEN\n",
  "list.csv": "sku,price,from_quantity\nNEW,100,\nNEW,90,10\nOTHER,5,\n",
};
const DEALER = { schema: 1, id: "D1", as_of: "2026-11-20T08:00:00+08:00", attributes: { name_zh: "样例商行", name_en: "Sample" } };

const open = stage(FILES, DEALER);
const payable = (page) => page.locator(".totals > .payable dd").textContent();

test("a search for an old SKU finds the product and tells under which SKU", async (t) => {
  const page = await open(t);
  await page.locator("#search").fill("OLD-1");
  const found = page.locator(".catalogue .product");
  assert.deepEqual((await found.locator("p.sku").allTextContents()).map((text) => text.trim()), ["OLD-1 → NEW", "OTHER"], "OTHER was OLD-10 and is only near");
  await page.locator("#search").fill("新款");
  assert.deepEqual((await found.locator("p.sku").allTextContents()).map((text) => text.trim()), ["NEW"]);
});

test("a pasted list takes old SKUs, sums them with the new one, and says so at the row and at the line, in both languages", async (t) => {
  const page = await open(t);
  await page.locator(".order header button.quiet").first().click();
  await page.locator("#list").fill("OLD-1\t4\nnew\t6\nOTHER 1\nGONE 1\nOLD-2 1");
  const cells = page.locator("dialog.paste tbody tr td:nth-child(2)");
  assert.deepEqual(await cells.allTextContents(), ["OLD-1 → NEW", "NEW", "OTHER", "GONE", "OLD-2"]);
  assert.equal(await page.locator("dialog.paste tbody tr.fault").count(), 2, "what is hidden is as unknown as what there is not");
  await page.locator("dialog.paste footer button").click();
  await page.keyboard.press("Escape");
  const line = page.locator('.line[data-line="NEW|件"]');
  await line.getByText("OLD-1 现编码为 NEW。").waitFor();
  assert.equal(await payable(page), "¥905.00", "ten at 90.00");
  assert.equal(await page.locator('.line[data-line="OTHER|件"] .special').textContent(), "");
  await page.locator("button.language").click();
  await line.getByText("OLD-1 is NEW now.").waitFor();
});

test("a cart that was kept with an old SKU is there under the new one", async (t) => {
  const page = await open(t);
  await page.evaluate(() => localStorage.setItem("qudao.cart.D1", JSON.stringify([["OLD-1", "3", "件"], ["GONE", "1", "件"], ["OLD-2", "1", "件"]])));
  // What is kept when a page is left is its cart, so this one must not be.
  await page.evaluate(() => { Storage.prototype.setItem = () => {}; });
  await page.reload();
  const line = page.locator('.line[data-line="NEW|件"]');
  await line.getByText("OLD-1 现编码为 NEW。").waitFor();
  await page.locator(".notices .warn").getByText("GONE、OLD-2").waitFor();
  assert.equal(await payable(page), "¥300.00");
});
