// Hints, equal alternatives and declined promotions on the page, on the sample policy with some of them added.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { withCredit } from "../edge/client.mjs";
import { stageOffers } from "../offers.mjs";
import { launch } from "./chromium.mjs";
import { NARROW, visit } from "./visit.mjs";

const MORE = `
groups: [{ id: trap, mode: exclusive }, { id: either, mode: best }]
promotions:
  - { id: trap, name: { zh: 小优惠, en: Small deal }, when: { order: { source: portal } }, get: { amount_off: 1 }, group: trap }
  - { id: this, name: { zh: 甲, en: This }, stage: coupon, at: { quantity: 1 }, get: { amount_off: 40 }, group: either }
  - { id: that, name: { zh: 乙, en: That }, stage: coupon, at: { quantity: 1 }, get: { amount_off: 40 }, group: either }
`;

let browser, offers;
before(async () => {
  browser = await launch();
  offers = await stageOffers(MORE);
});
after(async () => {
  await browser?.close();
  offers?.remove();
});

/** The page with one line in the cart, and nothing thrown when the test ends. */
async function open(t, options = {}) {
  const { page, server } = await visit(t, browser, { staged: offers.folder, ...options });
  const { known } = await withCredit(server.origin);
  await page.goto(server.origin);
  await page.locator(`[data-dealer="${known.facts.id}"]`).click();
  const input = page.locator(".catalogue quantity-field input").first();
  await input.fill("1");
  if (options.viewport === NARROW) await page.locator(".bar button").click();
  return page;
}

const payable = (page) => page.locator(".totals .payable dd").textContent();
const amount = (text) => Number(text.replace(/[^\d.]/g, ""));

test("what is worth declining is declined at a touch, and taken again", async (t) => {
  const page = await open(t);
  const hint = page.locator(".hint-decline").filter({ hasText: "小优惠" });
  await hint.waitFor();
  const before = await payable(page);
  await hint.getByRole("button", { name: "放弃" }).click();
  await page.getByText("已放弃：小优惠").waitFor();
  assert.ok(amount(await payable(page)) < amount(before), "it costs less");
  await page.reload();
  await page.getByText("已放弃：小优惠").waitFor();
  await page.getByRole("button", { name: "恢复" }).click();
  await hint.waitFor();
  assert.equal(await payable(page), before);
});

test("of combinations that are worth as much the dealer takes one", async (t) => {
  const page = await open(t);
  await page.locator(".hint-decline").filter({ hasText: "小优惠" }).getByRole("button").click();
  await page.locator(".hints .declined").waitFor();
  const other = page.locator(".alternative[aria-pressed=false]");
  await page.locator(".alternative[aria-pressed=true]").filter({ hasText: "乙" }).waitFor();
  const before = await payable(page);
  await other.filter({ hasText: "甲" }).click();
  await page.getByText("已放弃：乙").waitFor();
  assert.equal(await payable(page), before);
});

test("on a narrow phone, in English: nothing is cut off, everything to touch is 44 px", async (t) => {
  const page = await open(t, { viewport: NARROW, locale: "en-GB", hasTouch: true, isMobile: true });
  await page.locator(".hint-decline").filter({ hasText: "Small deal" }).waitFor();
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling");
  const small = await page.locator(".hints button:visible").evaluateAll((nodes) => nodes
    .map((node) => node.getBoundingClientRect()).filter(({ height, width }) => height < 42 || width < 42).length);
  assert.equal(small, 0);
  await page.locator(".hints").scrollIntoViewIfNeeded();
  if (process.env.QUDAO_SHOTS) await page.screenshot({ path: `${process.env.QUDAO_SHOTS}/hints-phone.png` });
});
